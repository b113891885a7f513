"""What shapes measure: millimetres where the image says how large a pixel is, pixels where it does not."""

from __future__ import annotations

from math import floor, isfinite
from typing import TYPE_CHECKING

from archive.annotations.annotation import Kind
from archive.annotations.calibration import calibrate
from archive.annotations.geometry import (
    angle_at_vertex,
    angle_between_lines,
    box_area,
    path_length,
    scaled,
)
from archive.annotations.measured_values import measured_values, value_unit
from archive.annotations.measurement import Measurement
from archive.annotations.points import check_points
from archive.annotations.polygon_area import polygon_area
from archive.annotations.region_extents import extents_between
from archive.annotations.region_statistics import Region

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from archive.annotations.annotation import Point
    from archive.pixels.attributes import FrameAttributes

REGIONS = frozenset((Kind.ELLIPSE, Kind.RECTANGLE, Kind.POLYGON, Kind.FREEHAND))
"""Kinds with an area, and pixels inside."""


def measure(
    kind: Kind,
    points: Sequence[Point],
    stored_values: NDArray[Any] | None,
    frame_attributes: FrameAttributes,
    *,
    histogram_classes: int = 0,
) -> Measurement:
    """Measure a shape on its frame.

    Parameters
    ----------
    kind, points
        The shape; points are (column, row) with the centre of the first pixel at (0, 0).
    stored_values
        Of the frame: [rows, columns], or RGB, of which only a probe tells the color. None when nothing about
        values is asked, or the frame cannot be decoded: lengths, angles and areas need no pixels.
    frame_attributes
        Of the same frame.
    histogram_classes
        How many classes a histogram may have; 0 for none.

    Raises
    ------
    BadInput
        The kind has another number of points, a point is no number or lies outside the image, or an outline
        is too intricate.
    """
    check_points(kind, points, None if stored_values is None else stored_values.shape)
    if kind in {Kind.LENGTH, Kind.POLYLINE}:
        return _length(kind, points, frame_attributes)
    if kind in {Kind.ANGLE, Kind.COBB}:
        return _angle(kind, points, frame_attributes)
    if kind in REGIONS:
        return _region(kind, points, stored_values, frame_attributes, histogram_classes)
    if kind is Kind.PROBE:
        return _probe(points[0], stored_values, frame_attributes)
    return Measurement(kind)


def _length(kind: Kind, points: Sequence[Point], frame: FrameAttributes) -> Measurement:
    calibration = calibrate(frame, points)
    if calibration.spacing_mm is None:
        extents = extents_between(frame.regions, points[0], points[-1]) if kind is Kind.LENGTH else None
        return Measurement(kind, path_length(points), "px", extents=extents)
    length = path_length(scaled(points, calibration.spacing_mm))
    return Measurement(kind, length, "mm", calibration.name)


def _angle(kind: Kind, points: Sequence[Point], frame: FrameAttributes) -> Measurement:
    calibration = calibrate(frame, points)
    measured = angle_at_vertex if kind is Kind.ANGLE else angle_between_lines
    angle = measured(scaled(points, calibration.ratio))
    return Measurement(kind, angle, "deg", calibration.name)


def _region(
    kind: Kind,
    points: Sequence[Point],
    stored: NDArray[Any] | None,
    frame: FrameAttributes,
    classes: int,
) -> Measurement:
    calibration, area_px = calibrate(frame, points), _area(kind, points)
    area_mm2 = None
    if area_px is not None and calibration.spacing_mm is not None:
        area_mm2 = area_px * calibration.spacing_mm[0] * calibration.spacing_mm[1]
    value, unit = (area_px, "px2") if calibration.spacing_mm is None else (area_mm2, "mm2")
    if stored is None or stored.ndim != 2:
        return Measurement(kind, value, unit, calibration.name, area_mm2=area_mm2, area_px=area_px)
    region = Region(kind, points, stored, frame)
    found = region.statistics()
    return Measurement(
        kind,
        value,
        unit,
        calibration.name,
        mean=found.mean,
        sd=found.sd,
        min=found.min,
        max=found.max,
        area_mm2=area_mm2,
        area_px=area_px,
        count=found.count,
        padding_count=found.padding_count,
        undefined_count=found.undefined_count,
        value_unit=value_unit(frame),
        histogram=region.histogram(found, classes) if classes else None,
    )


def _area(kind: Kind, points: Sequence[Point]) -> float | None:
    return polygon_area(points) if kind in {Kind.POLYGON, Kind.FREEHAND} else box_area(kind, points)


def _probe(point: Point, stored: NDArray[Any] | None, frame: FrameAttributes) -> Measurement:
    """Return the value of the pixel under a point; on the edge of two, of the right and lower one."""
    if stored is None:
        return Measurement(Kind.PROBE)
    rows, columns = stored.shape[:2]
    column, row = min(floor(point[0] + 0.5), columns - 1), min(floor(point[1] + 0.5), rows - 1)
    pixel = stored[row, column]
    if stored.ndim == 3:
        return Measurement(Kind.PROBE, color=(int(pixel[0]), int(pixel[1]), int(pixel[2])))
    if frame.padding_range is not None and frame.padding_range[0] <= pixel <= frame.padding_range[1]:
        return Measurement(Kind.PROBE, padding_count=1)
    value = float(measured_values(stored[row : row + 1, column], frame)[0])
    unit = value_unit(frame)
    if not isfinite(value):
        return Measurement(Kind.PROBE, undefined_count=1, value_unit=unit)
    return Measurement(Kind.PROBE, value, unit, value_unit=unit)
