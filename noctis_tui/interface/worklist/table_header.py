"""The titles above the table, with the sort column marked; a click sorts."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from noctis_tui.interface.worklist.cells import fit
from noctis_tui.interface.worklist.columns import GAP

if TYPE_CHECKING:
    from textual import events

    from archive.index.worklist import Sort
    from noctis_tui.interface.worklist.columns import PlacedColumn

_MARGIN = 3


class TableHeader(Widget):
    """One line of column titles."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"table-header--title", "table-header--sorted"}

    class SortChosen(Message):
        """The title of a column that sorts was clicked."""

        def __init__(self, sort: Sort) -> None:
            super().__init__()
            self.sort = sort

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._columns: tuple[PlacedColumn, ...] = ()
        self._sort: Sort | None = None
        self._descending = True

    def show(self, columns: tuple[PlacedColumn, ...], sort: Sort, *, descending: bool) -> None:
        """Show the titles of these columns and how they are sorted."""
        self._columns, self._sort, self._descending = columns, sort, descending
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw the titles."""
        title = self.get_component_rich_style("table-header--title")
        chosen = self.get_component_rich_style("table-header--sorted")
        if y:
            return Strip.blank(self.size.width, title)
        segments = [Segment(" " * _MARGIN, title)]
        for placed in self._columns:
            column = placed.column
            is_sorted = column.sort is not None and column.sort == self._sort
            text = self._sorted_title(placed) if is_sorted else column.title
            segments.append(
                Segment(fit(text, placed.width, right=column.right), chosen if is_sorted else title)
            )
            segments.append(Segment(" " * GAP, title))
        return Strip(segments).adjust_cell_length(self.size.width, title)

    def _sorted_title(self, placed: PlacedColumn) -> str:
        title = placed.column.title
        room = " " if len(title) + 2 <= placed.width else ""
        return f"{title}{room}{'▼' if self._descending else '▲'}"

    def on_click(self, event: events.Click) -> None:
        """Sort by the column that was clicked."""
        left = _MARGIN
        for placed in self._columns:
            if left <= event.x < left + placed.width and placed.column.sort is not None:
                self.post_message(self.SortChosen(placed.column.sort))
            left += placed.width + GAP
