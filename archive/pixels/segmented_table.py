"""Segmented palettes: runs, ramps and repeats in the place of a table (PS3.3 C.7.9.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from archive.errors import CannotDecode
from archive.pixels.lookup_table import read_entries

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from archive.dicom.data_set import DataSet

_LIMIT = 1 << 16
"""Most entries of a table, parts of its description and segments to expand."""
_NONSENSE = "The color palette's segments make no sense."


def read_segmented_entries(ds: DataSet, tag: int, bits: int) -> NDArray[np.uint16] | None:
    """Return the table that segments in element `tag` stand for; None when it is absent or empty.

    Parameters
    ----------
    bits
        Of an entry: of eight, each part of the description is a byte, otherwise a word.

    Raises
    ------
    CannotDecode
        When the segments make no sense.
    """
    parts = read_entries(ds, _LIMIT, bits, tag)
    if parts is None:
        return None
    table = expand(parts.tolist(), 1 if bits <= 8 else 2)
    return table if len(table) else None


def expand(parts: list[int], part_bytes: int) -> NDArray[np.uint16]:
    """Return the table that segments stand for, at most 65,536 entries; empty when there are none.

    Raises
    ------
    CannotDecode
        When the segments make no sense.
    """
    expansion = _Expansion(parts, part_bytes)
    expansion.run(0, _LIMIT)
    return expansion.table()


class _Expansion:
    """Gathers where the table's values are given; between them it is straight."""

    def __init__(self, parts: list[int], part_bytes: int) -> None:
        self._parts = parts
        self._part_bytes = part_bytes
        self._steps = 0
        self._length = 0
        self._positions: list[int] = []
        self._values: list[int] = []

    def table(self) -> NDArray[np.uint16]:
        """Return the table, which begins at zero where a ramp comes first."""
        positions = np.arange(min(self._length, _LIMIT))
        if not len(positions):
            return np.empty(0, np.uint16)
        given = np.interp(positions, [-1, *self._positions], [0, *self._values])
        return np.rint(given).astype(np.uint16)

    def run(self, position: int, segments: int, *, repeated: bool = False) -> None:
        """Expand `segments` segments from `position` on, or as many as there are."""
        while position + 2 < len(self._parts) and segments > 0 and self._length < _LIMIT:
            opcode, length = self._parts[position : position + 2]
            segments -= 1
            self._steps += 1
            if self._steps > _LIMIT:  # repeats of segments that stand for nothing
                raise CannotDecode(_NONSENSE)
            match opcode:
                case 0:
                    self._give(self._parts[position + 2 : position + 2 + length])
                    position += 2 + length
                case 1:
                    self._length += max(0, length - 1)
                    self._give(self._parts[position + 2 : position + 3] if length else [])
                    position += 3
                case 2 if not repeated:
                    self.run(self._start_of_repeated(position + 2), length, repeated=True)
                    position += 2 + 4 // self._part_bytes
                case _:
                    raise CannotDecode(_NONSENSE)

    def _give(self, values: list[int]) -> None:
        """Append values one by one; what was left out before them is a ramp that ends at the first."""
        self._positions += range(self._length, self._length + len(values))
        self._values += values
        self._length += len(values)

    def _start_of_repeated(self, position: int) -> int:
        """Return where an indirect segment's begin: its offset counts bytes, low part first."""
        parts = self._parts[position : position + 4 // self._part_bytes]
        offset = sum(part << 8 * self._part_bytes * number for number, part in enumerate(parts))
        return offset // self._part_bytes
