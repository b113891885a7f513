"""Values as text, by their VR (PS3.5 6.2)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from archive.dicom.text import decode_text

if TYPE_CHECKING:
    from collections.abc import Sequence

TEXT_LIMIT = 16_384
"""Bytes of one value that are ever read for showing it."""
_BYTES_SHOWN = 32

_BY_CHARACTER_SET = frozenset({"SH", "LO", "ST", "PN", "LT", "UC", "UT"})
_ASCII = frozenset({"AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI", "UR"})
NUMBER_LAYOUTS = {
    vr: struct.Struct(f"={code}")
    for vr, code in {
        "US": "H",
        "SS": "h",
        "UL": "I",
        "SL": "i",
        "FL": "f",
        "FD": "d",
        "UV": "Q",
        "SV": "q",
        "AT": "HH",
    }.items()
}
"""One number of a VR that holds numbers."""


def value_text(raw: bytes, vr: str, character_sets: Sequence[str], *, little: bool, length: int) -> str:
    """Write a value as text; what does not fit its VR is shown as bytes.

    Parameters
    ----------
    raw
        The value, or the beginning of a long one.
    length
        Bytes of the whole value.
    """
    more = "…" if length > len(raw) else ""
    if vr == "SQ":
        return ""
    if vr in _BY_CHARACTER_SET:
        return decode_text(raw, character_sets).rstrip(" \0") + more
    if vr in _ASCII:
        return raw.decode("latin-1").strip(" \0") + more
    if vr in NUMBER_LAYOUTS and len(raw) % NUMBER_LAYOUTS[vr].size == 0:
        return _numbers(raw, vr, little=little) + more
    return _bytes_text(raw, vr, length)


def _numbers(raw: bytes, vr: str, *, little: bool) -> str:
    layout = struct.Struct(("<" if little else ">") + NUMBER_LAYOUTS[vr].format[1:])
    if vr == "AT":
        return "\\".join(f"({group:04X},{number:04X})" for group, number in layout.iter_unpack(raw))
    return "\\".join(
        f"{number:.9g}" if vr in "FLFD" else str(number) for (number,) in layout.iter_unpack(raw)
    )


def _bytes_text(raw: bytes, vr: str, length: int) -> str:
    text = raw.rstrip(b" \0")
    if vr == "UN" and text and length <= len(raw) and text.isascii() and text.decode("ascii").isprintable():
        return text.decode("ascii")
    shown = raw[:_BYTES_SHOWN].hex(" ")
    return shown + f" … ({length:,} bytes)" if length > _BYTES_SHOWN else shown
