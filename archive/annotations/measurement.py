"""What a shape measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.annotations.annotation import Kind

SHOWN_UNITS = {
    "deg": "°",
    "mm2": "mm²",
    "px2": "px²",
    "cm2": "cm²",
    "cm2/s": "cm²/s",
    "cm3": "cm³",
    "cm3/s": "cm³/s",
}
"""How a person reads the units that are written otherwise (UCUM's way) in data."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many pixels have which values: `counts` of classes of `width`, the first from `lowest` on."""

    lowest: float
    width: float
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Extent:
    """How far something reaches along one axis, never negative: 0.42 and "s"."""

    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a shape measures on its frame; None where it does not apply or cannot be said.

    Attributes
    ----------
    kind
        Of the shape.
    value
        A length, an angle, the area of a region, the pixel's value at a probe.
    unit
        Of `value`: mm, px, deg, mm2, px2, or `value_unit` at a probe.
    calibration
        Who says how large a pixel is: "patient", "GEOMETRY" or "FIDUCIAL" (Pixel Spacing Calibration Type),
        "detector", "detector, magnification 1.25 corrected", "scanned film", "ultrasound region"; empty when
        nobody does, and for what needs none.
    mean, sd, min, max
        Of the values in a region, modality values or real world values (`archive.pixels.quantity`); `sd`
        divides by `count`: it describes these pixels, and is no estimate of others.
    area_mm2, area_px
        Of the outline itself, not of the pixels in it.
    count
        Pixels that the statistics are made of.
    padding_count, undefined_count
        Pixels left out of them: padding; not a number or infinite.
    value_unit
        Of `mean` and the others: HU, GML, BQML...; empty when the image does not say.
    histogram
        When it was asked for.
    color
        Red, green and blue under a probe on a color image.
    extents
        Of a length in a spectrum, an M-mode or a waveform, along the columns and along the rows; None where
        that axis has no unit, or where there is no such region. `value` is in px then: such a picture has no
        millimetre between two of its points.
    """

    kind: Kind
    value: float | None = None
    unit: str = ""
    calibration: str = ""
    mean: float | None = None
    sd: float | None = None
    min: float | None = None
    max: float | None = None
    area_mm2: float | None = None
    area_px: float | None = None
    count: int | None = None
    padding_count: int = 0
    undefined_count: int = 0
    value_unit: str = ""
    histogram: Histogram | None = None
    color: tuple[int, int, int] | None = None
    extents: tuple[Extent | None, Extent | None] | None = None
