"""The elements of a file as a tree, each level of which is read when it is asked for.

Opening a file looks at the elements of its top level and passes over their values, so that neither a hundred
thousand elements in one sequence nor pixels of gigabytes cost anything until somebody unfolds them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.dicom.element_node import Level, Node
from archive.dicom.elements import (
    EXPLICIT_LITTLE_ENDIAN,
    NO_VR,
    UNDEFINED_LENGTH,
    WITHOUT_VR,
    Encoding,
    encoding_of_item,
    encoding_of_items,
)
from archive.dicom.keywords import (
    DOUBLE_FLOAT_PIXEL_DATA,
    FLOAT_PIXEL_DATA,
    ITEM,
    PIXEL_DATA,
    PIXEL_REPRESENTATION,
    SPECIFIC_CHARACTER_SET,
)
from archive.dicom.lenient import LenientWalk, Value
from archive.dicom.location import locate
from archive.dicom.names import CREATOR_BYTES, Naming, is_private_creator
from archive.dicom.part10 import MAXIMUM_META, parse_file_meta
from archive.dicom.structure import MAXIMUM_DEPTH, MAXIMUM_ELEMENTS, TooMuch
from archive.errors import NoctisError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from archive.dicom.source import Source

MOST_IN_A_LEVEL = 250_000
"""Elements or items beside each other: more are never listed, so that no file fills the memory."""
_BULK = frozenset({PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA})
_ITEM_BEGINS = (b"\xff\xfe\xe0\x00", b"\xfe\xff\x00\xe0")
"""The tag of an item, by `Encoding.little`."""
_PADDING = 4096


class ElementTree:
    """The elements of one file; to be closed, or used as a context manager.

    Every method may be called from any thread.

    Attributes
    ----------
    fault
        Why something is missing from what was listed, as a sentence; empty when nothing is known to be.
    """

    def __init__(self, source: Source) -> None:
        located = locate(source)
        self._file = source
        self._located = located
        self._fragments: dict[int, list[tuple[int, int]]] = {}
        self._counts: dict[tuple[int, int], int] = {}
        self.fault = ""
        self.transfer_syntax_uid = located.transfer_syntax_uid

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a Part 10 file, or a bare data set as older files are.

        Raises
        ------
        NotFound, BadInput, CannotRead
            There is no such file, it is not DICOM, or may not be read.
        CannotUnderstand
            The data set is deflated, and damaged or too large.
        """
        from archive.dicom.source import Source  # noqa: PLC0415 - the name is otherwise only a type here

        source = Source.open(path)
        try:
            return cls(source)
        except BaseException:
            source.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what is read after that is refused."""
        self._file.close()

    def top(self) -> list[Node]:
        """Return the file meta information and the elements of the data set, nothing unfolded."""
        source, offset, encoding, _ = self._located
        level = Level(source, encoding, rank=1)
        nodes = self._listed(level, self._elements(level, offset, source.size))
        self._judge_end(source, nodes[-1].value if nodes else Value(NO_VR, offset, 0, False, False))  # noqa: FBT003 - fields in order
        return [*self._file_meta(), *nodes]

    def children(self, node: Node) -> list[Node]:
        """Return the items of a sequence, the elements of an item, the fragments of pixels; else nothing."""
        if node.is_item:
            return self._elements_of(node)
        if node.holds_fragments:
            spans = self._fragments_of(node)
        elif self.has_children(node):
            spans = self._items_of(node)
        else:
            return []
        return [
            Node(node.level, ITEM, Value(NO_VR, start, stop - start, False, False), number, node)  # noqa: FBT003 - fields in order
            for number, (start, stop) in enumerate(spans, 1)
        ]

    def has_children(self, node: Node) -> bool:
        """Tell whether there is something to unfold, at the price of one short read."""
        if node.sequence is not None:
            return node.is_item and node.value.length > 0
        if node.holds_fragments:
            return True
        value = node.value
        if value.vr not in {b"SQ", b"UN", NO_VR} or value.length < 8 or node.tag in _BULK:
            return False
        begin = node.read(8)
        little = self._encoding_of_items(node, begin).little
        if begin[:4] != _ITEM_BEGINS[little]:
            return False
        (_, _, length), sure = WITHOUT_VR[little](begin), value.vr == b"SQ" or value.undefined
        if node.level.depth >= MAXIMUM_DEPTH:
            self.fault = f"Sequences are nested deeper than {MAXIMUM_DEPTH}."
            return False
        return sure or length == UNDEFINED_LENGTH or length <= value.length - 8

    def count(self, node: Node) -> int:
        """Return how many items or fragments a node has; the offset table does not count."""
        if node.holds_fragments:
            return max(len(self._fragments_of(node)) - 1, 0)
        if node.place not in self._counts:
            self._counts[node.place] = len(self._items_of(node)) if self.has_children(node) else 0
        return self._counts[node.place]

    def walk(self, nodes: list[Node] | None = None) -> Iterator[Node]:
        """Yield every element and item in order, each before what is inside of it; no fragments.

        Raises
        ------
        TooMuch
            There are more of them than any instance has.
        """
        seen = 0
        stack = [iter(self.top() if nodes is None else nodes)]
        while stack:
            node = next(stack[-1], None)
            if node is None:
                stack.pop()
                continue
            seen += 1
            if seen > MAXIMUM_ELEMENTS:
                raise TooMuch(f"The data set has more than {MAXIMUM_ELEMENTS:,} elements.")
            yield node
            if not node.holds_fragments and self.has_children(node):
                stack.append(iter(self.children(node)))

    # ---- the top level

    def _file_meta(self) -> list[Node]:
        source = self._file
        begin = 132 if source.read(128, 4) == b"DICM" else 0
        if source.read(begin, 2) != b"\x02\x00":
            return []
        level = Level(source, EXPLICIT_LITTLE_ENDIAN)
        walk = LenientWalk(source).elements(begin, self._end_of_file_meta(begin), EXPLICIT_LITTLE_ENDIAN)
        return self._listed(level, ((tag, value) for tag, value in walk if tag >> 16 == 2))

    def _end_of_file_meta(self, begin: int) -> int:
        if self._located.source is self._file:
            return self._located.offset
        try:
            return parse_file_meta(self._file).data_set_offset
        except NoctisError:
            return min(self._file.size, begin + MAXIMUM_META)

    def _judge_end(self, source: Source, last: Value) -> None:
        """Note what nobody understands at the end of a data set; NULs up to a sector are padding."""
        stop = last.offset + last.length
        rest = source.read(stop, min(source.size - stop, _PADDING + 1))
        if not self.fault and (len(rest) > _PADDING or any(rest)):
            self.fault = f"The data set cannot be understood from byte {stop} on."

    # ---- below

    def _elements(self, level: Level, offset: int, end: int) -> Iterator[tuple[int, Value]]:
        """Yield elements until an item delimiter; those behind the pixels too, which images do not need."""
        source, stop = level.source, offset
        while True:
            tag = 0
            for tag, value in LenientWalk(source).elements(stop, end, level.encoding):
                stop = value.offset + value.length
                if value.undefined and tag in _BULK:
                    spans = self._walk_fragments(source, value.offset, end, level.encoding)
                    stop = min(spans[-1][1] + 8 if spans else value.offset + 8, end)
                    yield tag, value._replace(length=stop - value.offset)
                elif tag or value.length:
                    yield tag, value
            if tag not in _BULK:
                return

    def _elements_of(self, item: Node) -> list[Node]:
        sequence = item.sequence
        assert sequence is not None
        encoding = self._encoding_of_items(sequence, sequence.read(1))
        if not encoding.implicit:
            encoding = encoding_of_item(item.read(2, 4), encoding)
        outer, value = item.level, item.value
        naming = Naming(signed=outer.naming.signed)
        level = Level(
            outer.source, encoding, item.path, outer.depth + 1, outer.character_sets, naming, item, outer.rank
        )
        return self._listed(level, self._elements(level, value.offset, value.offset + value.length))

    def _listed(self, level: Level, elements: Iterator[tuple[int, Value]]) -> list[Node]:
        nodes: list[Node] = []
        try:
            for tag, value in elements:
                if len(nodes) == MOST_IN_A_LEVEL:
                    self.fault = f"More than {MOST_IN_A_LEVEL:,} elements stand beside each other."
                    break
                node = Node(level, tag, value)
                nodes.append(node)
                self._learn(level, node)
        except TooMuch as error:
            self.fault = str(error)
        if nodes and nodes[-1].value.truncated:
            self.fault = f"The data set is cut short: {nodes[-1].path} is not complete."
        return nodes

    def _learn(self, level: Level, node: Node) -> None:
        if node.tag == PIXEL_REPRESENTATION or is_private_creator(node.tag):
            level.naming.learn(node.tag, node.read(CREATOR_BYTES))
        elif node.tag == SPECIFIC_CHARACTER_SET:
            raw = node.read(1024)
            parts = raw.decode("latin-1").split("\\")
            level.character_sets = tuple(part.strip(" \0") for part in parts) if raw.strip(b" \0") else ()

    def _items_of(self, node: Node) -> list[tuple[int, int]]:
        value = node.value
        encoding = self._encoding_of_items(node, node.read(1))
        spans: list[tuple[int, int]] = []
        try:
            for span in LenientWalk(node.level.source).items(
                value.offset, value.offset + value.length, encoding
            ):
                if len(spans) == MOST_IN_A_LEVEL:
                    self.fault = f"{node.path} has more than {MOST_IN_A_LEVEL:,} items."
                    break
                spans.append(span)
        except TooMuch as error:
            self.fault = str(error)
        return spans

    @staticmethod
    def _encoding_of_items(node: Node, begin: bytes) -> Encoding:
        return encoding_of_items(node.value.vr, begin, node.level.encoding)

    def _fragments_of(self, node: Node) -> list[tuple[int, int]]:
        value, level = node.value, node.level
        return self._walk_fragments(level.source, value.offset, value.offset + value.length, level.encoding)

    def _walk_fragments(
        self, source: Source, offset: int, end: int, encoding: Encoding
    ) -> list[tuple[int, int]]:
        """Return (offset, end) of every fragment, remembered by where the first begins."""
        known = self._fragments.get(offset)
        if known is not None:
            return known
        spans: list[tuple[int, int]] = []
        position = offset
        while position + 8 <= end and len(spans) < MOST_IN_A_LEVEL:
            group, number, length = WITHOUT_VR[encoding.little](source.read(position, 8))
            if (group << 16 | number) != ITEM or length == UNDEFINED_LENGTH:
                break
            spans.append((position + 8, min(position + 8 + length, end)))
            position += 8 + length
        self._fragments[offset] = spans
        return spans
