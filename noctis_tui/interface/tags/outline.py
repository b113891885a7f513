"""What of a tree of elements is unfolded: the rows that are on screen, or would be with more room."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.dicom.attributes import Attribute, attribute_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archive.dicom.element_node import Node
    from archive.dicom.element_tree import ElementTree

MOST_ROWS = 250_000
"""Rows that are ever unfolded at the same time."""
SHOWN_BYTES = 2048
"""Bytes of a value that a row is drawn from."""
_REMEMBERED = 2000


@dataclass(frozen=True, slots=True)
class Row:
    """One visible row; `indent` counts the sequences and items around it."""

    node: Node
    indent: int
    foldable: bool


class Outline:
    """The visible rows of a tree, and which paths are unfolded: these outlive the tree.

    Attributes
    ----------
    rows
        In the order of the file.
    """

    def __init__(self) -> None:
        self._tree: ElementTree | None = None
        self._unfolded: set[str] = set()
        self._attributes: dict[tuple[int, int], Attribute] = {}
        self.rows: list[Row] = []

    def __len__(self) -> int:
        return len(self.rows)

    def show(self, tree: ElementTree) -> None:
        """Show another tree, with the same paths unfolded."""
        self._tree = tree
        self._attributes.clear()
        self.rows = list(self._rows(tree.top(), 0))

    def attribute(self, row: Row) -> Attribute:
        """Return what a row says; the latest of them are remembered."""
        place = row.node.place
        known = self._attributes.get(place)
        if known is None:
            assert self._tree is not None
            if len(self._attributes) >= _REMEMBERED:
                self._attributes.clear()
            known = attribute_of(self._tree, row.node, SHOWN_BYTES)
            self._attributes[place] = known
        return known

    def is_unfolded(self, row: Row) -> bool:
        """Tell whether what is inside of a row is shown."""
        return row.foldable and row.node.path in self._unfolded

    def unfold(self, index: int) -> None:
        """Show what is inside of a row."""
        row = self.rows[index]
        if row.foldable and not self.is_unfolded(row) and self._tree is not None:
            self._unfolded.add(row.node.path)
            inside = list(self._rows(self._tree.children(row.node), row.indent + 1))
            self.rows[index + 1 : index + 1] = inside[: max(MOST_ROWS - len(self.rows), 0)]

    def fold(self, index: int) -> None:
        """Hide what is inside of a row; what is unfolded inside of it stays so for the next time."""
        row = self.rows[index]
        if self.is_unfolded(row):
            self._unfolded.discard(row.node.path)
            del self.rows[index + 1 : self._end_of(index)]

    def unfold_all(self) -> None:
        """Show everything, up to `MOST_ROWS` rows; fragments of pixels stay folded."""
        if self._tree is None:
            return
        tree, rows = self._tree, []
        for node in tree.walk():
            foldable = tree.has_children(node)
            if foldable and not node.holds_fragments:
                self._unfolded.add(node.path)
            rows.append(Row(node, _indent(node), foldable))
            if len(rows) >= MOST_ROWS:
                break
        self.rows = rows

    def fold_all(self) -> None:
        """Show the top level alone."""
        self._unfolded.clear()
        self.rows = [row for row in self.rows if row.indent == 0]

    def parent_of(self, index: int) -> int | None:
        """Return the row that a row is inside of; None at the top."""
        indent = self.rows[index].indent
        above = range(index - 1, -1, -1)
        return next((other for other in above if self.rows[other].indent < indent), None) if indent else None

    def reveal(self, node: Node) -> int:
        """Unfold whatever a node of this file is inside of; return its row."""
        for outer in reversed(list(_ancestors(node))):
            self.unfold(self.row_at(outer.place))
        return self.row_at(node.place)

    def row_at(self, place: tuple[int, int]) -> int:
        """Return the row at a place in the file, or the last one before it."""
        return max(bisect_right(self.rows, place, key=lambda row: row.node.place) - 1, 0)

    def row_of(self, path: str) -> int | None:
        """Return the row of a path, or of what it is inside of; None when neither is shown."""
        places = {row.node.path: index for index, row in enumerate(self.rows)}
        while path and path not in places:
            path = _outer_path(path)
        return places.get(path)

    def _rows(self, nodes: Iterable[Node], indent: int) -> Iterator[Row]:
        assert self._tree is not None
        for node in nodes:
            row = Row(node, indent, self._tree.has_children(node))
            yield row
            if self.is_unfolded(row):
                yield from self._rows(self._tree.children(node), indent + 1)

    def _end_of(self, index: int) -> int:
        indent, end = self.rows[index].indent, index + 1
        while end < len(self.rows) and self.rows[end].indent > indent:
            end += 1
        return end


def _ancestors(node: Node) -> Iterator[Node]:
    outer = node.parent
    while outer is not None:
        yield outer
        outer = outer.parent


def _indent(node: Node) -> int:
    return 2 * node.depth - (node.sequence is not None)


def _outer_path(path: str) -> str:
    """Return the path of what an element or an item is inside of."""
    cut = path.rfind("[") if path.endswith("]") else path.rfind("(")
    return path[:cut]
