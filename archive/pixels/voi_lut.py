"""Modality values to display values: windows and VOI LUTs (PS3.3 C.11.2)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np

from archive.dicom.keywords import (
    LUT_DATA,
    LUT_EXPLANATION,
    VOI_LUT_FUNCTION,
    VOI_LUT_SEQUENCE,
    WINDOW_CENTER,
    WINDOW_CENTER_WIDTH_EXPLANATION,
    WINDOW_WIDTH,
)
from archive.pixels.lookup_table import read_descriptor, read_entries

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from archive.dicom.data_set import DataSet
    from archive.pixels.lookup_table import KnownTables

VoiLutFunction = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]
_VOI_LUTS_LIMIT = 16
_SAMPLES = 1 << 16


@dataclass(frozen=True, slots=True)
class Window:
    """A window over modality values: `center` and `width` in their unit, width above 0."""

    center: float
    width: float
    function: VoiLutFunction = "LINEAR"
    explanation: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class VoiLut:
    """A table from modality values (rounded) to display values of `bits`."""

    first_mapped: int
    bits: int
    table: NDArray[np.uint16]
    explanation: str = ""


def apply_window(modality_values: NDArray[Any], window: Window) -> NDArray[np.float64]:
    """Return 0..1 for each of the values (PS3.3 C.11.2.1.2 and C.11.2.1.3).

    LINEAR narrower than 1, which the standard forbids and parametric maps use, is taken as LINEAR_EXACT.
    NaN becomes 0.
    """
    values = modality_values.astype(np.float64)
    center, width = window.center, window.width
    with np.errstate(all="ignore"):
        if window.function == "SIGMOID":
            shown = 1 / (1 + np.exp(-4 * (values - center) / width))
        elif window.function == "LINEAR" and width >= 1:
            shown = _ramp(values, center - 0.5, width - 1)
        else:
            shown = _ramp(values, center, width)
    return np.nan_to_num(shown, copy=False, nan=0.0)


def _ramp(values: NDArray[np.float64], center: float, width: float) -> NDArray[np.float64]:
    if width <= 0:
        return (values > center).astype(np.float64)
    values -= center
    values /= width
    values += 0.5
    return np.clip(values, 0, 1, out=values)


def apply_voi_lut(modality_values: NDArray[Any], lut: VoiLut) -> NDArray[np.float64]:
    """Return 0..1 for each of the values; those outside the table take its first or last entry."""
    with np.errstate(all="ignore"):
        position = np.nan_to_num(modality_values.astype(np.float64) - lut.first_mapped)
    index = np.clip(position, 0, len(lut.table) - 1).astype(np.intp)
    return np.take(lut.table, index) / float((1 << lut.bits) - 1)


def read_windows(ds: DataSet) -> tuple[Window, ...]:
    """Return the windows of a data set or functional group that can be used (finite, width above 0)."""
    function = _function(ds.text(VOI_LUT_FUNCTION))
    explanations = ds.texts(WINDOW_CENTER_WIDTH_EXPLANATION)
    centers, widths = ds.numbers(WINDOW_CENTER), ds.numbers(WINDOW_WIDTH)
    return tuple(
        Window(center, width, function, explanations[index] if index < len(explanations) else "")
        for index, (center, width) in enumerate(zip(centers, widths, strict=False))
        if math.isfinite(center) and math.isfinite(width) and width > 0
    )


def _function(text: str) -> VoiLutFunction:
    match text.upper():
        case "LINEAR_EXACT":
            return "LINEAR_EXACT"
        case "SIGMOID":
            return "SIGMOID"
        case _:
            return "LINEAR"


def read_voi_luts(ds: DataSet, tables: KnownTables, *, signed: bool) -> tuple[VoiLut, ...]:
    """Return the VOI LUTs of a data set or functional group that can be read."""
    read = partial(_read_voi_lut, signed=signed)
    luts = (tables.get(item, LUT_DATA, read) for item in ds.items(VOI_LUT_SEQUENCE, _VOI_LUTS_LIMIT))
    return tuple(lut for lut in luts if lut is not None)


def _read_voi_lut(item: DataSet, *, signed: bool) -> VoiLut | None:
    descriptor = read_descriptor(item, signed=signed)
    if descriptor is None:
        return None
    table = read_entries(item, descriptor.entries, descriptor.bits)
    if table is None:
        return None
    bits = max(descriptor.bits, int(table.max()).bit_length())  # a descriptor that says less than the data
    return VoiLut(descriptor.first_mapped, bits, table, item.text(LUT_EXPLANATION))


def automatic_window(modality_values: NDArray[Any], padding: tuple[float, float] | None = None) -> Window:
    """Return a window that shows the bulk of the values, whatever their unit.

    Parameters
    ----------
    modality_values
        Modality values [rows, columns]; NaN and infinities are ignored.
    padding
        Lowest and highest modality value that stand for "nothing here", both included.

    Returns
    -------
    Window
        From the 0.5th to the 99.5th percentile of what is left without padding, and without a rim of one
        value far below or above the rest (scanners fill what they did not see, and not all declare it). Where
        nine tenths are one value, as in a map of few spots, the percentiles are those of the others.
    """
    values = _sampled(modality_values)
    if padding is not None:
        inside = values[(values < padding[0]) | (values > padding[1])]
        values = inside if inside.size else values
    for sign in (1, -1, 1):  # a rim may hide behind the other
        values = _without_rim(values, sign)
    if not values.size:
        return Window(0.5, 1.0)
    low, high = _bulk(values)
    if high - low >= 16:
        return Window(round((low + high + 1) / 2, 1), round(high - low + 1))
    return Window((low + high) / 2, max(high - low, 1e-6 * max(abs(low), abs(high)), 1e-12), "LINEAR_EXACT")


def _sampled(modality_values: NDArray[Any]) -> NDArray[np.float64]:
    flat = modality_values.reshape(-1)
    step = max(1, flat.size // _SAMPLES) | 1  # odd, so that it does not run along a column
    values = flat[::step].astype(np.float64)
    return values[np.isfinite(values)]


def _bulk(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the 0.5th and 99.5th percentile, of the spots and their ground where nearly all is ground."""
    ground = float(np.median(values))
    spots = values[values != ground]
    if not 0 < spots.size < values.size / 10:
        low, high = np.percentile(values, (0.5, 99.5))
        return float(low), float(high)
    low, high = np.percentile(spots, (0.5, 99.5))
    return min(float(low), ground), max(float(high), ground)


def _without_rim(values: NDArray[np.float64], sign: int) -> NDArray[np.float64]:
    """Drop the lowest value (the highest for -1) when many samples hold it and the rest lies far from it."""
    if values.size < 16:
        return values
    end = sign * (sign * values).min()
    rest = values[values != end]
    if rest.size < max(2, values.size // 50) or values.size - rest.size < values.size // 100:
        return values
    low, high = np.percentile(rest, (0.5, 99.5))
    gap = low - end if sign > 0 else end - high
    return rest if gap > 0.25 * (high - low) > 0 else values
