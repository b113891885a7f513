"""Whether two values say the same, however they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from archive.dicom.text import decode_text

if TYPE_CHECKING:
    from archive.dicom.element_node import Node

_CHUNK = 1 << 20
_LONGEST_TEXT = 16 << 20
"""Bytes of a text that are decoded for comparing; of a longer one the bytes must be the same."""
_DECODED = frozenset({"SH", "LO", "ST", "PN", "LT", "UC", "UT"})
_TRIMMED = frozenset({"AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI", "UR"})
_FREE_TEXT = frozenset({"ST", "LT", "UT", "UR"})
_WORDS = {
    **dict.fromkeys(("US", "SS", "OW", "AT"), 2),
    **dict.fromkeys(("UL", "SL", "FL", "OL", "OF"), 4),
    **dict.fromkeys(("FD", "UV", "SV", "OD", "OV"), 8),
}
"""Bytes of a number, whose order depends on the encoding."""


def first_difference(left: Node, right: Node, vr: str) -> int | None:
    """Return at which byte two values begin to differ; None when they say the same.

    Texts are compared as decoded and without padding (PS3.5 6.2), numbers and words whatever their byte
    order. For those that are not compared as bytes the answer is 0 where they differ.
    """
    if vr in _DECODED or vr in _TRIMMED:
        return _first_in_texts(left, right, vr)
    width = _WORDS.get(vr, 1)
    swap = width > 1 and left.level.encoding.little != right.level.encoding.little
    return _first_in_bytes(left, right, width if swap else 1)


def _first_in_texts(left: Node, right: Node, vr: str) -> int | None:
    same_words = vr in _TRIMMED or left.level.character_sets == right.level.character_sets
    if same_words and left.value.length == right.value.length and _first_in_bytes(left, right, 1) is None:
        return None
    if max(left.value.length, right.value.length) > _LONGEST_TEXT:
        return _first_in_bytes(left, right, 1) if same_words else 0
    return None if _said(left, vr) == _said(right, vr) else 0


def _said(node: Node, vr: str) -> list[str]:
    raw = node.read(_LONGEST_TEXT)
    text = decode_text(raw, node.level.character_sets) if vr in _DECODED else raw.decode("latin-1")
    if vr in _FREE_TEXT:
        return [text.rstrip(" \0")]
    return [value.strip(" \0") for value in text.split("\\")]


def _first_in_bytes(left: Node, right: Node, swapped_width: int) -> int | None:
    shorter = min(left.value.length, right.value.length)
    for start in range(0, shorter, _CHUNK):
        length = min(_CHUNK, shorter - start)
        ours, theirs = left.read(length, start), _swapped(right.read(length, start), swapped_width)
        if ours != theirs:
            return start + _first_unequal(ours, theirs)
    return None if left.value.length == right.value.length else shorter


def _first_unequal(left: bytes, right: bytes) -> int:
    length = min(len(left), len(right))
    unequal = np.frombuffer(left, np.uint8, length) != np.frombuffer(right, np.uint8, length)
    return int(unequal.argmax()) if unequal.any() else length


def _swapped(raw: bytes, width: int) -> bytes:
    if width == 1 or len(raw) % width:
        return raw
    return np.frombuffer(raw, np.uint8).reshape(-1, width)[:, ::-1].tobytes()
