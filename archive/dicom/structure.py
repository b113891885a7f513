"""The structure of a data set (PS3.5 section 7): elements, sequences, items, fragments; never loaded."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple, Protocol

from archive.dicom.compiled_plain import plain_explicit, plain_implicit
from archive.dicom.elements import (
    DELIMITING_GROUP,
    NO_VR,
    UNDEFINED_LENGTH,
    WITHOUT_VR,
    Encoding,
    element_header,
    encoding_of_item,
    encoding_of_items,
)
from archive.dicom.keywords import ITEM, ITEM_DELIMITATION_ITEM, PIXEL_DATA, SEQUENCE_DELIMITATION_ITEM
from archive.dicom.source import release_pages
from archive.errors import CannotUnderstand

if TYPE_CHECKING:
    from archive.dicom.elements import Buffer

MAXIMUM_DEPTH = 64
"""Sequences inside sequences; real data sets stay below ten."""
RELEASE_BYTES = 4 << 20
"""How far a walk goes before it gives back the pages of a mapped file that it has looked at."""
MAXIMUM_ELEMENTS = 1_000_000
"""Elements, items and fragments of one data set, so that a few megabytes cannot cost minutes."""


class Element(NamedTuple):
    """Where one element stands in its buffer; `stop` is None for an undefined length."""

    depth: int
    tag: int
    vr: bytes
    start: int
    stop: int | None
    little: bool = True


class TooMuch(CannotUnderstand):
    """A limit of depth or count is passed, which nobody's mistake explains."""


class Visitor(Protocol):
    """Called with each element, item, fragment and delimiter in the order of the data set."""

    def __call__(self, element: Element, /) -> None:
        """See one element."""


class _Level(NamedTuple):
    """A data set (top level or item) or a sequence that the walk is inside of."""

    is_sequence: bool
    stop: int
    undefined: bool
    encoding: Encoding
    is_guess: bool = False
    """A value of unknown VR that begins as a sequence does; when it goes wrong it is plain bytes."""


def truncated(position: int) -> CannotUnderstand:
    """Return the error for a value or delimiter that the data set ends before."""
    return CannotUnderstand(f"The data set is cut short: the element at byte {position} is not complete.")


def require_count(elements: int) -> None:
    """Raise `TooMuch` when a data set has more elements than `MAXIMUM_ELEMENTS`."""
    if elements > MAXIMUM_ELEMENTS:
        raise TooMuch(f"The data set has more than {MAXIMUM_ELEMENTS:,} elements.")


class Walk:
    """One walk over a data set or a sequence, to its last byte, without recursion.

    Parameters
    ----------
    buffer
        The bytes; nothing but element headers is read from them.
    visit
        Sees every element; None when only the structure is to be checked.
    """

    def __init__(self, buffer: Buffer, visit: Visitor | None = None) -> None:
        self._buffer = buffer
        self._visit = visit
        self._levels: list[_Level] = []
        self._release_at = RELEASE_BYTES
        self.elements = 0
        """How many have been passed so far."""

    def data_set(self, start: int, stop: int, encoding: Encoding) -> None:
        """Walk a whole data set.

        Raises
        ------
        CannotUnderstand
            An element runs past the end, a delimiter is missing, or a limit is passed.
        """
        self._levels.append(_Level(is_sequence=False, stop=stop, undefined=False, encoding=encoding))
        self._walk(start)

    def value(self, element: Element, stop: int, encoding: Encoding) -> int:
        """Walk the value of one top-level element if it holds items or fragments; return where it ends."""
        return self._walk(self._enter(element, stop, encoding))

    def _walk(self, position: int) -> int:
        levels = self._levels
        while levels:
            if position > self._release_at:
                self._release(position)
            level = levels[-1]
            if position >= level.stop and not level.undefined:
                levels.pop()
                continue
            try:
                position = (
                    self._item(position, level) if level.is_sequence else self._element(position, level)
                )
            except TooMuch:
                raise
            except CannotUnderstand as error:
                position = self._give_up_guess(error)
        return position

    def _give_up_guess(self, error: CannotUnderstand) -> int:
        """Leave the innermost guess and return where its bytes end; there may be none to blame."""
        guesses = [depth for depth, level in enumerate(self._levels) if level.is_guess]
        if not guesses:
            raise error
        guess = guesses[-1]
        stop = self._levels[guess].stop
        del self._levels[guess:]
        return stop

    def _element(self, position: int, level: _Level) -> int:
        if self._visit is None and level.encoding.little:
            position = self._plain(position, level)
            if position >= level.stop and not level.undefined:
                return position
        element = read_element(self._buffer, position, level.stop, level.encoding, len(self._levels) // 2)
        self._see(element)
        if element.tag >> 16 == DELIMITING_GROUP:
            return self._delimiter(element, level)
        return self._enter(element, level.stop, level.encoding)

    def _plain(self, position: int, level: _Level) -> int:
        run = plain_implicit if level.encoding.implicit else plain_explicit
        position, elements = run(self._buffer, position, level.stop, level.stop, {}, {})
        self._count(elements)
        return position

    def _delimiter(self, element: Element, level: _Level) -> int:
        # Some writers end an item of known length with a delimiter as well: harmless inside a sequence.
        if element.stop != element.start or len(self._levels) == 1 or element.tag == ITEM:
            raise CannotUnderstand(f"An item stands outside of a sequence at byte {element.start - 8}.")
        if level.undefined and element.tag == ITEM_DELIMITATION_ITEM:
            self._levels.pop()
        return element.stop

    def _enter(self, element: Element, stop: int, encoding: Encoding) -> int:
        """Begin a sequence, or pass over a value; return the position of what comes next."""
        if element.stop is None and holds_fragments(element):
            return self._fragments(element.start, stop, encoding)
        items = _item_encoding(self._buffer, element, stop, encoding)
        if items is None:
            assert element.stop is not None
            return element.stop
        if len(self._levels) >= 2 * MAXIMUM_DEPTH:
            raise TooMuch(f"Sequences are nested deeper than {MAXIMUM_DEPTH}.")
        undefined = element.stop is None
        level_stop = stop if element.stop is None else element.stop
        guess = not undefined and element.vr != b"SQ"
        self._levels.append(_Level(True, level_stop, undefined, items, guess))  # noqa: FBT003 - fields in order
        return element.start

    def _item(self, position: int, level: _Level) -> int:
        element = _read_item(self._buffer, position, level, len(self._levels) // 2)
        if element.tag not in _DELIMITING_ITEMS:
            raise CannotUnderstand(f"A sequence holds something else than items at byte {position}.")
        self._see(element)
        if element.tag == SEQUENCE_DELIMITATION_ITEM:
            if level.undefined:
                self._levels.pop()
            return element.start
        stop = level.stop if element.stop is None else element.stop
        encoding = level.encoding
        if not encoding.implicit and element.start + 8 <= stop:
            encoding = encoding_of_item(bytes(self._buffer[element.start + 4 : element.start + 6]), encoding)
        self._levels.append(
            _Level(is_sequence=False, stop=stop, undefined=element.stop is None, encoding=encoding)
        )
        return element.start

    def _fragments(self, position: int, stop: int, encoding: Encoding) -> int:
        level = _Level(is_sequence=True, stop=stop, undefined=True, encoding=encoding)
        depth = (len(self._levels) + 1) // 2
        while True:
            if position > self._release_at:
                self._release(position)
            element = _read_item(self._buffer, position, level, depth)
            if element.tag not in _DELIMITING_ITEMS or element.stop is None:
                raise CannotUnderstand(
                    f"Encapsulated pixels hold something else than fragments at byte {position}."
                )
            self._see(element)
            if element.tag == SEQUENCE_DELIMITATION_ITEM:
                return element.start
            position = element.stop

    def _release(self, position: int) -> None:
        # A page that is looked at brings its neighbours along: thousands of fragments would map a whole file.
        release_pages(self._buffer)
        self._release_at = position + RELEASE_BYTES

    def _count(self, elements: int) -> None:
        self.elements += elements
        require_count(self.elements)

    def _see(self, element: Element) -> None:
        self._count(1)
        if self._visit is not None:
            self._visit(element)


def read_element(buffer: Buffer, position: int, stop: int, encoding: Encoding, depth: int) -> Element:
    """Read the header of the element at `position`; its value must end at or before `stop`."""
    try:
        tag, vr, length, start = element_header(buffer, position, encoding)
    except struct.error:
        raise truncated(position) from None
    if start > stop:
        raise truncated(position)
    if length == UNDEFINED_LENGTH:
        return Element(depth, tag, vr, start, None, encoding.little)
    if start + length > stop:
        raise truncated(position)
    return Element(depth, tag, vr, start, start + length, encoding.little)


def _read_item(buffer: Buffer, position: int, level: _Level, depth: int) -> Element:
    if position + 8 > level.stop:
        raise truncated(position)
    group, number, length = WITHOUT_VR[level.encoding.little](buffer, position)
    start, tag = position + 8, group << 16 | number
    if tag == SEQUENCE_DELIMITATION_ITEM:
        return Element(depth, tag, NO_VR, start, start)
    if length == UNDEFINED_LENGTH:
        return Element(depth, tag, NO_VR, start, None)
    if start + length > level.stop:
        raise truncated(position)
    return Element(depth, tag, NO_VR, start, start + length)


def _item_encoding(buffer: Buffer, element: Element, stop: int, encoding: Encoding) -> Encoding | None:
    """Say how the items of a value are written; None when it holds none."""
    if element.vr == b"SQ":
        return encoding
    if element.stop is not None:
        stop = element.stop
    begin = bytes(buffer[element.start : element.start + 4])
    begins_as_items = element.start + 8 <= stop and begin in _ITEMS
    if element.vr == b"UN" and begins_as_items:
        return encoding_of_items(element.vr, begin, encoding)
    if element.stop is None or (element.vr == NO_VR and begins_as_items and element.tag != PIXEL_DATA):
        return encoding
    return None


_DELIMITING_ITEMS = frozenset({ITEM, SEQUENCE_DELIMITATION_ITEM})
_ITEMS = frozenset({b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00"})


def holds_fragments(element: Element) -> bool:
    """Tell encapsulated pixels (PS3.5 A.4) from a sequence, both of undefined length."""
    return element.tag == PIXEL_DATA or element.vr not in {NO_VR, b"SQ", b"UN"}
