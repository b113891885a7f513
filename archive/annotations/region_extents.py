"""How far two ends lie apart in a spectrum, an M-mode or a waveform, in its own units (PS3.3 C.8.5.5)."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from archive.annotations.measurement import Extent
from archive.pixels.ultrasound_regions import SpatialFormat, calibration_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.annotations.annotation import Point
    from archive.pixels.ultrasound_regions import CalibrationRegion

_UCUM = {"cm²": "cm2", "cm²/s": "cm2/s", "cm³": "cm3", "cm³/s": "cm3/s", "°": "deg"}


def extents_between(
    regions: Iterable[CalibrationRegion], one: Point, other: Point
) -> tuple[Extent | None, Extent | None] | None:
    """Return how far two points lie apart along x and along y of the region that holds both.

    Both are absolute: a reader asks how long and how fast, not from which end. None for an axis
    without a unit, and None at all outside of calibrated regions and in two-dimensional ones, where a length
    is one number.
    """
    region = calibration_of(regions, (one, other))
    if region is None or region.spatial_format is SpatialFormat.TWO_DIMENSIONAL:
        return None
    along_x = _extent(other[0] - one[0], region.delta_x, region.units_x)
    along_y = _extent(other[1] - one[1], region.delta_y, region.units_y)
    return None if along_x is along_y is None else (along_x, along_y)


def _extent(pixels: float, delta: float, unit: str) -> Extent | None:
    value = abs(pixels * delta)
    return Extent(value, _UCUM.get(unit, unit)) if unit and isfinite(value) else None
