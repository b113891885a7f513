"""What is under the mouse or the probe, in words: a value with its unit, and where it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.pixels.modality_lut import modality_values
from archive.pixels.quantity import quantity

if TYPE_CHECKING:
    from archive.pixels.suv_type import SuvType
    from noctis_tui.imaging.patient_space import Vector
    from noctis_tui.reading.loaded_frame import LoadedFrame

UNITS = {"HU": "HU", "BQML": "Bq/ml", "CNTS": "counts", "US": "", "GML": "g/ml SUV", "OD": "OD"}
"""Units as people write them, by what the attributes call them."""


def value_text(frame: LoadedFrame, column: int, row: int, suv_type: SuvType | None = None) -> str:
    """Return what an image pixel measures with its unit, HU where it is HU; RGB for colour.

    Of a PET the standardized uptake value is told beside it, where there is one.
    """
    if frame.is_color:
        red, green, blue = (int(part) for part in frame.stored_values[row, column])
        return f"R {red} G {green} B {blue}"
    stored = frame.stored_values[row : row + 1, column : column + 1]
    values, unit = quantity(stored, frame.own_attributes)
    value = f"{number_text(float(values[0, 0]))} {UNITS.get(unit or '', unit or '')}".rstrip()
    uptake = suv_text(frame, float(modality_values(stored, frame.own_attributes)[0, 0]), suv_type)
    return f"{value} · {uptake}" if uptake else value


def suv_text(frame: LoadedFrame, modality_value: float, suv_type: SuvType | None) -> str:
    """Return the standardized uptake value of a modality value, empty where there is none."""
    uptake = frame.attributes.standardized_uptake
    factor = uptake.factor(suv_type) if uptake is not None and suv_type is not None else None
    return f"{suv_type} {_rounded(factor * modality_value)}" if factor is not None else ""


def place_text(frame: LoadedFrame, column: int, row: int) -> str:
    """Return where an image pixel lies: its column and row, and its LPS position in the patient.

    In an ultrasound region it is what the region's axes say: seconds and cm/s in a Doppler spectrum.
    """
    where = f"({column}, {row})"
    if frame.plane is None:
        return f"{where}  {_region_text(frame, column, row)}".rstrip()
    return f"{where}  {point_text(frame.plane.patient_point(column, row))}"


def point_text(point_mm: Vector) -> str:
    """Return an LPS position as sides of the patient and millimetres: `L12.5 A3.0 H40.1 mm`."""
    x, y, z = point_mm
    return f"{_side(x, 'LR')} {_side(y, 'PA')} {_side(z, 'HF')} mm"


def _region_text(frame: LoadedFrame, column: int, row: int) -> str:
    region = frame.attributes.calibration_at(column, row)
    if region is None:
        return ""
    axes = (("x", region.physical_x(column), region.units_x), ("y", region.physical_y(row), region.units_y))
    return "  ".join(f"{axis} {_rounded(value)} {units}" for axis, value, units in axes if value is not None)


def _rounded(value: float) -> str:
    return number_text(float(f"{value:.3g}"))


def number_text(value: float) -> str:
    """Write a number as short as it is exact enough to read; a true minus sign."""
    text = (
        f"{value:.0f}"
        if abs(value) < 1e9 and value == int(value)
        else f"{value:.5g}"
        if abs(value) < 1e300
        else "?"
    )
    return text.replace("-", "−")


def _side(value: float, letters: str) -> str:
    return f"{letters[value < 0]}{abs(value):.1f}"
