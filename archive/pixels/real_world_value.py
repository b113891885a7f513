"""Stored values to real world values: what a pixel measures (PS3.3 C.7.6.16.2.11).

A mapping stands beside the modality and VOI stages, not in them: it is for reading values, never for the
picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from archive.dicom import keywords as kw

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from numpy.typing import NDArray

    from archive.dicom.data_set import DataSet
    from archive.pixels.lookup_table import KnownTables

REAL_WORLD_VALUE_MAPPINGS_LIMIT = 8
_ENTRIES_LIMIT = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class RealWorldValueMapping:
    """Stored values from `first_mapped` to `last_mapped`, both included, and what they stand for.

    `table` has one value for each of them where the mapping is no line; otherwise it is
    ``slope * stored value + intercept``.
    """

    first_mapped: float
    last_mapped: float
    slope: float
    intercept: float
    table: NDArray[np.float64] | None
    unit: str
    """Code value of the units, which is UCUM: "ml/100ml/s"; "1" for a number without unit."""
    label: str
    explanation: str


def read_real_world_value_mappings(
    items: Iterable[DataSet], tables: KnownTables, *, signed: bool
) -> tuple[RealWorldValueMapping, ...]:
    """Return the mappings that can be read, in the file's order.

    Parameters
    ----------
    items
        Items of a Real World Value Mapping Sequence.
    tables
        Tables that frames share.
    signed
        Whether stored values are: decides how a bound is read that was written as US.
    """
    read = partial(_read_mapping, signed=signed)
    found = (tables.get(item, kw.REAL_WORLD_VALUE_LUT_DATA, read) for item in items)
    return tuple(mapping for mapping in found if mapping is not None)


def _read_mapping(item: DataSet, *, signed: bool) -> RealWorldValueMapping | None:
    bounds = _bounds(item, signed=signed)
    line = _first(item, kw.REAL_WORLD_VALUE_SLOPE), _first(item, kw.REAL_WORLD_VALUE_INTERCEPT)
    table = _table(item)
    if bounds is None or bounds[1] < bounds[0] or (table is None and not all(map(math.isfinite, line))):
        return None
    if table is not None and len(table) < bounds[1] - bounds[0] + 1:
        return None
    units = item.first_item(kw.MEASUREMENT_UNITS_CODE_SEQUENCE)
    return RealWorldValueMapping(
        *bounds,
        slope=line[0],
        intercept=line[1],
        table=table,
        unit=units.text(kw.CODE_VALUE) if units else "",
        label=item.text(kw.LUT_LABEL),
        explanation=item.text(kw.LUT_EXPLANATION),
    )


def _bounds(item: DataSet, *, signed: bool) -> tuple[float, float] | None:
    doubles = (
        _first(item, kw.DOUBLE_FLOAT_REAL_WORLD_VALUE_FIRST_VALUE_MAPPED),
        _first(item, kw.DOUBLE_FLOAT_REAL_WORLD_VALUE_LAST_VALUE_MAPPED),
    )
    if all(map(math.isfinite, doubles)):
        return doubles
    first = _integer(item, kw.REAL_WORLD_VALUE_FIRST_VALUE_MAPPED, signed=signed)
    last = _integer(item, kw.REAL_WORLD_VALUE_LAST_VALUE_MAPPED, signed=signed)
    if first is None or last is None:
        return None
    return (first, last) if first <= last else (first, last + (1 << 16))  # up to 65535 of a signed image


def _integer(item: DataSet, tag: int, *, signed: bool) -> float | None:
    """Return sixteen bits as stored values have them, whether they were written as US or SS."""
    values = item.numbers(tag, b"US")
    if not values or not math.isfinite(values[0]):
        return None
    bits = int(values[0]) & 0xFFFF
    return bits - (1 << 16) if signed and bits >= 1 << 15 else bits


def _table(item: DataSet) -> NDArray[np.float64] | None:
    if kw.REAL_WORLD_VALUE_LUT_DATA not in item:
        return None
    raw = item.raw(kw.REAL_WORLD_VALUE_LUT_DATA)[: 8 * _ENTRIES_LIMIT]
    return np.frombuffer(raw[: len(raw) & ~7], f"{item.encoding.byte_order}f8").astype(np.float64)


def _first(item: DataSet, tag: int) -> float:
    return next(iter(item.numbers(tag, b"FD")), math.nan)


def real_world_values(stored: NDArray[Any], mapping: RealWorldValueMapping) -> NDArray[np.float64]:
    """Return the real world value of each stored value; NaN where the mapping says nothing of it."""
    values = stored.astype(np.float64)
    mapped = (values >= mapping.first_mapped) & (values <= mapping.last_mapped)
    if mapping.table is None:
        with np.errstate(over="ignore", invalid="ignore"):
            measured = mapping.slope * values + mapping.intercept
    else:
        index = np.where(mapped, values - mapping.first_mapped, 0).astype(np.intp)
        measured = mapping.table[index]
    measured[~mapped] = np.nan
    return measured
