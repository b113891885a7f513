"""Siemens' private headers: the CSA element lists, and the protocol text among them.

The layout is nobody's standard; it is described in nibabel's documentation ("Siemens format DICOM with CSA
header") and was checked on files. Version 2 begins with "SV10", version 1 with the number of its elements.
Everything is counted before it is believed.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

ELEMENTS_LIMIT = 1024
ITEMS_LIMIT = 1 << 16
PROTOCOL_LIMIT_BYTES = 4 << 20
_ELEMENT = struct.Struct("<64si4siii")
_ITEM = struct.Struct("<4i")
_ASSIGNMENT = re.compile(
    rb"^([A-Za-z][\w.\[\]]{0,127})[ \t]*=[ \t]*(0x[0-9A-Fa-f]{1,16}|[-+.\deE]{1,32})[ \t]*\r?$",
    re.MULTILINE,
)


def read_csa(data: bytes, wanted: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the values of the wanted elements, padding removed and empty ones left out.

    What ends early or contradicts itself ends the reading; what was found before is returned.
    """
    version_2 = data[:4] == b"SV10"
    start = 8 if version_2 else 0
    if len(data) < start + 8:
        return {}
    (count,) = struct.unpack_from("<I", data, start)
    if not 1 <= count <= ELEMENTS_LIMIT:
        return {}
    return _elements(data, start + 8, count, wanted, version_2=version_2)


def _elements(
    data: bytes, at: int, count: int, wanted: Collection[str], *, version_2: bool
) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    first_items: int | None = None
    items_read = 0
    for _ in range(count):
        if at + _ELEMENT.size > len(data):
            break
        name, _multiplicity, _vr, _type, items, _check = _ELEMENT.unpack_from(data, at)
        at += _ELEMENT.size
        first_items = items if first_items is None else first_items
        items_read += items
        if items < 0 or items_read > ITEMS_LIMIT:
            break
        excess = 0 if version_2 else first_items  # version 1 adds the first element's count to every length
        values, next_at = _items(data, at, items, excess, version_2=version_2)
        text = _text(name)
        if text in wanted:
            found[text] = tuple(filter(None, map(_text, values)))
        if next_at is None:
            break
        at = next_at
    return found


def _items(
    data: bytes, at: int, count: int, excess: int, *, version_2: bool
) -> tuple[list[bytes], int | None]:
    """Return the values at `at` and where they end; None for the end when they do not fit."""
    values: list[bytes] = []
    for _ in range(count):
        if at + _ITEM.size > len(data):
            return values, None
        lengths = _ITEM.unpack_from(data, at)
        length = lengths[1] if version_2 else lengths[0] - excess
        at += _ITEM.size
        if length < 0 or at + length > len(data):
            return values, None
        values.append(data[at : at + length])
        at += -(-length // 4) * 4
    return values, at


def _text(raw: bytes) -> str:
    return raw.partition(b"\0")[0].decode("latin-1").strip()


def read_protocol(data: bytes, wanted: Collection[str]) -> dict[str, float]:
    """Return the wanted numbers that the protocol text (ASCCONV) assigns, by their names."""
    text = data[:PROTOCOL_LIMIT_BYTES]
    begin = text.find(b"### ASCCONV BEGIN")
    end = text.find(b"### ASCCONV END", begin)
    if begin < 0:
        return {}
    numbers: dict[str, float] = {}
    for name, value in _ASSIGNMENT.findall(text[begin : end if end > 0 else len(text)]):
        if (key := name.decode("ascii")) in wanted:
            try:
                numbers[key] = float(int(value, 16)) if value[:2].lower() == b"0x" else float(value)
            except ValueError:
                continue
    return numbers
