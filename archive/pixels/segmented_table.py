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
    expansion = _Expansion(parts.tolist(), 1 if bits <= 8 else 2)
    expansion.run(0, _LIMIT)
    return np.array(expansion.entries[:_LIMIT], np.uint16) if expansion.entries else None


class _Expansion:
    def __init__(self, parts: list[int], part_bytes: int) -> None:
        self._parts = parts
        self._part_bytes = part_bytes
        self._steps = 0
        self.entries: list[int] = []

    def run(self, position: int, segments: int, *, repeated: bool = False) -> None:
        """Expand `segments` segments from `position` on, or as many as there are."""
        while position + 2 < len(self._parts) and segments > 0 and len(self.entries) < _LIMIT:
            opcode, length = self._parts[position : position + 2]
            segments -= 1
            self._steps += 1
            if self._steps > _LIMIT:  # repeats of segments that stand for nothing
                raise CannotDecode(_NONSENSE)
            match opcode:
                case 0:
                    self.entries += self._parts[position + 2 : position + 2 + length]
                    position += 2 + length
                case 1:
                    self._ramp(length, self._parts[position + 2])
                    position += 3
                case 2 if not repeated:
                    self.run(self._start_of_repeated(position + 2), length, repeated=True)
                    position += 2 + 4 // self._part_bytes
                case _:
                    raise CannotDecode(_NONSENSE)

    def _ramp(self, length: int, last: int) -> None:
        """Append a linear segment, which begins behind the entry before it."""
        first = (self.entries or [0])[-1]
        self.entries += [round(value) for value in np.linspace(first, last, length + 1)[1:]]

    def _start_of_repeated(self, position: int) -> int:
        """Return where an indirect segment's begin: its offset counts bytes, low part first."""
        parts = self._parts[position : position + 4 // self._part_bytes]
        offset = sum(part << 8 * self._part_bytes * number for number, part in enumerate(parts))
        return offset // self._part_bytes
