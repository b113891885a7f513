"""Siemens MOSAIC: the slices of a volume side by side in one frame.

The number of slices is NumberOfImagesInMosaic of the CSA header, or what the protocol in it says; the tiles
are as many across as down. Image Position (Patient) of a mosaic is that of a slice as large as the whole
picture, so that the first slice begins half the difference further in (nibabel, "Siemens mosaic format").
Whether the slices then rise along the normal or fall is asked of the protocol's slice positions: with the
numbering reversed the first tile is the protocol's last slice, and the cross product alone would put the head
above itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING

from archive.dicom import keywords as kw
from archive.dicom.private_elements import private_tag
from archive.dicom.siemens_csa import read_csa, read_protocol
from archive.errors import BadInput

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from archive.dicom.data_set import DataSet
    from archive.pixels.attributes import FrameAttributes
    from archive.pixels.frames import ImageFile

TILES_LIMIT = 4096
_GROUPS = frozenset((0x0008, 0x0018, 0x0019, 0x0029))
_IMAGE_HEADER_NAMES = frozenset(("NumberOfImagesInMosaic", "SliceNormalVector", "ProtocolSliceNumber"))
_SAME_PLACE_MM = 1.0

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Tiling:
    """How a mosaic is laid out, and how its slices lie in the patient.

    `step_mm` leads from a slice to the next, LPS; None when the file does not say whether they rise or fall.
    """

    count: int
    across: int
    rows: int
    columns: int
    first_position: Vector | None
    step_mm: Vector | None

    def position(self, tile: int) -> Vector | None:
        """Return the Image Position (Patient) of a slice."""
        if self.first_position is None or self.step_mm is None:
            return self.first_position if tile == 0 else None
        return _sum(self.first_position, self.step_mm, tile)


class Mosaic:
    """The slices of a mosaic; the one picture that they share is decoded once."""

    def __init__(self, image: ImageFile, tiling: Tiling) -> None:
        self._image = image
        self.tiling = tiling
        self._whole: NDArray[Any] | None = None
        self._lock = Lock()

    @property
    def count(self) -> int:
        """Number of slices."""
        return self.tiling.count

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of a slice."""
        return self.tiling.rows, self.tiling.columns

    def stored_values(self, tile: int) -> NDArray[Any]:
        """Return a slice [rows, columns], counted from 0.

        Raises
        ------
        BadInput
            When there is no such slice.
        CannotDecode
            When the picture cannot be decoded.
        """
        self._check(tile)
        tiling = self.tiling
        top, left = (tile // tiling.across) * tiling.rows, (tile % tiling.across) * tiling.columns
        with self._lock:
            if self._whole is None:
                self._whole = self._image.stored_values(0)
            return self._whole[top : top + tiling.rows, left : left + tiling.columns].copy()

    def attributes(self, tile: int) -> FrameAttributes:
        """Return what holds for a slice; its `frame_index` counts on from the file's own frame."""
        self._check(tile)
        base = self._image.frame_attributes(0)
        return replace(
            base,
            frame_index=self._image.frame_count + tile,
            image_position_patient=self.tiling.position(tile),
            in_stack_position_number=tile + 1,
            shutter=None,  # lies over the mosaic
        )

    def _check(self, tile: int) -> None:
        if not 0 <= tile < self.tiling.count:
            raise BadInput(f"There is no slice {tile + 1}: the mosaic has {self.tiling.count}.")


def open_mosaic(image: ImageFile) -> Mosaic | None:
    """Return the slices of an image that is a mosaic, None when it is not or does not say of how many.

    Raises
    ------
    CannotDecode
        When its attributes nest deeper than any image needs.
    """
    if not image.is_mosaic or image.frame_count != 1:
        return None
    tiling = _read_tiling(image.data_set(_GROUPS), image)
    return Mosaic(image, tiling) if tiling is not None else None


@dataclass(frozen=True, slots=True)
class _PrivateHeaders:
    """What Siemens says about a mosaic: the image's CSA header and the protocol's text."""

    counted: int
    image: dict[str, tuple[str, ...]]
    protocol: bytes

    @property
    def number_of_slices(self) -> int:
        """How many slices there are, 0 when nothing says so."""
        in_protocol = read_protocol(self.protocol, {"sSliceArray.lSize"}).get("sSliceArray.lSize", 0.0)
        said = (self.counted, _number(self.image.get("NumberOfImagesInMosaic", ())), in_protocol)
        return int(next((number for number in said if math.isfinite(number) and number > 0), 0))


def _read_tiling(ds: DataSet, image: ImageFile) -> Tiling | None:
    headers = _PrivateHeaders(
        ds.integer(private_tag(ds, 0x0019, "SIEMENS MR HEADER", 0x0A), 0),
        read_csa(ds.raw(private_tag(ds, 0x0029, "SIEMENS CSA HEADER", 0x10)), _IMAGE_HEADER_NAMES),
        ds.raw(private_tag(ds, 0x0029, "SIEMENS CSA HEADER", 0x20)),
    )
    count = headers.number_of_slices
    if not 1 < count <= TILES_LIMIT:
        return None
    across = math.isqrt(count - 1) + 1
    rows, columns = image.attributes.rows, image.attributes.columns
    if rows % across or columns % across:
        return None
    size = rows // across, columns // across
    frame = image.frame_attributes(0)
    first = _first_position(frame, (rows, columns), size)
    apart = next(iter(ds.numbers(kw.SPACING_BETWEEN_SLICES)), frame.slice_thickness_mm or math.nan)
    step = _step(headers, frame, count, first, size, apart)
    return Tiling(count, across, *size, first, step)


def _number(values: tuple[str, ...]) -> float:
    try:
        return float(values[0])
    except (IndexError, ValueError):
        return 0.0


def _first_position(frame: FrameAttributes, whole: tuple[int, int], size: tuple[int, int]) -> Vector | None:
    position, orientation, spacing = (
        frame.image_position_patient,
        frame.image_orientation_patient,
        frame.pixel_spacing,
    )
    if position is None or orientation is None or spacing is None:
        return None
    across = (whole[1] - size[1]) / 2 * spacing[1]
    down = (whole[0] - size[0]) / 2 * spacing[0]
    return _sum(_sum(position, orientation[:3], across), orientation[3:], down)


def _step(
    headers: _PrivateHeaders,
    frame: FrameAttributes,
    count: int,
    first: Vector | None,
    size: tuple[int, int],
    apart_mm: float,
) -> Vector | None:
    """Return the way from a slice to the next."""
    orientation, spacing = frame.image_orientation_patient, frame.pixel_spacing
    if first is None or orientation is None or spacing is None:
        return None
    across, down = orientation[:3], orientation[3:]
    normal = _cross(across, down)
    center = _sum(_sum(first, across, size[1] / 2 * spacing[1]), down, size[0] / 2 * spacing[0])
    ends = _protocol_ends(headers.protocol, count)
    direction = _direction_of_protocol(ends, center, normal) or _direction_of_header(headers.image, normal)
    if ends is not None:
        apart_mm = math.dist(*ends) / (count - 1)
    known = direction and math.isfinite(apart_mm) and apart_mm > 0
    return _sum((0.0, 0.0, 0.0), normal, direction * apart_mm) if known else None


def _protocol_ends(data: bytes, count: int) -> tuple[Vector, Vector] | None:
    """Return the centres of the protocol's first and last slice; a coordinate that is 0 is not written."""
    ends = []
    for place in (0, count - 1):
        base = f"sSliceArray.asSlice[{place}].sPosition"
        names = [f"{base}.d{axis}" for axis in ("Sag", "Cor", "Tra")]
        numbers = read_protocol(data, names)
        if not numbers or not all(map(math.isfinite, numbers.values())):
            return None
        ends.append((numbers.get(names[0], 0.0), numbers.get(names[1], 0.0), numbers.get(names[2], 0.0)))
    return ends[0], ends[1]


def _direction_of_protocol(ends: tuple[Vector, Vector] | None, center: Vector, normal: Vector) -> int:
    """Return 1 when slices rise along the normal from the first tile, -1 when they fall, 0 when unknown."""
    if ends is None:
        return 0
    near, far = ends if math.dist(ends[0], center) <= math.dist(ends[1], center) else ends[::-1]
    if math.dist(near, center) > _SAME_PLACE_MM:
        return 0
    along = _dot(far, normal) - _dot(near, normal)
    return (along > 0) - (along < 0)


def _direction_of_header(header: dict[str, tuple[str, ...]], normal: Vector) -> int:
    values = header.get("SliceNormalVector", ())
    if len(values) != 3 or _number(header.get("ProtocolSliceNumber", ())) > 0:
        return 0
    along = _dot((_number(values[0:1]), _number(values[1:2]), _number(values[2:3])), normal)
    return (along > 0.5) - (along < -0.5)


def _dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _cross(a: Vector, b: Vector) -> Vector:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def _sum(a: Vector, b: Vector, factor: float) -> Vector:
    return a[0] + factor * b[0], a[1] + factor * b[1], a[2] + factor * b[2]
