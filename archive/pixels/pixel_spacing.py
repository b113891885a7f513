"""The size of a pixel in mm, and who says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.dicom.keywords import (
    ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR,
    IMAGER_PIXEL_SPACING,
    NOMINAL_SCANNED_PIXEL_SPACING,
    PIXEL_ASPECT_RATIO,
    PIXEL_SPACING,
    PIXEL_SPACING_CALIBRATION_TYPE,
)
from archive.pixels.ultrasound_regions import agreed_spacing

if TYPE_CHECKING:
    from archive.dicom.data_set import DataSet
    from archive.pixels.ultrasound_regions import CalibrationRegion

_HIGHEST_MAGNIFICATION = 100.0
_SMALLEST, _LARGEST = 1e-7, 1e7

Spacing = tuple[tuple[float, float] | None, str]


def read_pixel_spacing(
    ds: DataSet, pixel_measures: DataSet | None, regions: tuple[CalibrationRegion, ...]
) -> Spacing:
    """Return ((row spacing, column spacing) in mm or None, where it comes from).

    The order is the frame's measures, Pixel Spacing, an ultrasound region, the detector's spacing and a
    film scanner's (PS3.3 10.7.1.3, C.8.5.5): what holds in the patient goes before what holds elsewhere.
    Pixel Spacing without a calibration type that repeats one of the last two was never calibrated
    (PS3.3 10.7.1.1), and is the detector's or the film's.
    """
    if pixel_measures is not None and (spacing := _positive_pair(pixel_measures, PIXEL_SPACING)):
        return spacing, "patient"
    if spacing := _positive_pair(ds, PIXEL_SPACING):
        return spacing, ds.text(PIXEL_SPACING_CALIBRATION_TYPE) or _where_it_holds(ds, spacing)
    if spacing := _possible(agreed_spacing(regions)):
        return spacing, "ultrasound region"
    if spacing := _positive_pair(ds, IMAGER_PIXEL_SPACING):
        return spacing, "detector"
    if spacing := _positive_pair(ds, NOMINAL_SCANNED_PIXEL_SPACING):
        return spacing, "scanned film"
    return None, ""


def read_aspect_ratio(ds: DataSet, spacing: tuple[float, float] | None) -> tuple[float, float]:
    """Return height : width of a pixel."""
    return spacing or _positive_pair(ds, PIXEL_ASPECT_RATIO) or (1.0, 1.0)


def read_magnification_factor(ds: DataSet) -> float | None:
    """Return the Estimated Radiographic Magnification Factor; None when it is absent or cannot be one."""
    factor = ds.vector(ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR, 1)
    return factor[0] if factor and 1 <= factor[0] <= _HIGHEST_MAGNIFICATION else None


def _where_it_holds(ds: DataSet, spacing: tuple[float, float]) -> str:
    if spacing == _positive_pair(ds, IMAGER_PIXEL_SPACING):
        return "detector"
    return "scanned film" if spacing == _positive_pair(ds, NOMINAL_SCANNED_PIXEL_SPACING) else "patient"


def _positive_pair(ds: DataSet, tag: int) -> tuple[float, float] | None:
    pair = ds.vector(tag, 2)
    return _possible((pair[0], pair[1]) if pair else None)


def _possible(pair: tuple[float, float] | None) -> tuple[float, float] | None:
    """Return what pixels can measure: their areas and ratios stay numbers, too."""
    if pair is None or not all(_SMALLEST <= size <= _LARGEST for size in pair):
        return None
    return pair
