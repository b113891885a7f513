"""Lookup tables as files carry them: descriptor, data, and what to believe when the two disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

import numpy as np

from archive.dicom.keywords import LUT_DATA, LUT_DESCRIPTOR

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from archive.dicom.data_set import DataSet
    from archive.dicom.lenient import Value

_ENTRIES_LIMIT = 1 << 16
_Table = TypeVar("_Table")


class Descriptor(NamedTuple):
    """What a LUT Descriptor says (PS3.3 C.11.1.1)."""

    entries: int
    first_mapped: int
    bits: int


class KnownTables:
    """Tables by where their data lies, so that all frames that share one hold one."""

    def __init__(self) -> None:
        self._known: dict[int, object] = {}

    def get(self, item: DataSet, data_tag: int, read: Callable[[DataSet], _Table]) -> _Table:
        """Return what `read` makes of `item`, whose table lies in `data_tag`."""
        element = item.element(data_tag)
        if element is None:
            return read(item)
        if element.offset not in self._known:
            self._known[element.offset] = read(item)
        return cast("_Table", self._known[element.offset])


def read_descriptor(item: DataSet, tag: int = LUT_DESCRIPTOR, *, signed: bool = False) -> Descriptor | None:
    """Return the descriptor, or None when it is not three numbers with 1..16 bits.

    `signed` tells how the second value is read where its VR is ambiguous (US or SS).
    """
    unsigned_values = item.numbers(tag, b"US")
    if len(unsigned_values) < 3:
        return None
    entries, first, bits = (int(value) for value in unsigned_values[:3])
    element = item.element(tag)
    assert element is not None
    if signed and element.vr != b"SS" and first >= 1 << 15:
        first -= 1 << 16
    if not 1 <= bits <= 16:
        return None
    return Descriptor((entries & 0xFFFF) or _ENTRIES_LIMIT, first, bits)


def read_entries(item: DataSet, entries: int, bits: int, tag: int = LUT_DATA) -> NDArray[np.uint16] | None:
    """Return the table's entries, at most `entries` of them; None when there are none.

    Eight-bit entries may be one a byte or one a word; the length of the data decides.
    """
    element = item.element(tag)
    raw = _without_undefined(item, element, tag)
    if len(raw) >= 2 * entries or bits > 8 or not raw:
        words = np.frombuffer(raw[: len(raw) & ~1], f"{item.encoding.byte_order}u2")
        table = words.astype(np.uint16)
    else:
        data = np.frombuffer(raw, np.uint8)
        if item.encoding.byte_order == ">" and element is not None and element.vr != b"OB":
            data = data[: len(data) & ~1].reshape(-1, 2)[:, ::-1].ravel()
        table = data.astype(np.uint16)
    return table[:entries] if len(table) else None


def _without_undefined(item: DataSet, element: Value | None, tag: int) -> bytes:
    return b"" if element is None else item.raw(tag)[: 2 * _ENTRIES_LIMIT]
