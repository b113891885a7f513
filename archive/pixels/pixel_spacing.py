"""The size of a pixel in mm, and who says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.dicom.keywords import (
    IMAGER_PIXEL_SPACING,
    NOMINAL_SCANNED_PIXEL_SPACING,
    PHYSICAL_DELTA_X,
    PHYSICAL_DELTA_Y,
    PHYSICAL_UNITS_X_DIRECTION,
    PHYSICAL_UNITS_Y_DIRECTION,
    PIXEL_ASPECT_RATIO,
    PIXEL_SPACING,
    PIXEL_SPACING_CALIBRATION_TYPE,
    REGION_SPATIAL_FORMAT,
    SEQUENCE_OF_ULTRASOUND_REGIONS,
)

if TYPE_CHECKING:
    from archive.dicom.data_set import DataSet

_CENTIMETERS = 3
_TWO_DIMENSIONAL = 1

Spacing = tuple[tuple[float, float] | None, str]


def read_pixel_spacing(ds: DataSet, pixel_measures: DataSet | None) -> Spacing:
    """Return ((row spacing, column spacing) in mm or None, where it comes from).

    The order is the frame's measures, Pixel Spacing, an ultrasound region, the detector's spacing and a
    film scanner's (PS3.3 10.7.1.3, C.8.5.5): what holds in the patient goes before what holds elsewhere.
    """
    if pixel_measures is not None and (spacing := _positive_pair(pixel_measures, PIXEL_SPACING)):
        return spacing, "patient"
    if spacing := _positive_pair(ds, PIXEL_SPACING):
        return spacing, ds.text(PIXEL_SPACING_CALIBRATION_TYPE) or "patient"
    if spacing := _ultrasound_spacing(ds):
        return spacing, "ultrasound region"
    if spacing := _positive_pair(ds, IMAGER_PIXEL_SPACING):
        return spacing, "detector"
    if spacing := _positive_pair(ds, NOMINAL_SCANNED_PIXEL_SPACING):
        return spacing, "scanned film"
    return None, ""


def read_aspect_ratio(ds: DataSet, spacing: tuple[float, float] | None) -> tuple[float, float]:
    """Return height : width of a pixel."""
    return spacing or _positive_pair(ds, PIXEL_ASPECT_RATIO) or (1.0, 1.0)


def _positive_pair(ds: DataSet, tag: int) -> tuple[float, float] | None:
    pair = ds.vector(tag, 2)
    return (pair[0], pair[1]) if pair and pair[0] > 0 and pair[1] > 0 else None


def _ultrasound_spacing(ds: DataSet) -> tuple[float, float] | None:
    """Return the spacing of the two-dimensional regions when they agree."""
    regions = ds.items(SEQUENCE_OF_ULTRASOUND_REGIONS, 32)
    spacings = {spacing for region in regions if (spacing := _region_spacing(region))}
    return spacings.pop() if len(spacings) == 1 else None


def _region_spacing(region: DataSet) -> tuple[float, float] | None:
    units = (
        region.integer(PHYSICAL_UNITS_X_DIRECTION, 0),
        region.integer(PHYSICAL_UNITS_Y_DIRECTION, 0),
    )
    two_dimensional = region.integer(REGION_SPATIAL_FORMAT, 0) == _TWO_DIMENSIONAL
    delta_x = region.numbers(PHYSICAL_DELTA_X, b"FD")
    delta_y = region.numbers(PHYSICAL_DELTA_Y, b"FD")
    if not two_dimensional or units != (_CENTIMETERS, _CENTIMETERS) or not delta_x or not delta_y:
        return None
    spacing = (abs(delta_y[0]) * 10, abs(delta_x[0]) * 10)
    return spacing if min(spacing) > 0 and max(spacing) < 1e3 else None
