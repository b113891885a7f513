"""The screen with what differs between two instances, series or studies."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.widgets import Input

from archive.comparing import Ignoring, InstanceDifferences
from archive.comparing.comparison import compare_pair
from archive.comparing.summary import Summary
from archive.errors import NoctisError
from archive.progress import Cancelled, CancelToken
from noctis_tui.interface.diff.comparing import compared
from noctis_tui.interface.diff.lines import ALL, DiffLines
from noctis_tui.interface.diff.outline import DiffOutline, DiffRow, Found
from noctis_tui.interface.diff.rows import row_cells, row_label
from noctis_tui.interface.keyed_screen import KeyedScreen
from noctis_tui.interface.row_list import RowList
from noctis_tui.interface.row_moves import RowMoves
from noctis_tui.interface.worklist.cells import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import ComposeResult

    from noctis_tui.interface.diff.sides import Side


class DiffScreen(KeyedScreen):
    """Compares two sides and shows what differs, all pairs together or one at a time.

    Parameters
    ----------
    left, right
        What is compared.
    ignoring
        What does not count to begin with.
    """

    CONTEXT = "diff"

    def __init__(self, left: Side, right: Side, ignoring: Ignoring) -> None:
        super().__init__()
        self.sides = left, right
        self.ignoring = ignoring
        self.outline = DiffOutline()
        self.rows: RowList[DiffRow] = RowList(self._cells, key=lambda row: row.path, id="differences")
        self.parts = (RowMoves(self.rows),)
        self.results: list[InstanceDifferences] = []
        self.place = ALL
        self._everything = False
        self.summary = Summary()
        self.said = "comparing"
        self._token = CancelToken()
        self._lines = DiffLines(self)
        self.search_box = Input(id="search", placeholder="keyword, tag or value")

    def compose(self) -> ComposeResult:
        """Lay out a title, both sides' names, the rows, and the one under the cursor in full."""
        yield from (self._lines.title, self._lines.names, self.rows, self._lines.nothing)
        yield from (self._lines.detail, self._lines.hints, self.search_box)

    def on_mount(self) -> None:
        """Begin to compare."""
        self.search_box.display = False
        self.rows.focus()
        self.run_worker(self._compare(), group="compare")
        self._draw()

    def on_unmount(self) -> None:
        """Stop comparing."""
        self._token.cancel()

    def on_resize(self) -> None:
        """Fill the lines again."""
        self._draw()

    # ---- comparing

    async def _compare(self) -> None:
        try:
            async for found in compared(*self.sides, self.ignoring, self._token):
                self.results.extend(found)
                self.said = f"comparing · {number(len(self.results))} done"
                self._show()
        except (NoctisError, OSError) as error:
            self.said = str(error)
        except Cancelled:
            return
        else:
            self.said = ""
        if len(self.results) == 1 and self.results[0].pair.is_complete:
            self.place = 0
        self._show()

    def _show(self) -> None:
        """Show the pair, or all of them, under what is ignored now."""
        if self.place == ALL:
            self.summary = Summary()
            for result in self._relabelled():
                self.summary.add(result)
            found = [Found(row.example, row.instances, row.alike) for row in self.summary.rows]
        else:
            result = self.results[self.place]
            found = [Found(self.ignoring.labelled(each)) for each in result.differences]
        self.outline.show(found)
        self._show_rows()
        if self._everything and self.place != ALL:
            self.run_worker(self._show_everything(self.place), group="everything", exclusive=True)

    def _relabelled(self) -> Iterator[InstanceDifferences]:
        for result in self.results:
            labelled = tuple(self.ignoring.labelled(each) for each in result.differences)
            yield InstanceDifferences(result.pair, labelled, result.cut)

    async def _show_everything(self, place: int) -> None:
        try:
            pair = self.results[place].pair
            result = await asyncio.to_thread(compare_pair, pair, self.ignoring, self._token, everything=True)
        except Cancelled:
            return
        if self._everything and self.place == place:
            self.outline.show(Found(each) for each in result.differences)
            self._show_rows()

    def _show_rows(self) -> None:
        self.rows.show(self.outline.rows)
        self.set_class(not self.outline.rows and not self.said, "-same")
        self._draw()

    # ---- what can be asked for

    def action_go_to_pair(self, steps: float) -> None:
        """Show another pair; before the first one stand all of them together."""
        first = ALL if len(self.results) != 1 else 0
        place = max(first, min(self.place + int(steps), len(self.results) - 1))
        if place != self.place and not self.said:
            self.place = place
            self._show()

    def action_everything(self) -> None:
        """Show what is the same, too, or no longer."""
        if self.place == ALL:
            self.app.notify("One pair shows all of its elements: go to it first.", markup=False, timeout=3)
            return
        self._everything = not self._everything
        self._show()

    def action_ignored(self) -> None:
        """Show what does not count, or hide it."""
        self.outline.show_ignored = not self.outline.show_ignored
        self.outline.arrange()
        self._show_rows()

    def action_toggle_group(self, group: str) -> None:
        """Count a group of elements, or no longer."""
        self.ignoring = self.ignoring.toggled(group)
        self._show()

    def action_fold(self) -> None:
        """Fold the row under the cursor, or unfold it."""
        row = self.rows.row
        if row is not None and row.holds:
            self.outline.toggle(row)
            self._show_rows()

    def on_row_list_chosen(self) -> None:
        """Do what Enter does."""
        self.action_fold()

    # ---- the search

    def action_search(self) -> None:
        """Type what to look for."""
        self.search_box.display = True
        self._lines.hints.display = False
        self.search_box.focus()

    def on_input_changed(self) -> None:
        """Go to the first match as it is typed."""
        self._go_to_match(0)

    def on_input_submitted(self) -> None:
        """Go back to the rows."""
        self._close_search()

    def action_go_to_match(self, step: float) -> None:
        """Go to another match."""
        self._go_to_match(int(step))

    def _go_to_match(self, step: int) -> None:
        matches = self.matches()
        here = self.rows.cursor
        if matches:
            nearest = max if step < 0 else min
            from_here = here - 1 if step == 0 else here
            beyond = [place for place in matches if (place < here if step < 0 else place > from_here)]
            self.rows.move_to(nearest(beyond or matches))
        self._draw()

    def matches(self) -> list[int]:
        """Return the places of the rows that hold what is searched."""
        wanted = self.search_box.value.strip().casefold()
        if not wanted:
            return []
        return [place for place, row in enumerate(self.outline.rows) if wanted in _searched(row)]

    def _close_search(self) -> None:
        self.search_box.display = False
        self._lines.hints.display = True
        self.rows.focus()

    def action_cancel(self) -> None:
        """Give up the search; without one, go back."""
        if self.search_box.value or self.search_box.has_focus:
            self.search_box.value = ""
            self._close_search()
        else:
            self.action_back()

    # ---- the lines

    def on_row_list_moved(self) -> None:
        """Show the row under the cursor in full."""
        self._draw()

    def _cells(self, row: DiffRow, width: int) -> Iterator[tuple[str, str]]:
        return row_cells(row, width, self.pairs, folded=self.outline.is_folded(row))

    @property
    def pairs(self) -> int:
        """How many pairs the rows are about."""
        return self.summary.pairs if self.place == ALL else 1

    def _draw(self) -> None:
        if self.is_attached:
            self._lines.draw()


def _searched(row: DiffRow) -> str:
    difference = row.difference
    values = f"{difference.left} {difference.right} {difference.name}" if difference is not None else ""
    return f"{row_label(row)} {row.path} {values}".casefold()
