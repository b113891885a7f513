"""Stored values to modality values (PS3.3 C.11.1)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from archive.dicom.keywords import (
    LUT_DATA,
    MODALITY_LUT_SEQUENCE,
    MODALITY_LUT_TYPE,
    RESCALE_INTERCEPT,
    RESCALE_SLOPE,
)
from archive.pixels.blocks import row_blocks
from archive.pixels.lookup_table import read_descriptor, read_entries

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from archive.dicom.data_set import DataSet
    from archive.pixels.attributes import FrameAttributes
    from archive.pixels.lookup_table import KnownTables


@dataclass(frozen=True, slots=True)
class Rescale:
    """``modality value = slope * stored value + intercept``; both finite."""

    slope: float
    intercept: float


@dataclass(frozen=True, slots=True, eq=False)
class ModalityLut:
    """A table from stored values to modality values; values outside take its first or last entry."""

    first_mapped: int
    bits: int
    table: NDArray[np.uint16]
    type: str = ""


def read_rescale(ds: DataSet) -> Rescale | None:
    """Return the rescale of a data set or functional group; None when it is absent or not finite."""
    slope, intercept = ds.vector(RESCALE_SLOPE, 1), ds.vector(RESCALE_INTERCEPT, 1)
    return Rescale(slope[0], intercept[0]) if slope and intercept else None


def read_modality_lut(ds: DataSet, tables: KnownTables, *, signed: bool) -> ModalityLut | None:
    """Return the Modality LUT of a data set, or None when it has none that can be read."""
    item = ds.first_item(MODALITY_LUT_SEQUENCE)
    return tables.get(item, LUT_DATA, partial(_read_table, signed=signed)) if item else None


def _read_table(item: DataSet, *, signed: bool) -> ModalityLut | None:
    descriptor = read_descriptor(item, signed=signed)
    if descriptor is None:
        return None
    table = read_entries(item, descriptor.entries, descriptor.bits)
    if table is None:
        return None
    return ModalityLut(descriptor.first_mapped, descriptor.bits, table, item.text(MODALITY_LUT_TYPE))


def look_up(values: NDArray[Any], first_mapped: int, table: NDArray[Any]) -> NDArray[Any]:
    """Return the table's entry for each of `values`; those outside take the first or the last entry."""
    wide = values.astype(np.int64 if values.dtype.itemsize >= 4 else np.int32)
    entries: NDArray[Any] = table[np.clip(wide - first_mapped, 0, len(table) - 1)]
    return entries


def modality_values(stored: NDArray[Any], frame_attributes: FrameAttributes) -> NDArray[np.float32]:
    """Return the modality values of a grey frame.

    Parameters
    ----------
    stored
        Stored values [rows, columns] as `ImageFile.stored_values` gives them; any shape will do.
    frame_attributes
        Says which Modality LUT or rescale applies.

    Returns
    -------
    NDArray[np.float32]
        Same shape. The rescale is computed in float64 and rounded once. Values beyond float32 are infinite.
    """
    values = np.empty(stored.shape, np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        for rows in row_blocks(stored.shape):
            values[rows] = map_stored(stored[rows], frame_attributes.rescale, frame_attributes.modality_lut)
    return values


def map_stored(stored: NDArray[Any], rescale: Rescale | None, lut: ModalityLut | None) -> NDArray[Any]:
    """Return modality values as exactly as they are computed: float64, the table's integers, or `stored`."""
    if lut is not None:
        return look_up(stored, lut.first_mapped, lut.table)
    if rescale is None:
        return stored
    with np.errstate(over="ignore", invalid="ignore"):
        values = stored.astype(np.float64)
        values *= rescale.slope
        values += rescale.intercept
    return values
