"""Every attribute of an instance, nested and private ones too, named and readable; no pixels are loaded."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from archive.dicom.elements import DELIMITING_GROUP, EXPLICIT_LITTLE_ENDIAN
from archive.dicom.keywords import ITEM, SEQUENCE_DELIMITATION_ITEM, SPECIFIC_CHARACTER_SET
from archive.dicom.location import unwrap
from archive.dicom.names import Naming
from archive.dicom.part10 import parse_file_meta
from archive.dicom.structure import Element, Walk, holds_fragments
from archive.dicom.values import TEXT_LIMIT, value_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.dicom.elements import Buffer, Encoding
    from archive.dicom.source import Source


@dataclass(frozen=True, slots=True)
class Attribute:
    """One element, item or delimiter as a person reads it.

    Attributes
    ----------
    path
        Tags and item numbers from the top: `(0040,A730)[2](0008,0100)`; items count from 1.
    vr
        As written, or the dictionary's where the file has none or UN.
    keyword
        Of the standard's dictionary; empty for private elements.
    name
        The standard's or, in quotes, the private creator's; empty when nobody knows.
    value
        Text as decoded, **hostile until `text.visible` has been over it**; numbers separated by backslashes;
        bytes in hexadecimal. Long values are cut and end in an ellipsis.
    length
        Bytes of the value; None when undefined.
    """

    depth: int
    path: str
    tag: int
    vr: str
    keyword: str
    name: str
    value: str
    length: int | None

    @property
    def is_item(self) -> bool:
        """Whether this is an item of a sequence and not an element."""
        return self.tag == ITEM


@dataclass(slots=True)
class _Level:
    """What an item (or the top) hands down to its elements."""

    path: str
    character_sets: tuple[str, ...] = ()
    items: int = 0
    sequence_path: str = ""
    naming: Naming = field(default_factory=Naming)


def walk_attributes(source: Source, emit: Callable[[Attribute], None]) -> None:
    """Emit every attribute of a file in its order, file meta information first.

    Raises
    ------
    BadInput, CannotUnderstand
        As `header.read_header`, after everything before the fault has been emitted.
    """
    meta = parse_file_meta(source)
    if meta.is_part10:
        begin = 132 if meta.has_preamble else 0
        _Emission(source.whole, emit).run(begin, meta.data_set_offset, EXPLICIT_LITTLE_ENDIAN)
    located = unwrap(source, meta.data_set_offset, meta.transfer_syntax_uid)
    buffer = located.source.whole
    _Emission(buffer, emit).run(located.offset, len(buffer), located.encoding)


class _Emission:
    def __init__(self, buffer: Buffer, emit: Callable[[Attribute], None]) -> None:
        self._buffer = buffer
        self._emit = emit
        self._levels = [_Level(path="")]
        self._encapsulated: Attribute | None = None
        self._fragments = 0

    def run(self, start: int, stop: int, encoding: Encoding) -> None:
        Walk(self._buffer, self._see).data_set(start, stop, encoding)

    def _see(self, element: Element) -> None:
        if self._encapsulated is not None:
            self._see_fragment(element, self._encapsulated)
        elif element.tag == ITEM:
            self._see_item(element)
        elif element.tag >> 16 != DELIMITING_GROUP:
            self._see_element(element)

    def _see_fragment(self, element: Element, pixels: Attribute) -> None:
        if element.tag != SEQUENCE_DELIMITATION_ITEM:
            self._fragments += 1
            return
        # The first item is the offset table, empty or not (PS3.5 A.4).
        self._emit(replace(pixels, value=f"{max(self._fragments - 1, 0)} fragments"))
        self._encapsulated = None

    def _see_item(self, element: Element) -> None:
        parent = self._levels[element.depth - 1]
        parent.items += 1
        path = f"{parent.sequence_path}[{parent.items}]"
        del self._levels[element.depth :]
        self._levels.append(_Level(path, parent.character_sets))
        length = None if element.stop is None else element.stop - element.start
        self._emit(Attribute(element.depth, path, ITEM, "", "Item", f"Item {parent.items}", "", length))

    def _see_element(self, element: Element) -> None:
        level = self._levels[element.depth]
        attribute = self._attribute(element, level)
        level.sequence_path, level.items = attribute.path, 0
        if element.stop is None and holds_fragments(element):
            self._encapsulated, self._fragments = attribute, 0
            return
        self._emit(attribute)

    def _attribute(self, element: Element, level: _Level) -> Attribute:
        tag, length = element.tag, None if element.stop is None else element.stop - element.start
        raw = b""
        if element.stop is not None and element.vr != b"SQ":
            raw = bytes(self._buffer[element.start : min(element.stop, element.start + TEXT_LIMIT)])
        vr, keyword, name = level.naming.of(element, raw)
        if tag == SPECIFIC_CHARACTER_SET:
            parts = raw.decode("latin-1").split("\\")
            level.character_sets = tuple(part.strip(" \0") for part in parts) if raw.strip(b" \0") else ()
        value = value_text(raw, vr, level.character_sets, little=element.little, length=length or 0)
        path = f"{level.path}({tag >> 16:04X},{tag & 0xFFFF:04X})"
        return Attribute(element.depth, path, tag, vr, keyword, name, value, length)
