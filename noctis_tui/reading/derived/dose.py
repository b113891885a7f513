"""RT dose over images (PS3.3 A.18, C.8.8.3): the grid resampled onto their planes, as bands of colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from archive.dicom import keywords as kw
from archive.errors import CannotDecode, NotAnImage
from archive.pixels.frames import ImageFile
from archive.pixels.refusal import refusing
from archive.progress import CancelToken
from noctis_tui.reading.derived.opening import Words
from noctis_tui.reading.derived.part import Part
from noctis_tui.reading.derived.planes import plane_of
from noctis_tui.reading.derived.recent import Recent
from noctis_tui.reading.derived.wash import WashPainter, area_of
from noctis_tui.reading.dose_grid import SCALING, UNITS, offsets_mm
from noctis_tui.reading.marks import Wash

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, Self

    from numpy.typing import NDArray

    from noctis_tui.imaging.patient_space import ImagePlane
    from noctis_tui.reading.derived.cielab import Rgb
    from noctis_tui.reading.derived.part import Appearance
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.marks import Mark
    from noctis_tui.reading.stack import FrameRef

VOXELS_LIMIT = 96 << 20
KEPT_FRAMES = 12
_SINGLE_REACH_MM = 0.5
"""How far a grid of one plane reaches."""

_TYPE, _SUMMATION = 0x30040004, 0x3004000A
_LEVELS: tuple[tuple[int, Rgb], ...] = (
    (10, (60, 80, 220)),
    (30, (60, 150, 240)),
    (50, (60, 210, 210)),
    (70, (80, 210, 100)),
    (80, (200, 220, 70)),
    (90, (245, 180, 50)),
    (95, (245, 110, 50)),
    (100, (230, 50, 60)),
)
"""Per cent of the highest dose of the grid at which each band begins, and its colour; 100 stands for 99."""


class Dose:
    """Dose drawn over every image in its Frame of Reference, in whatever plane that lies.

    Parameters
    ----------
    grid
        Stored values [planes, rows, columns].
    scaling
        Dose Grid Scaling: stored value to dose.
    plane
        Where the first plane of the grid lies.
    offsets_mm
        Distance of each plane from the first, along its normal, rising or falling.
    """

    def __init__(
        self,
        name: str,
        units: str,
        grid: NDArray[Any],
        scaling: float,
        plane: ImagePlane,
        offsets_mm: NDArray[np.float64],
        frame_of_reference_uid: str,
    ) -> None:
        self.kind = "RTDOSE"
        self.name = name
        self._grid = grid
        self._scaling = scaling
        self._plane = plane
        self._offsets_mm = offsets_mm
        self._frame_of_reference_uid = frame_of_reference_uid
        self.maximum = float(grid.max()) * scaling
        self.parts: tuple[Part, ...] = tuple(
            Part(
                percent,
                f"{self._level(percent):.3g} {units}".strip(),
                rgb,
                f"{min(percent, 99)} % of highest",
            )
            for percent, rgb in reversed(_LEVELS)
        )
        self._washes: Recent[tuple[FrameRef, Appearance], Wash | None] = Recent(KEPT_FRAMES)

    @classmethod
    def open(cls, path: Path, token: CancelToken | None = None) -> Self:
        """Read the whole grid.

        Raises
        ------
        NoctisError
            The file holds no dose grid, is damaged, or has more than `VOXELS_LIMIT` voxels.
        Cancelled
            The token was set.
        """
        image = ImageFile.open(path)
        with image, refusing():
            ds = image.data_set(frozenset({0x0008, 0x0020, 0x0028, 0x3004}))
            scaling = ds.vector(SCALING, 1)
            plane = plane_of(image.frame_attributes(0))
            if scaling is None or plane is None or image.attributes.is_color:
                raise NotAnImage("The dose does not say where its grid lies, or how it is scaled.")
            attributes = image.attributes
            if attributes.rows * attributes.columns * image.frame_count > VOXELS_LIMIT:
                raise CannotDecode(f"The dose grid has more than {VOXELS_LIMIT:,} voxels.")
            offsets = offsets_mm(ds, image.frame_count, plane)
            grid = _grid(image, token or CancelToken())
            words = Words(ds)
            about = " ".join(
                filter(None, (words.text(ds, _TYPE).lower(), words.text(ds, _SUMMATION).lower()))
            )
            units = {"GY": "Gy", "RELATIVE": ""}.get(ds.text(UNITS).upper(), words.text(ds, UNITS))
            name = words.text(ds, kw.SERIES_DESCRIPTION) or f"Dose {about}".strip()
            return cls(name, units, grid, scaling[0], plane, offsets, ds.text(kw.FRAME_OF_REFERENCE_UID))

    def marks_on(self, frame: LoadedFrame, ref: FrameRef, appearance: Appearance) -> tuple[Mark, ...]:
        """Return the bands of dose over a frame, each with its isodose line."""
        wash = self._washes.get((ref, appearance), lambda: self._painted(frame, appearance))
        return (wash,) if wash is not None else ()

    def dose_on(self, frame: LoadedFrame) -> NDArray[np.float32] | None:
        """Return the dose under each pixel of a frame, trilinear, 0 outside the grid.

        None when the frame does not lie in the dose's Frame of Reference.
        """
        plane, reference = frame.plane, frame.attributes.frame_of_reference_uid
        if plane is None or not reference or reference != self._frame_of_reference_uid:
            return None
        from scipy.ndimage import map_coordinates  # noqa: PLC0415 - heavy, and only for doses

        indices = self._grid_indices(plane, frame.shape.rows, frame.shape.columns)
        sampled = map_coordinates(
            self._grid, indices, output=np.float32, order=1, mode="constant", cval=0.0, prefilter=False
        )
        dose: NDArray[np.float32] = sampled * np.float32(self._scaling)
        return dose

    def _grid_indices(self, plane: ImagePlane, rows: int, columns: int) -> NDArray[np.float64]:
        """Return (plane, row, column) of the grid for every pixel [3, rows, columns]."""
        grid = self._plane
        axes = np.array([grid.normal, grid.column_direction, grid.row_direction])
        axes[1] /= grid.row_spacing_mm
        axes[2] /= grid.column_spacing_mm
        origin = axes @ (np.array(plane.position_mm) - np.array(grid.position_mm))
        right = axes @ np.array(plane.row_direction) * plane.column_spacing_mm
        down = axes @ np.array(plane.column_direction) * plane.row_spacing_mm
        across, along = np.arange(columns, dtype=np.float64), np.arange(rows, dtype=np.float64)[:, None]
        indices: NDArray[np.float64] = (
            origin[:, None, None] + right[:, None, None] * across + down[:, None, None] * along
        )
        indices[0] = _places(indices[0], self._offsets_mm)
        return indices

    def _painted(self, frame: LoadedFrame, appearance: Appearance) -> Wash | None:
        dose = self.dose_on(frame)
        if dose is None or self.maximum <= 0:
            return None
        painter, drawn = WashPainter(frame.shape.rows, frame.shape.columns), False
        for percent, rgb in _LEVELS:
            area = area_of(percent, (dose >= self._level(percent)).astype(np.uint8) * 255)
            if area is not None and percent not in appearance.hidden:
                painter.add(area, rgb, appearance.opacity, replacing=True)
                drawn = True
        return Wash(painter.rgba()) if drawn else None

    def _level(self, percent: int) -> float:
        return self.maximum * min(percent, 99) / 100


def _grid(image: ImageFile, token: CancelToken) -> NDArray[Any]:
    first = image.stored_values(0)
    grid = np.empty((image.frame_count, *first.shape), first.dtype)
    grid[0] = first
    for index in range(1, image.frame_count):
        token.check()
        grid[index] = image.stored_values(index)
    return grid


def _places(distances_mm: NDArray[np.float64], offsets_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the fractional plane at each distance; -1 where the grid does not reach."""
    planes = np.arange(len(offsets_mm), dtype=np.float64)
    if len(offsets_mm) == 1:
        return np.where(np.abs(distances_mm) < _SINGLE_REACH_MM, 0.0, -1.0).astype(np.float64)
    order = np.argsort(offsets_mm)
    places: NDArray[np.float64] = np.interp(
        distances_mm, offsets_mm[order], planes[order], left=-1.0, right=-1.0
    )
    return places
