"""Rows of cells with a cursor, of which only those on screen are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from textual import events

T = TypeVar("T")
Cells = list[tuple[str, str]]
"""Text and the name of its style, which is a component class of `RowList`."""


class RowList(ScrollView, Generic[T], can_focus=True):
    """Shows rows of one kind.

    The cursor stays at the top, where new rows come, until a person moves it; then it stays on its row.

    Parameters
    ----------
    cells
        Draws a row for a width.
    key
        Knows a row again when the rows are replaced.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(
            f"row-list--{name}"
            for name in ("text", "bright", "muted", "accent", "success", "warning", "error")
        ),
        *("row-list--cursor", "row-list--cursor-blur"),
    }

    class Moved(Message):
        """The cursor came to another row."""

    class Chosen(Message):
        """A row was double-clicked."""

    def __init__(
        self,
        cells: Callable[[T, int], Iterable[tuple[str, str]]],
        key: Callable[[T], Hashable],
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self._cells = cells
        self._key = key
        self._rows: Sequence[T] = ()
        self._cursor = 0
        self._styles: dict[str, Style] = {}

    @property
    def row(self) -> T | None:
        """The row under the cursor."""
        return self._rows[self._cursor] if self._rows else None

    @property
    def cursor(self) -> int:
        """Place of the row under the cursor."""
        return self._cursor

    @property
    def page_rows(self) -> int:
        """Rows on one screen."""
        return max(1, self.scrollable_content_region.height)

    @property
    def row_cells(self) -> int:
        """Width of a row."""
        return self.scrollable_content_region.width

    def show(self, rows: Sequence[T]) -> None:
        """Show other rows; the cursor stays on its row if it was moved."""
        before = self._key(self.row) if self.row is not None and self._cursor else None
        top = self.scroll_offset.y
        self._rows = rows
        self.virtual_size = Size(self.scrollable_content_region.width, len(rows))
        if before is not None:
            places = (place for place, row in enumerate(rows) if self._key(row) == before)
            place = next(places, min(self._cursor, max(len(rows) - 1, 0)))
            self.scroll_to(y=top + place - self._cursor, animate=False, force=True)
            self._cursor = place
            self._keep_in_sight()
        self.refresh()

    def move_by(self, rows: int) -> None:
        """Move the cursor by so many rows."""
        self.move_to(self._cursor + rows)

    def move_to(self, row: int) -> None:
        """Move the cursor to a row."""
        self._cursor = max(0, min(row, len(self._rows) - 1))
        self._keep_in_sight()
        self.refresh()
        self.post_message(self.Moved())

    def move_to_end(self) -> None:
        """Move the cursor to the last row."""
        self.move_to(len(self._rows) - 1)

    def _keep_in_sight(self) -> None:
        top, height = self.scroll_offset.y, self.page_rows
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False, force=True)
        elif self._cursor >= top + height:
            self.scroll_to(y=self._cursor - height + 1, animate=False, force=True)

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._rows))
        self._keep_in_sight()

    def on_click(self, event: events.Click) -> None:
        """Move the cursor; the second click of two chooses."""
        row = event.y + self.scroll_offset.y
        if row < len(self._rows):
            self.move_to(row)
            if event.chain == 2:
                self.post_message(self.Chosen())

    def notify_style_update(self) -> None:
        """Forget the styles of another theme."""
        self._styles.clear()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """Draw one row of the screen."""
        place, width = y + self.scroll_offset.y, self.scrollable_content_region.width
        if place >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        ground = Style.null()
        if place == self._cursor:
            ground = self._style("cursor" if self.has_focus else "cursor-blur")
        cells = self._cells(self._rows[place], width)
        segments = [Segment(text, self._style(name) + ground) for text, name in cells]
        return Strip(segments).adjust_cell_length(width, self._style("text") + ground)

    def _style(self, name: str) -> Style:
        if name not in self._styles:
            partial = name.startswith("cursor")
            self._styles[name] = self.get_component_rich_style(f"row-list--{name}", partial=partial)
        return self._styles[name]
