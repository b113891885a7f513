"""How large a pixel is where a shape lies, and who says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.pixels.ultrasound_regions import calibration_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.annotations.annotation import Point
    from archive.pixels.attributes import FrameAttributes

_KNOWN = frozenset(("patient", "detector", "scanned film", "ultrasound region", "GEOMETRY", "FIDUCIAL"))
_SMALLEST_MM, _LARGEST_MM = 1e-7, 1e4


@dataclass(frozen=True, slots=True)
class Calibration:
    """The size of a pixel.

    Attributes
    ----------
    spacing_mm
        Row spacing, column spacing (PS3.3 10.7.1.3); None when lengths can only be told in pixels.
    name
        Where it comes from, as `Measurement.calibration` says it; empty without `spacing_mm`.
    ratio
        Height and width of a pixel in a unit of their own: what angles need. The spacing, or else the Pixel
        Aspect Ratio.
    """

    spacing_mm: tuple[float, float] | None
    name: str
    ratio: tuple[float, float]


def calibrate(frame: FrameAttributes, points: Sequence[Point]) -> Calibration:
    """Return the calibration that holds for all of `points`.

    Where ultrasound regions are calibrated, that is the one region which holds them all, and only when it is
    two-dimensional and in centimetres both ways: a line from one region into another, or over a spectrum,
    has no length (PS3.3 C.8.5.5).
    """
    if any(region.is_calibrated for region in frame.regions):
        region = calibration_of(frame.regions, points)
        return _calibration(region.spacing_mm if region else None, "ultrasound region", (1.0, 1.0))
    spacing = frame.pixel_spacing
    name = frame.spacing_calibration if frame.spacing_calibration in _KNOWN else "patient"
    factor = frame.estimated_radiographic_magnification_factor
    if name == "detector" and factor is not None and spacing is not None:
        spacing = spacing[0] / factor, spacing[1] / factor
        name = f"detector, magnification {factor:.4g} corrected"
    return _calibration(spacing, name, frame.pixel_aspect_ratio)


def _calibration(spacing: tuple[float, float] | None, name: str, ratio: tuple[float, float]) -> Calibration:
    if spacing is None or not all(_SMALLEST_MM <= each <= _LARGEST_MM for each in spacing):
        return Calibration(None, "", ratio)
    return Calibration(spacing, name, spacing)
