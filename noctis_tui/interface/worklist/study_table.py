"""The table of studies: only the rows on screen are ever drawn, and the cursor stays on its study."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from noctis_tui.interface.worklist.cells import fit
from noctis_tui.interface.worklist.columns import GAP, PlacedColumn, columns_for

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from textual import events

    from archive.index.worklist import StudyRow
    from noctis_tui.interface.worklist.study_list import StudyList

_MARGIN = 3
"""Cells before the first column: the state of the study, between blanks."""
_AHEAD = 200
"""Rows that are asked for before the eye reaches them."""
_MARKED = "◆"
_RECEIVING = "●"
_NOT_READ_YET = "·"


class StudyTable(ScrollView, can_focus=True):
    """A window on a `StudyList`.

    The cursor is on a study, not on a row: while studies arrive and move, it stays on its study and, once a
    person has moved it, on the same row of the screen.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "study-table--text",
        "study-table--bright",
        "study-table--muted",
        "study-table--count",
        "study-table--receiving",
        "study-table--marked",
        "study-table--cursor",
        "study-table--cursor-blur",
    }

    class CursorMoved(Message):
        """The cursor came to another study, or the study under it changed."""

        def __init__(self, study: StudyRow | None) -> None:
            super().__init__()
            self.study = study

    class Chosen(Message):
        """A study was double-clicked."""

    class RowsWanted(Message):
        """Rows that have not been read yet are about to be seen."""

        def __init__(self, up_to: int) -> None:
            super().__init__()
            self.up_to = up_to

    def __init__(self, studies: StudyList, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.studies = studies
        self.columns: tuple[PlacedColumn, ...] = ()
        self.following = False
        self.marked: dict[int, StudyRow] = {}
        """The studies that a person marked, by id, in the order of marking."""
        self._study_id: int | None = None
        self._row = 0
        self._touched = False
        self._aim: int | None = None
        self._styles: dict[str, Style] = {}

    # What is chosen

    @property
    def study(self) -> StudyRow | None:
        """The study under the cursor."""
        return self.studies.get(self._study_id)

    @property
    def cursor_row(self) -> int:
        """The row of the cursor among all rows."""
        return self._row

    def move_by(self, rows: int) -> None:
        """Move the cursor by so many rows."""
        self.move_to(self._row + rows)

    def move_to(self, row: int) -> None:
        """Move the cursor to a row, as a person does: arrivals are no longer followed."""
        self._touched = True
        self.following = False
        self._aim = None
        self._place_cursor(row)
        self._keep_in_sight()

    def follow(self, study_id: int | None) -> None:
        """Follow arrivals from now on, beginning with this study."""
        self.following = True
        self._go_to_study(study_id)

    def toggle_mark(self) -> None:
        """Mark the study under the cursor, or take its mark away, and go to the next."""
        study = self.study
        if study is not None and self.marked.pop(study.id, None) is None:
            self.marked[study.id] = study
        self.move_by(1)

    @property
    def page_rows(self) -> int:
        """Rows on one screen."""
        return max(1, self.scrollable_content_region.height)

    # What is shown

    def show(self, studies: StudyList) -> None:
        """Show another list from its top, on the same study when it is there."""
        self.studies = studies
        self._touched = False
        index = studies.index_of(self._study_id)
        self._resize_rows()
        self._place_cursor(index or 0)
        self.scroll_to(y=0, animate=False, force=True)
        self._keep_in_sight()
        self._announce()

    def grow(self, page: Iterable[StudyRow], *, complete: bool) -> None:
        """Append a page of the index."""
        self.studies.extend(page, complete=complete)
        self._resize_rows()
        if self._aim is not None and (complete or self._aim < len(self.studies)):
            self.move_to(self._aim)
        self.refresh()

    def update_studies(self, changed: Collection[StudyRow], gone: Collection[int], total: int) -> None:
        """Put changed studies in their places under a cursor that stays where it is."""
        before, scroll, study = self._row, self.scroll_offset.y, self.study
        newest = max(changed, key=lambda row: row.change_sequence, default=None)
        is_arrival = newest is not None and self.studies.get(newest.id) is None
        self.studies.merge(changed, gone, total)
        self.marked |= {row.id: row for row in changed if row.id in self.marked}
        self._resize_rows()
        index = self.studies.index_of(self._study_id)
        self._row = min(before, max(len(self.studies) - 1, 0)) if index is None else index
        self._study_id = self.studies[self._row].id if len(self.studies) else None
        if self._touched or scroll:
            self.scroll_to(y=scroll + self._row - before, animate=False, force=True)
        self._keep_in_sight()
        if self.following and is_arrival and newest is not None:
            self._go_to_study(newest.id)
        elif self.study is not study:
            self._announce()
        self.refresh()

    def _go_to_study(self, study_id: int | None) -> None:
        index = self.studies.index_of(study_id)
        if index is not None:
            self._place_cursor(index)
            self._keep_in_sight()

    def _place_cursor(self, row: int) -> None:
        last = len(self.studies) - 1
        if row > last and not self.studies.complete:
            self._aim = row
            self.post_message(self.RowsWanted(row + 1))
        before = self._study_id
        self._row = max(0, min(row, last))
        self._study_id = self.studies[self._row].id if last >= 0 else None
        if self._study_id != before:
            self._announce()
        self.refresh()

    def _announce(self) -> None:
        self.post_message(self.CursorMoved(self.study))

    def _keep_in_sight(self) -> None:
        top, height = self.scroll_offset.y, self.page_rows
        if self._row < top:
            self.scroll_to(y=self._row, animate=False, force=True)
        elif self._row >= top + height:
            self.scroll_to(y=self._row - height + 1, animate=False, force=True)

    def _resize_rows(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, self.studies.total)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for rows before they come in sight."""
        super().watch_scroll_y(old_value, new_value)
        wanted = round(new_value) + self.page_rows + _AHEAD
        if not self.studies.complete and wanted > len(self.studies):
            self.post_message(self.RowsWanted(wanted))

    def on_resize(self) -> None:
        """Choose the columns that fit and keep the cursor in sight."""
        self.columns = columns_for(self.scrollable_content_region.width - _MARGIN - 1)
        self._resize_rows()
        self._keep_in_sight()
        self.refresh()

    # The mouse

    def on_click(self, event: events.Click) -> None:
        """Move the cursor; the second click of two reads."""
        row = event.y + self.scroll_offset.y
        if row < len(self.studies):
            self.move_to(row)
            if event.chain == 2:
                self.post_message(self.Chosen())

    # Drawing

    def notify_style_update(self) -> None:
        """Forget the styles of another theme."""
        self._styles.clear()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """Draw one row of the screen."""
        index = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        ground = self._ground(index)
        if index >= len(self.studies):
            text = f" {_NOT_READ_YET}" if index < self.studies.total else ""
            return Strip([Segment(fit(text, width), self._style("muted"))])
        segments = list(self._segments(self.studies[index], ground))
        return Strip(segments).adjust_cell_length(width, self._style("text") + ground)

    def _segments(self, row: StudyRow, ground: Style) -> Iterator[Segment]:
        receiving = row.state == "receiving"
        mark = _RECEIVING if receiving else " "
        yield Segment(_MARKED if row.id in self.marked else " ", self._style("marked") + ground)
        yield Segment(f"{mark} ", self._style("receiving") + ground)
        for placed in self.columns:
            style = placed.column.style
            style = "receiving" if style == "count" and receiving else style
            text = fit(placed.column.cell(row), placed.width, right=placed.column.right)
            yield Segment(text + " " * GAP, self._style(style) + ground)

    def _ground(self, index: int) -> Style:
        if index != self._row or not len(self.studies):
            return Style.null()
        return self._style("cursor" if self.has_focus else "cursor-blur")

    def _style(self, name: str) -> Style:
        if name not in self._styles:
            partial = name.startswith("cursor")
            style = self.get_component_rich_style(f"study-table--{name}", partial=partial)
            self._styles[name] = style
        return self._styles[name]
