"""A patient who never was: chest and upper abdomen of analytic solids with known CT numbers.

Coordinates are LPS mm: x grows to the patient's left, y to the back, z to the head. z = 0 lies in the upper
abdomen, z = 320 at the thoracic inlet. Later paintings cover earlier ones, as a painter works.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from noctis_tui.demo.solids import Ellipsoid, Ring, Solid, Tube

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

AIR = -1000.0
LUNG = -850.0
FAT = -100.0
WATER = 0.0
SOFT_TISSUE = 40.0
MUSCLE = 55.0
LIVER = 105.0
SPLEEN = 120.0
CARTILAGE = 110.0
CANCELLOUS_BONE = 400.0
CORTICAL_BONE = 1000.0
CONTRAST = 300.0
NODULE_MM = (-78.0, 22.0, 214.0)
"""Center of a round nodule of 6 mm radius and soft-tissue density in the right lung."""
CYST_MM = (-88.0, -10.0, 62.0)
"""Center of a water-filled cyst of 13 mm radius in the liver."""

_SPINE_Y = 62.0


class Painting(NamedTuple):
    """A solid and the CT number inside it."""

    solid: Solid
    hounsfield_units: float


@cache
def paintings() -> tuple[Painting, ...]:
    """Return the whole patient, in painting order."""
    parts = (
        _table(),
        _torso(),
        _abdomen(),
        _lungs(),
        _lung_vessels(),
        _heart(),
        _airways(),
        _great_vessels(),
    )
    return tuple(Painting(solid, value) for part in (*parts, _bones()) for solid, value in part)


def hu_at(
    x_mm: NDArray[np.floating[Any]], y_mm: NDArray[np.floating[Any]], z_mm: NDArray[np.floating[Any]]
) -> NDArray[np.float32]:
    """Return the CT number at points in patient space (LPS mm); the three arrays broadcast."""
    x, y, z = (np.asarray(values, np.float64) for values in (x_mm, y_mm, z_mm))
    values = np.full(np.broadcast_shapes(x.shape, y.shape, z.shape), AIR, np.float32)
    for solid, hounsfield_units in paintings():
        np.copyto(values, np.float32(hounsfield_units), where=solid.contains(x, y, z))
    return values


def _table() -> Iterator[tuple[Solid, float]]:
    yield Ellipsoid((0, 60, 160), (205, 75, 1e4), z_range=(-1e3, 1e3)), -200.0
    yield Ellipsoid((0, 58, 160), (203, 74, 1e4), z_range=(-1e3, 1e3)), AIR


def _narrowing(z: NDArray[np.floating[Any]]) -> tuple[Any, Any, Any]:
    """Return how much of its width and depth the chest keeps at a height, and how far it moves back (mm)."""
    share = np.clip((z - 190) / 130, 0, 1) ** 2
    return 1 - 0.26 * share, 1 - 0.16 * share, 17 * share


class _Torso(NamedTuple):
    """An oval column that narrows towards the neck; its back stays straight."""

    radii: tuple[float, float]
    power: float

    @property
    def box(self) -> tuple[float, float, float, float, float, float]:
        width, depth = self.radii
        return -width, width, 4 - depth, 6 + depth, -1e4, 1e4

    def contains(
        self, x: NDArray[np.floating[Any]], y: NDArray[np.floating[Any]], z: NDArray[np.floating[Any]]
    ) -> NDArray[np.bool_]:
        width, depth, back = _narrowing(z)
        u, v = x / (width * self.radii[0]), (y - 4 - back) / (depth * self.radii[1])
        inside: NDArray[np.bool_] = (np.abs(u) ** self.power + np.abs(v) ** self.power <= 1) & np.isfinite(z)
        return inside


def _torso() -> Iterator[tuple[Solid, float]]:
    yield _Torso((170, 120), 2.4), SOFT_TISSUE  # skin
    yield _Torso((168, 118), 2.4), FAT
    yield _Torso((153, 104), 2.3), MUSCLE
    for side in (-1, 1):  # fat between the layers of muscle, and along the back
        yield Tube((side * 132, 40, -50), (side * 120, 30, 400), 7, 12), FAT
        yield Tube((side * 128, 42, -50), (side * 116, 34, 400), 6, 10), MUSCLE
        yield Ellipsoid((side * 34, 86, 150), (30, 15, 600)), MUSCLE
    yield Tube((0, 102, -60), (0, 102, 420), 4, 4), FAT


def _abdomen() -> Iterator[tuple[Solid, float]]:
    yield Ellipsoid((0, -8, 20), (135, 84, 130), 2.6), FAT
    yield Ellipsoid((-58, -10, 68), (76, 72, 72), 2.5), LIVER
    yield Ellipsoid((12, -40, 78), (52, 38, 38), 2.4), LIVER
    yield from _liver_vessels()
    yield Ellipsoid(CYST_MM, (13, 13, 13)), WATER
    yield Ellipsoid((-38, -52, 30), (15, 20, 24)), 8.0  # gallbladder
    yield Ellipsoid((96, 30, 88), (33, 44, 48), 2.3), SPLEEN
    yield Ellipsoid((58, -22, 84), (44, 36, 40), 2.2), SOFT_TISSUE  # stomach: wall, fluid, gas
    yield Ellipsoid((58, -22, 84), (40, 32, 36), 2.2), 12.0
    yield Ellipsoid((56, -38, 86), (32, 14, 30)), AIR
    for side, height in ((-1, 40), (1, 52)):
        yield Ellipsoid((side * 64, 44, height), (30, 25, 52), 2.3), 190.0  # kidney: cortex, medulla, pelvis
        yield Ellipsoid((side * 61, 43, height), (19, 15, 38)), 130.0
        yield Ellipsoid((side * 52, 40, height), (12, 9, 16)), FAT
        yield Tube((side * 16, 28, height), (side * 58, 40, height), 4.5, 2.5), CONTRAST
        yield Ellipsoid((side * 27, 55, 20), (20, 17, 110)), MUSCLE  # psoas
        yield Tube((side * 104, 12, -30), (side * 102, 4, 34), 17, 15), SOFT_TISSUE  # colon
        yield Tube((side * 104, 10, -30), (side * 102, 2, 34), 12, 10), -400.0
    yield Tube((-30, -8, 44), (70, 6, 62), 13, 9), 80.0  # pancreas
    for loop in range(7):
        x, y = 62 - 20.5 * loop, -34 + 11 * (loop % 3)
        yield Tube((x, y, -30), (x + 12, y - 8, 16 + 5 * (loop % 2)), 14, 12), SOFT_TISSUE
        yield Tube((x, y, -30), (x + 12, y - 8, 12 + 5 * (loop % 2)), 7, 6), 15.0


def _liver_vessels() -> Iterator[tuple[Solid, float]]:
    trunk = (-34.0, 2.0, 62.0)
    yield Tube((6, 4, 46), trunk, 7, 6), 170.0
    ends = ((-86, 26, 70), (-100, -12, 88), (-66, -44, 74), (-84, 14, 40), (8, -46, 84), (-60, 30, 100))
    for x, y, z in ends:
        yield Tube(trunk, (x, y, z), 4.5, 1.5), 170.0
    for x, y, z in ((-96, 8, 94), (-52, -40, 96), (-18, -34, 96)):  # hepatic veins to the vena cava
        yield Tube((-26, 12, 122), (x, y, z), 5, 2), 160.0


class _Lung(NamedTuple):
    """An ellipsoid above a dome, in one solid so that its base follows the diaphragm."""

    side: int

    @property
    def box(self) -> tuple[float, float, float, float, float, float]:
        center = 72.0 * self.side
        return center - 64, center + 64, -90.0, 104.0, 0.0, 316.0

    def contains(
        self, x: NDArray[np.floating[Any]], y: NDArray[np.floating[Any]], z: NDArray[np.floating[Any]]
    ) -> NDArray[np.bool_]:
        width, depth, back = _narrowing(z)
        center_x = 72.0 * self.side * width
        u, v, w = (x - center_x) / (60 * width), (y - 2 - back) / (88 * depth), (z - 116) / 198
        shell = np.abs(u) ** 2.3 + np.abs(v) ** 2.3 + np.abs(w) ** 3.6 <= 1
        top = 150.0 if self.side < 0 else 138.0
        dome = top - 78 * (((x - center_x * 0.9) / 78) ** 2 + ((y + 6) / 92) ** 2)
        inside: NDArray[np.bool_] = shell & (z >= dome)
        return inside


def _lungs() -> Iterator[tuple[Solid, float]]:
    for side in (-1, 1):
        yield _Lung(side), LUNG


def _lung_vessels() -> Iterator[tuple[Solid, float]]:
    random = np.random.default_rng(20240131)
    for side in (-1, 1):
        hilum = (side * 34.0, 8.0, 192.0)
        for azimuth in np.linspace(0, 2 * np.pi, 11, endpoint=False):
            upright = abs(np.sin(azimuth))
            direction = np.array((side * (0.8 - 0.35 * upright), np.cos(azimuth), 1.3 * np.sin(azimuth)))
            yield from _branches(hilum, direction, 4.6, 34 + 16 * upright, 5, random)
    yield Ellipsoid(NODULE_MM, (6, 6, 6)), SOFT_TISSUE


def _branches(
    start: tuple[float, float, float],
    direction: NDArray[np.floating[Any]],
    radius: float,
    length: float,
    generations: int,
    random: np.random.Generator,
) -> Iterator[tuple[Solid, float]]:
    """Grow a tree of vessels; twigs that leave the lung are not grown."""
    unit = direction / np.linalg.norm(direction)
    x, y, z = (float(value) for value in np.asarray(start) + unit * length)
    lung = _Lung(1 if x > 0 else -1)
    if not lung.contains(np.array(x * 1.04), np.array(y * 1.06), np.array(z))[()]:
        return
    yield Tube(start, (x, y, z), radius, radius * 0.74), SOFT_TISSUE if radius < 2 else CONTRAST
    if generations > 1:
        for _ in range(2):
            turned = unit + random.normal(0, 0.45, 3)
            yield from _branches((x, y, z), turned, radius * 0.7, length * 0.76, generations - 1, random)


def _heart() -> Iterator[tuple[Solid, float]]:
    yield Ellipsoid((0, 4, 230), (40, 52, 120), 2.2), FAT  # mediastinum
    yield Ellipsoid((0, 30, 200), (26, 34, 130), 2.2), FAT
    yield Ellipsoid((22, -30, 152), (66, 54, 50), 2.2), FAT  # pericardial fat
    yield Ellipsoid((22, -28, 154), (61, 48, 46), 2.2), 110.0  # myocardium
    yield Ellipsoid((38, -18, 150), (30, 24, 30)), CONTRAST  # left ventricle
    yield Ellipsoid((6, -46, 148), (36, 20, 30)), 260.0  # right ventricle
    yield Ellipsoid((-20, -22, 160), (23, 25, 28)), 260.0  # right atrium
    yield Ellipsoid((8, 14, 172), (32, 17, 19)), CONTRAST  # left atrium
    for side in (-1, 1):
        yield Tube((side * 22, 14, 172), (side * 46, 22, 168), 7, 4), CONTRAST  # pulmonary veins
    yield Tube((30, -40, 190), (56, -44, 130), 2, 1.4), CONTRAST  # a coronary artery in its fat


def _airways() -> Iterator[tuple[Solid, float]]:
    segments = (
        ((0, 18, 420), (0, 22, 214), 9.5, 9.0),
        ((0, 22, 214), (-36, 18, 184), 8.0, 6.5),
        ((0, 22, 214), (40, 20, 180), 7.5, 6.0),
        ((-36, 18, 184), (-62, 30, 150), 5.0, 3.2),
        ((40, 20, 180), (64, 34, 146), 5.0, 3.2),
        ((-36, 18, 190), (-64, 6, 222), 4.4, 2.6),
        ((40, 20, 186), (66, 4, 216), 4.4, 2.6),
    )
    for start, end, first, last in segments:
        yield Tube(start, end, first + 1.8, last + 1.3), SOFT_TISSUE
    for start, end, first, last in segments:
        yield Tube(start, end, first, last), AIR


def _great_vessels() -> Iterator[tuple[Solid, float]]:
    yield Tube((3, 40, 420), (10, 40, 110), 7, 8), SOFT_TISSUE  # esophagus
    yield Tube((3, 39, 420), (10, 39, 110), 2, 2), -200.0
    aorta = ((10, -18, 176), (-8, -28, 206), (-2, -20, 234), (12, 2, 244), (24, 26, 232), (26, 42, 206))
    descending = ((26, 44, 120), (8, 42, 60), (4, 34, -80))
    points = (*aorta, *descending)
    for index, (start, end) in enumerate(pairwise(points)):
        radius = 15 - 0.7 * index
        yield Tube(start, end, radius + 1.5, radius + 0.8), SOFT_TISSUE
    for index, (start, end) in enumerate(pairwise(points)):
        yield Tube(start, end, 15 - 0.7 * index, 14.3 - 0.7 * index), CONTRAST
    yield Ellipsoid((32, 50, 226), (4, 2.5, 6)), 700.0  # plaque in the wall of the arch
    yield Tube((24, -34, 186), (18, -20, 208), 14, 12), CONTRAST  # pulmonary trunk and arteries
    yield Tube((14, -12, 208), (-38, 2, 196), 10, 7), CONTRAST
    yield Tube((18, -12, 208), (40, 8, 198), 10, 7), CONTRAST
    yield Tube((-22, -16, 176), (-22, -20, 270), 10, 8), 320.0  # superior vena cava, arch branches
    yield Tube((-22, -20, 268), (34, -34, 300), 7, 6), 320.0
    for start, end in (
        ((-2, -18, 242), (-20, -8, 420)),
        ((8, -4, 248), (14, -2, 420)),
        ((18, 8, 246), (36, 10, 420)),
    ):
        yield Tube(start, end, 6, 5), CONTRAST
    yield Tube((-24, 14, -80), (-22, 6, 148), 11, 12), 150.0  # inferior vena cava
    yield Tube((6, 22, 84), (16, -22, 74), 4, 3), CONTRAST  # celiac and mesenteric arteries
    yield Tube((4, 24, 56), (4, -30, -40), 4, 3), CONTRAST


def _bones() -> Iterator[tuple[Solid, float]]:
    for level in range(-2, 13):
        yield from _vertebra(14.0 + 30.0 * level)
    yield Ellipsoid((0, -88, 218), (17, 6.5, 62), 2.6), 700.0  # sternum
    yield Ellipsoid((0, -88, 218), (14, 4, 59), 2.6), CANCELLOUS_BONE
    for number in range(13):
        yield from _rib(330.0 - 25.0 * number)
    for side in (-1, 1):
        yield Tube((side * 96, 74, 150), (side * 92, 66, 330), 3.0, 5.0), 700.0  # scapula
        yield Tube((side * 76, 88, 215), (side * 94, 70, 300), 2.6, 4.5), 700.0


def _vertebra(z: float) -> Iterator[tuple[Solid, float]]:
    y = _SPINE_Y
    yield Ellipsoid((0, y, z), (20, 15, 16), 2.6), CARTILAGE  # disc, body, marrow
    yield Ellipsoid((0, y, z), (22, 16.5, 13), 4.0, (z - 11.5, z + 11.5)), CORTICAL_BONE
    yield Ellipsoid((0, y, z), (20, 14.5, 11), 4.0, (z - 10, z + 10)), CANCELLOUS_BONE
    for side in (-1, 1):
        yield Tube((side * 12, y + 12, z + 3), (side * 13, y + 26, z + 2), 4.5, 4.5), CORTICAL_BONE
        yield Tube((side * 13, y + 24, z + 2), (side * 36, y + 30, z + 4), 4.5, 3.5), 700.0
        yield Tube((side * 13, y + 26, z), (0, y + 31, z - 4), 4.0, 4.5), 700.0
    yield Tube((0, y + 31, z - 4), (0, y + 47, z - 16), 4.0, 3.0), 700.0
    yield Ellipsoid((0, y + 21, z), (9.5, 7, 40), 2.0, (z - 15, z + 15)), 15.0  # canal and cord
    yield Ellipsoid((0, y + 21, z), (5, 4, 40), 2.0, (z - 15, z + 15)), SOFT_TISSUE


def _rib(z: float) -> Iterator[tuple[Solid, float]]:
    width, depth, back = (float(value) for value in _narrowing(np.array(z)))
    radii, center_y = (136.0 * width, 93.0 * depth), 3.0 + back
    if z > 140:
        yield Ring(z, center_y, radii, 70.0, (3.6, 5.5), (-110.0, -58.0)), CARTILAGE
    bony = (-58.0, 92.0 + back / 2) if z > 60 else (-10.0, 92.0)
    yield Ring(z, center_y, radii, 70.0, (4.2, 6.5), bony), CORTICAL_BONE
    yield Ring(z, center_y, radii, 70.0, (2.4, 4.2), bony), CANCELLOUS_BONE
