"""A data set whose values are read when they are asked for."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING

from archive.dicom.elements import encoding_of_item, encoding_of_items
from archive.dicom.lenient import LenientWalk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.dicom.elements import Encoding
    from archive.dicom.lenient import Value
    from archive.dicom.source import Source

VALUE_LIMIT_BYTES = 64 << 20
"""No lookup or offset table is larger; what claims to be is cut here."""

_NUMBER_FORMATS = {
    b"US": "H", b"SS": "h", b"UL": "I", b"SL": "i", b"UV": "Q", b"SV": "q",
    b"FL": "f", b"FD": "d", b"OW": "H", b"OB": "B", b"OF": "f", b"OD": "d", b"OV": "Q", b"OL": "I",
}  # fmt: skip
_TEXT_VRS = frozenset(b"DS IS CS LO SH ST LT UT UC".split())
_NUMBERS_LIMIT = 4096


class DataSet:
    """One data set, or one item of a sequence.

    Values that a writer got wrong read as absent: one bad cell, not a crash.

    Parameters
    ----------
    groups
        Keep only elements of these groups; all when None.
    until_group
        Stop before the first element of a later group; `end` is then where it begins.
    """

    def __init__(
        self,
        source: Source,
        offset: int,
        end: int,
        encoding: Encoding,
        *,
        groups: frozenset[int] | None = None,
        until_group: int = 0xFFFF,
    ) -> None:
        self._source = source
        self.encoding = encoding
        self.end = offset
        self._elements: dict[int, Value] = {}
        for tag, element in LenientWalk(source).elements(offset, end, encoding, groups):
            if tag >> 16 > until_group:
                break
            self.end = element.offset + element.length
            self._elements[tag] = element

    def __contains__(self, tag: int) -> bool:
        return tag in self._elements

    def element(self, tag: int) -> Value | None:
        """Return where the element lies, or None."""
        return self._elements.get(tag)

    def raw(self, tag: int) -> bytes:
        """Return the value's bytes; empty when the element is absent."""
        element = self._elements.get(tag)
        if element is None or element.undefined:
            return b""
        return self._source.read(element.offset, min(element.length, VALUE_LIMIT_BYTES))

    def texts(self, tag: int) -> tuple[str, ...]:
        """Return the values of a text element, padding removed (ASCII; other bytes as Latin-1)."""
        if tag not in self._elements:
            return ()
        return tuple(value.strip(" \0") for value in self.raw(tag)[: 1 << 16].decode("latin-1").split("\\"))

    def text(self, tag: int) -> str:
        """Return the first value of a text element, or an empty string."""
        return next(iter(self.texts(tag)), "")

    def numbers(self, tag: int, vr: bytes = b"DS") -> tuple[float, ...]:
        """Return the values of a number element; `vr` is what PS3.6 says where the file does not.

        Values that are no numbers are left out; NaN and infinities stay for the caller to judge.
        """
        element = self._elements.get(tag)
        if element is None:
            return ()
        written = element.vr if element.vr in _NUMBER_FORMATS or element.vr in _TEXT_VRS else vr
        if written in _TEXT_VRS:
            return tuple(_parsed(self.texts(tag)[:_NUMBERS_LIMIT]))
        code = _NUMBER_FORMATS[written]
        raw = self.raw(tag)[: _NUMBERS_LIMIT * struct.calcsize(code)]
        count = len(raw) // struct.calcsize(code)
        return struct.unpack_from(f"{self.encoding.byte_order}{count}{code}", raw)

    def integer(self, tag: int, default: int, vr: bytes = b"US") -> int:
        """Return the first value as an integer, or `default` where there is none."""
        number = next(iter(self.numbers(tag, vr)), math.nan)
        return int(number) if math.isfinite(number) else default

    def vector(self, tag: int, length: int) -> tuple[float, ...] | None:
        """Return exactly `length` finite numbers, or None."""
        values = self.numbers(tag)[:length]
        return values if len(values) == length and all(map(math.isfinite, values)) else None

    def items(self, tag: int, limit: int = 4096) -> list[DataSet]:
        """Return the items of a sequence; an empty list when it is absent."""
        return [self.item_at(tag, span) for span in self.item_spans(tag)[:limit]]

    def first_item(self, tag: int) -> DataSet | None:
        """Return the first item of a sequence, or None."""
        return next(iter(self.items(tag, 1)), None)

    def item_spans(self, tag: int) -> Sequence[tuple[int, int]]:
        """Return (offset, end) of every item of a sequence, without walking into them."""
        element = self._elements.get(tag)
        if element is None or element.vr not in {b"SQ", b"UN", b""}:
            return ()
        end = element.offset + element.length
        return list(LenientWalk(self._source).items(element.offset, end, self._items_encoding(element)))

    def item_at(self, tag: int, span: tuple[int, int]) -> DataSet:
        """Return the item of sequence `tag` that lies at `span`."""
        encoding = self._items_encoding(self._elements[tag])
        if not encoding.implicit:
            encoding = encoding_of_item(self._source.read(span[0] + 4, 2), encoding)
        return DataSet(self._source, *span, encoding)

    def _items_encoding(self, sequence: Value) -> Encoding:
        if sequence.vr != b"UN":
            return self.encoding
        return encoding_of_items(sequence.vr, self._source.read(sequence.offset, 1), self.encoding)


def _parsed(values: Sequence[str]) -> list[float]:
    numbers = []
    for value in values:
        try:
            numbers.append(float(value))
        except ValueError:
            continue
    return numbers
