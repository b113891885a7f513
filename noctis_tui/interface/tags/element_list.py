"""The elements of an instance as rows that fold, of which only those on screen are read and drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from archive.errors import NoctisError
from noctis_tui.interface.tags.element_rows import FOLDED, LEAF, UNFOLDED, row_parts
from noctis_tui.interface.tags.outline import Outline, Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from archive.dicom.element_node import Node
    from archive.dicom.element_tree import ElementTree


class ElementList(ScrollView, can_focus=True):
    """A cursor over the rows of an `Outline`, and the matches of a search."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"element-list--{name}" for name in ("tag", "name", "value", "reading", "match", "cursor")
    }

    class Moved(Message):
        """The cursor came to another row, or the row was folded."""

    class Chosen(Message):
        """A row was double-clicked."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.file_tree: ElementTree | None = None
        self._styles: dict[str, Style] = {}
        self.outline = Outline()
        self.matches: Sequence[Node] = ()
        self._matched: frozenset[tuple[int, int]] = frozenset()
        self.cursor = 0

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.outline.rows[self.cursor] if len(self.outline) else None

    @property
    def page_rows(self) -> int:
        """Rows on one screen."""
        return max(1, self.scrollable_content_region.height)

    def show(self, tree: ElementTree) -> None:
        """Show another file; the cursor stays on its element, or on what that is inside of."""
        path = self.row.node.path if self.row is not None else ""
        on_screen = self.cursor - self.scroll_offset.y
        self.file_tree = tree
        self.outline.show(tree)
        self.mark(())
        self._fit_rows()
        index = self.outline.row_of(path)
        self.cursor = min(self.cursor, max(len(self.outline) - 1, 0)) if index is None else index
        self.scroll_to(y=self.cursor - on_screen, animate=False, force=True)
        self.move_to(self.cursor)

    # ---- the search

    def mark(self, matches: Sequence[Node]) -> None:
        """Mark what a search has found, in the order of the file."""
        self.matches = matches
        self._matched = frozenset(node.place for node in matches)
        self.refresh()

    def go_to_match(self, step: int) -> None:
        """Go to the next or the previous match, around the end, unfolding what it is inside of.

        A step of 0 goes to the match under the cursor or the next one.
        """
        if not self.matches or self.row is None:
            return
        here = self.row.node.place
        places = [node.place for node in self.matches]
        if step < 0:
            beyond = [index for index, place in enumerate(places) if place < here]
            chosen = beyond[-1] if beyond else -1
        else:
            beyond = [
                index for index, place in enumerate(places) if place > here or (not step and place == here)
            ]
            chosen = beyond[0] if beyond else 0
        self.go_to(self.matches[chosen])

    @property
    def match_number(self) -> int:
        """Which of the matches the cursor is on, from 1; 0 when it is on none."""
        if self.row is None or self.row.node.place not in self._matched:
            return 0
        place = self.row.node.place
        return next(number for number, node in enumerate(self.matches, 1) if node.place == place)

    def go_to(self, node: Node) -> None:
        """Put the cursor on a node of this file, unfolding what it is inside of."""
        index = self.outline.reveal(node)
        self._fit_rows()
        self.move_to(index)

    def go_to_path(self, path: str) -> None:
        """Put the cursor on a path, or on what it is inside of, unfolding that as far as it goes."""
        while (index := self.outline.row_of(path)) is not None:
            self._fit_rows()
            self.move_to(index)
            row = self.outline.rows[index]
            if row.node.path == path or not row.foldable or self.outline.is_unfolded(row):
                return
            self.outline.unfold(index)

    # ---- folding

    def unfold(self) -> None:
        """Unfold the row under the cursor; what is unfolded already is entered."""
        row = self.row
        if row is not None and self.outline.is_unfolded(row):
            self.move_to(self.cursor + 1)
        elif row is not None:
            self.outline.unfold(self.cursor)
            self._folded()

    def fold(self) -> None:
        """Fold the row under the cursor, or go to what it is inside of."""
        row = self.row
        if row is None:
            return
        if self.outline.is_unfolded(row):
            self.outline.fold(self.cursor)
        else:
            outer = self.outline.parent_of(self.cursor)
            self.cursor = self.cursor if outer is None else outer
        self._folded()

    def toggle(self) -> bool:
        """Fold or unfold the row under the cursor; return False when there is nothing inside of it."""
        row = self.row
        if row is None or not row.foldable:
            return False
        if self.outline.is_unfolded(row):
            self.outline.fold(self.cursor)
        else:
            self.outline.unfold(self.cursor)
        self._folded()
        return True

    def unfold_all(self) -> None:
        """Show everything that there is."""
        here = self.row.node.place if self.row is not None else (0, 0)
        self.outline.unfold_all()
        self.cursor = self.outline.row_at(here)
        self._folded()

    def fold_all(self) -> None:
        """Show the top level alone."""
        here = self.row.node.place if self.row is not None else (0, 0)
        self.outline.fold_all()
        self.cursor = self.outline.row_at(here)
        self._folded()

    def _folded(self) -> None:
        self._fit_rows()
        self.move_to(self.cursor)

    # ---- movement

    def move_to(self, index: int) -> None:
        """Put the cursor on a row."""
        self.cursor = max(0, min(index, len(self.outline) - 1))
        top, height = self.scroll_offset.y, self.page_rows
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, force=True)
        self.refresh()
        self.post_message(self.Moved())

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._fit_rows()
        self.move_to(self.cursor)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; the second click of two folds or shows."""
        index = event.y + self.scroll_offset.y
        if index < len(self.outline):
            self.move_to(index)
            if event.chain == 2:
                self.post_message(self.Chosen())

    def _fit_rows(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, len(self.outline))

    # ---- drawing

    def notify_style_update(self) -> None:
        """Forget the styles of another theme."""
        self._styles.clear()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """Draw one row of the screen."""
        index, width = y + self.scroll_offset.y, self.scrollable_content_region.width
        if index >= len(self.outline):
            return Strip.blank(width, self.rich_style)
        row = self.outline.rows[index]
        ground = self._style("cursor") if index == self.cursor else Style.null()
        matched = row.node.place in self._matched
        segments = [
            Segment(text, self._style("match" if matched and name == "name" else name) + ground)
            for text, name in self._parts(row, width)
        ]
        return Strip(segments).adjust_cell_length(width, self.rich_style + ground)

    def _parts(self, row: Row, width: int) -> list[tuple[str, str]]:
        tree = self.file_tree
        assert tree is not None
        try:
            attribute = self.outline.attribute(row)
            marker = (UNFOLDED if self.outline.is_unfolded(row) else FOLDED) if row.foldable else LEAF
            is_sequence = row.node.sequence is None and not row.node.holds_fragments
            count = tree.count(row.node) if row.foldable and is_sequence else 0
        except NoctisError as error:  # the file is gone from the disk, or was closed
            return [(f" {error}", "reading")]
        return row_parts(attribute, row.indent, marker, count, width)

    def _style(self, name: str) -> Style:
        if name not in self._styles:
            self._styles[name] = self.get_component_rich_style(
                f"element-list--{name}", partial=name == "cursor"
            )
        return self._styles[name]
