"""What a shape measures, in words as short as they fit beside it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from archive.annotations.annotation import Kind
from archive.annotations.measurement import SHOWN_UNITS
from archive.dicom.text import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.annotations.annotation import Annotation
    from archive.annotations.measurement import Extent, Measurement

_UNITS = {"BQML": "Bq/ml", "CNTS": "counts", "US": "", "GML": "g/ml SUV"}
_OF_ITS_OWN = frozenset({"", "patient"})
"""Calibrations that are what everybody takes for granted."""
_NAMED = {"detector": "at detector", "scanned film": "on film", "ultrasound region": "US region"}
_LONGEST_WORDS = 200

NAMES = {
    Kind.LENGTH: "Length",
    Kind.POLYLINE: "Polyline",
    Kind.ANGLE: "Angle",
    Kind.COBB: "Cobb angle",
    Kind.ELLIPSE: "Ellipse",
    Kind.RECTANGLE: "Box",
    Kind.POLYGON: "Polygon",
    Kind.FREEHAND: "Freehand",
    Kind.PROBE: "Probe",
    Kind.TEXT: "Text",
    Kind.ARROW: "Arrow",
}
"""What people call the kinds."""


def note_text(annotation: Annotation, measurement: Measurement | None, *, unsaved: bool = False) -> str:
    """Return what stands beside a shape: its words, what it measures, and whether it is not kept yet."""
    parts = (
        visible(annotation.text, _LONGEST_WORDS),
        measurement_text(measurement) if measurement is not None else "",
        "unsaved" if unsaved else "",
    )
    return "  ".join(part for part in parts if part)


def measurement_text(measurement: Measurement) -> str:
    """Return what is measured, its unit, and the calibration where it is not the patient's own.

    >>> from archive.annotations.measurement import Measurement
    >>> measurement_text(Measurement(Kind.LENGTH, 23.41, "mm", "patient"))
    '23.4 mm'
    >>> measurement_text(Measurement(Kind.LENGTH, 8.25, "mm", "detector"))
    '8.25 mm at detector'
    """
    if measurement.kind is Kind.PROBE:
        return probe_text(measurement)
    parts = (statistics_text(measurement), size_text(measurement))
    return " · ".join(part for part in parts if part)


def probe_text(measurement: Measurement) -> str:
    """Return the value of a pixel."""
    if measurement.color is not None:
        red, green, blue = measurement.color
        return f"R {red} G {green} B {blue}"
    if measurement.value is None:
        return "padding" if measurement.padding_count else "no value"
    return f"{number(measurement.value)} {unit_text(measurement.value_unit)}".rstrip()


def statistics_text(measurement: Measurement) -> str:
    """Return the mean and the standard deviation of a region, empty for anything else."""
    if measurement.mean is None:
        return ""
    mean = f"{number(measurement.mean)} {unit_text(measurement.value_unit)}".rstrip()
    return mean if measurement.sd is None else f"{mean} ± {number(measurement.sd)}"


def size_text(measurement: Measurement) -> str:
    """Return the length, the angle or the area, with the calibration where it must be known."""
    if measurement.value is None or measurement.kind is Kind.PROBE:
        return ""
    if measurement.extents is not None:
        return extents_text(measurement.extents)
    calibration = measurement.calibration
    named = "" if calibration in _OF_ITS_OWN else f" {_NAMED.get(calibration, visible(calibration, 60))}"
    if measurement.unit == "deg":
        return f"{measurement.value:.1f}°"
    if measurement.unit == "mm2":
        return f"{area_text(measurement.value)}{named}"
    if measurement.unit == "px2":
        return f"{measurement.value:.0f} px²"
    return f"{number(measurement.value)} {measurement.unit}{named}"


def extents_text(extents: tuple[Extent | None, Extent | None]) -> str:
    """Return how far ends lie apart along both axes; an axis along which they do not is left out.

    >>> from archive.annotations.measurement import Extent
    >>> extents_text((Extent(0.42, "s"), Extent(35.1, "cm/s")))
    '0.42 s · 35.1 cm/s'
    """
    known = [extent for extent in extents if extent is not None]
    apart = [extent for extent in known if extent.value] or known[:1]
    return " · ".join(f"{number(each.value)} {SHOWN_UNITS.get(each.unit, each.unit)}" for each in apart)


def area_text(area_mm2: float) -> str:
    """Write an area in mm², in cm² from one on."""
    return f"{number(area_mm2)} mm²" if area_mm2 < 100 else f"{number(area_mm2 / 100)} cm²"


def unit_text(unit: str) -> str:
    """Return a unit of modality values as people read it."""
    return visible(_UNITS.get(unit, unit), 16)


def number(value: float) -> str:
    """Write a number with one decimal, with two below ten, as far as that says something.

    >>> number(-1024.0), number(3.256), number(0.0042), number(3.2e7)
    ('−1024.0', '3.26', '0.0042', '3.2e+07')
    """
    size = abs(value)
    if size >= 1e6 or 0 < size < 0.1:
        text = f"{value:.3g}"
    else:
        text = f"{value:.1f}" if size >= 10 else f"{value:.2f}"
    return f"−{text[1:]}" if text.startswith("-") else text


def histogram_lines(counts: Sequence[int], width: int, height: int = 1) -> tuple[str, ...]:
    """Draw how often values occur as blocks in lines, the uppermost first, at most `width` cells wide.

    >>> histogram_lines((0, 1, 4, 8), 4)
    (' ▁▄█',)
    >>> histogram_lines((0, 1, 4, 8), 4, 2)
    ('   █', ' ▂██')
    """
    if not counts or width < 1:
        return ()
    columns = min(width, len(counts))
    edges = [len(counts) * place // columns for place in range(columns + 1)]
    sums = [sum(counts[start:end]) for start, end in pairwise(edges)]
    steps = [_steps(each, max(sums), 8 * height) for each in sums]
    return tuple(
        "".join(_BLOCKS[min(max(step - 8 * below, 0), 8)] for step in steps)
        for below in reversed(range(height))
    )


_BLOCKS = " ▁▂▃▄▅▆▇█"


def _steps(count: int, highest: int, most: int) -> int:
    """Return 0 only for nothing at all: one pixel is seen, too."""
    return 0 if not count else max(1, round(count * most / highest))
