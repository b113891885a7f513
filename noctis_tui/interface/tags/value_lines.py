"""A whole value as lines, each read when it comes on screen: values, text, or bytes in hexadecimal."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, overload

from archive.dicom.readings import reading
from archive.dicom.text import decode_text, visible
from archive.dicom.values import NUMBER_LAYOUTS, value_text

if TYPE_CHECKING:
    from archive.dicom.element_node import Node

TEXT_BYTES = 1 << 20
"""Bytes of a text that are shown; a person who wants more wants another program."""
_BYTES_IN_A_LINE = 16
_FREE_TEXT = frozenset({"ST", "LT", "UT"})
"""VRs whose backslashes separate nothing (PS3.5 6.2)."""
_SEPARATED = frozenset(
    {*("AE", "AS", "CS", "DA", "DS", "DT", "IS"), *("LO", "PN", "SH", "TM", "UC", "UI", "UR")}
)
_LINES_OF_TEXT = 100_000

Line = tuple[str, str, str]
"""What stands before a line, the line, and what it says; all of it safe to show."""


class ValueLines(Sequence[Line]):
    """The lines of one value.

    Parameters
    ----------
    node
        Whose value it is.
    vr
        As `attribute_of` names it.
    width
        Cells that a line of text may take.
    """

    def __init__(self, node: Node, vr: str, width: int) -> None:
        self._node, self._vr = node, vr
        self._little = node.level.encoding.little
        self._texts: list[Line] | None = (
            _text_lines(node, vr, max(width, 20)) if vr in _FREE_TEXT | _SEPARATED else None
        )
        self._step = _bytes_in_a_line(vr, node.value.length)
        self._line = lru_cache(maxsize=512)(self._read_line)

    def __len__(self) -> int:
        return len(self._texts) if self._texts is not None else -(-self._node.value.length // self._step)

    @overload
    def __getitem__(self, index: int) -> Line: ...
    @overload
    def __getitem__(self, index: slice) -> list[Line]: ...
    def __getitem__(self, index: int | slice) -> Line | list[Line]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        return self._texts[index] if self._texts is not None else self._line(index)

    def _read_line(self, index: int) -> Line:
        raw = self._node.read(self._step, index * self._step)
        if self._step != _BYTES_IN_A_LINE:
            text = value_text(raw, self._vr, (), little=self._little, length=len(raw))
            return f"{index + 1}", text, reading(self._vr, text)
        letters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "·" for byte in raw)
        left, right = raw[:8].hex(" "), raw[8:].hex(" ")
        return f"{index * _BYTES_IN_A_LINE:08x}", f"{left:<23}  {right:<23}", letters


def _bytes_in_a_line(vr: str, length: int) -> int:
    """Return the bytes of one number, or of one line of bytes where the value is no numbers."""
    size = NUMBER_LAYOUTS[vr].size if vr in NUMBER_LAYOUTS else 0
    return size if size and length % size == 0 else _BYTES_IN_A_LINE


def _text_lines(node: Node, vr: str, width: int) -> list[Line]:
    text = decode_text(node.read(TEXT_BYTES), node.level.character_sets).rstrip(" \0")
    lines: list[Line] = []
    if vr in _FREE_TEXT:
        parts = [(part, "") for line in text.splitlines() for part in _wrapped(line, width)]
    else:
        values = text.split("\\")[:_LINES_OF_TEXT]
        parts = [(value[: 10 * width], reading(vr, value.strip())) for value in values]
    for number, (part, says) in enumerate(parts[:_LINES_OF_TEXT], 1):
        lines.append((str(number), visible(part), visible(says)))
    if node.value.length > TEXT_BYTES or len(parts) > _LINES_OF_TEXT:
        lines.append(("…", f"and more: {node.value.length:,} bytes in all", ""))
    return lines


def _wrapped(line: str, width: int) -> list[str]:
    return [line[start : start + width] for start in range(0, len(line), width)] or [""]
