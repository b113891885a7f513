"""Ultrasound regions: what a pixel of each part of the picture is in cm, seconds or cm/s (PS3.3 C.8.5.5)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from archive.dicom import keywords as kw

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from archive.dicom.data_set import DataSet

REGIONS_LIMIT = 64
MILLIMETERS_PER_CENTIMETER = 10.0
_LOW_PRIORITY = 1
_FARTHEST = 1 << 24
"""Where a region ends that does not say where: it holds for the whole picture."""

_UNITS = {
    1: "%", 2: "dB", 3: "cm", 4: "s", 5: "Hz", 6: "dB/s",
    7: "cm/s", 8: "cm²", 9: "cm²/s", 10: "cm³", 11: "cm³/s", 12: "°",
}  # fmt: skip


class SpatialFormat(IntEnum):
    """How the data of a region lie (PS3.3 C.8.5.5.1.1)."""

    NONE = 0
    TWO_DIMENSIONAL = 1
    M_MODE = 2
    SPECTRAL = 3
    WAVEFORM = 4
    GRAPHICS = 5


@dataclass(frozen=True, slots=True)
class CalibrationRegion:
    """One region: its bounds in image pixels, all four inside of it, and the steps from pixel to pixel.

    `units_x` and `units_y` are "cm", "s", "cm/s", "Hz"...; empty where a direction has no unit, and then its
    delta means nothing. The reference pixel is an image pixel here (the standard counts it from the region's
    corner, PS3.3 C.8.5.5.1.16), which may lie outside of the region; None where the file names none.
    """

    min_column: int
    min_row: int
    max_column: int
    max_row: int
    spatial_format: SpatialFormat
    data_type: int
    """PS3.3 C.8.5.5.1.2: 1 tissue, 2 colour flow, 3 PW and 4 CW Doppler, 10 ECG..."""
    units_x: str
    units_y: str
    delta_x: float
    """Units from a column to the next; may be negative."""
    delta_y: float
    """Units from a row to the next; may be negative."""
    reference_column: int | None = None
    reference_row: int | None = None
    reference_value_x: float = 0.0
    reference_value_y: float = 0.0
    is_low_priority: bool = False
    """Where regions overlap, one of high priority was painted over it (PS3.3 C.8.5.5.1.3)."""

    def contains(self, column: float, row: float) -> bool:
        """Tell whether an image point lies on a pixel of the region."""
        across = self.min_column - 0.5 <= column < self.max_column + 0.5
        return across and self.min_row - 0.5 <= row < self.max_row + 0.5

    @property
    def is_calibrated(self) -> bool:
        """Whether at least one direction has a unit."""
        return bool(self.units_x or self.units_y)

    @property
    def spacing_mm(self) -> tuple[float, float] | None:
        """(row spacing, column spacing) in mm of a two-dimensional region; None for every other."""
        lengths = (self.units_x, self.units_y) == ("cm", "cm")
        if self.spatial_format is not SpatialFormat.TWO_DIMENSIONAL or not lengths:
            return None
        spacing = (
            abs(self.delta_y) * MILLIMETERS_PER_CENTIMETER,
            abs(self.delta_x) * MILLIMETERS_PER_CENTIMETER,
        )
        return spacing if min(spacing) > 0 and max(spacing) < 1e3 else None

    def physical_x(self, column: float) -> float | None:
        """Return what a column stands for, in `units_x`; None without unit or reference pixel."""
        if not self.units_x or self.reference_column is None:
            return None
        return self.reference_value_x + (column - self.reference_column) * self.delta_x

    def physical_y(self, row: float) -> float | None:
        """Return what a row stands for, in `units_y`; None without unit or reference pixel."""
        if not self.units_y or self.reference_row is None:
            return None
        return self.reference_value_y + (row - self.reference_row) * self.delta_y


def calibration_of(
    regions: Iterable[CalibrationRegion], points: Sequence[tuple[float, float]]
) -> CalibrationRegion | None:
    """Return the region that all the points (column, row) lie in, None when none holds them all.

    Of several it is the calibrated one, then the one painted last, then the smallest (PS3.3 Figure C.8-6): a
    line that leaves a colour box is measured by the tissue around it.
    """
    holding = [region for region in regions if all(region.contains(*point) for point in points)]
    return min(holding, key=_preference, default=None)


def _preference(region: CalibrationRegion) -> tuple[bool, bool, int]:
    area = (region.max_column - region.min_column) * (region.max_row - region.min_row)
    return not region.is_calibrated, region.is_low_priority, area


def read_calibration_regions(ds: DataSet) -> tuple[CalibrationRegion, ...]:
    """Return the regions that have an extent; what a writer got wrong is left out."""
    items = ds.items(kw.SEQUENCE_OF_ULTRASOUND_REGIONS, REGIONS_LIMIT)
    return tuple(region for item in items if (region := _read_region(item)))


def agreed_spacing(regions: Iterable[CalibrationRegion]) -> tuple[float, float] | None:
    """Return the (row, column) spacing in mm that all two-dimensional regions share, else None."""
    spacings = {spacing for region in regions if (spacing := region.spacing_mm)}
    return spacings.pop() if len(spacings) == 1 else None


def _read_region(item: DataSet) -> CalibrationRegion | None:
    left, top, right, bottom = (
        item.integer(kw.REGION_LOCATION_MIN_X0, 0, b"UL"),
        item.integer(kw.REGION_LOCATION_MIN_Y0, 0, b"UL"),
        item.integer(kw.REGION_LOCATION_MAX_X1, _FARTHEST, b"UL"),
        item.integer(kw.REGION_LOCATION_MAX_Y1, _FARTHEST, b"UL"),
    )
    if not (0 <= left <= right <= _FARTHEST and 0 <= top <= bottom <= _FARTHEST):
        return None
    delta_x, delta_y = _number(item, kw.PHYSICAL_DELTA_X), _number(item, kw.PHYSICAL_DELTA_Y)
    return CalibrationRegion(
        left,
        top,
        right,
        bottom,
        spatial_format=_spatial_format(item),
        data_type=item.integer(kw.REGION_DATA_TYPE, 0),
        units_x=_units(item, kw.PHYSICAL_UNITS_X_DIRECTION, delta_x),
        units_y=_units(item, kw.PHYSICAL_UNITS_Y_DIRECTION, delta_y),
        delta_x=delta_x,
        delta_y=delta_y,
        reference_column=_reference(item, kw.REFERENCE_PIXEL_X0, left),
        reference_row=_reference(item, kw.REFERENCE_PIXEL_Y0, top),
        reference_value_x=_number(item, kw.REFERENCE_PIXEL_PHYSICAL_VALUE_X),
        reference_value_y=_number(item, kw.REFERENCE_PIXEL_PHYSICAL_VALUE_Y),
        is_low_priority=bool(item.integer(kw.REGION_FLAGS, 0, b"UL") & _LOW_PRIORITY),
    )


def _spatial_format(item: DataSet) -> SpatialFormat:
    number = item.integer(kw.REGION_SPATIAL_FORMAT, 0)
    return SpatialFormat(number) if number in set(SpatialFormat) else SpatialFormat.NONE


def _units(item: DataSet, tag: int, delta: float) -> str:
    return _UNITS.get(item.integer(tag, 0), "") if delta else ""


def _number(item: DataSet, tag: int) -> float:
    number = next(iter(item.numbers(tag, b"FD")), 0.0)
    return number if math.isfinite(number) else 0.0


def _reference(item: DataSet, tag: int, corner: int) -> int | None:
    offset = next(iter(item.numbers(tag, b"SL")), math.nan)
    return corner + int(offset) if math.isfinite(offset) else None
