"""One pane or several: which are shown, which has the keys, what fills them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Container

from noctis_tui.interface.viewer.shelf import Shelf
from noctis_tui.interface.viewer.view_actions import ViewActions
from noctis_tui.reading.grid import Grid
from noctis_tui.reading.stack_view import StackView, evenly_spaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from noctis_tui.interface.viewer.pane import Pane
    from noctis_tui.interface.viewer.shelf import Entry

ONE = Grid(1, 1)


class GridActions(ViewActions):
    """What the keys do to the panes.

    All panes are there from the start, so that whoever furnishes them does so once; they are mounted when a
    grid needs them, so that the first picture waits for one pane only.
    """

    def __init__(self) -> None:
        super().__init__()
        self.panes: tuple[Pane, ...] = ()
        self.shelf = Shelf()
        self._active = 0
        self._grid = Grid(2, 2)
        self._spread = False

    def look(self, pane: Pane, *, moving: bool = False) -> None:
        """Show the frame that a pane is at, now or when it comes."""
        raise NotImplementedError

    def turn_to(self, pane: Pane, entry: Entry) -> None:
        """Turn a pane to a series."""
        raise NotImplementedError

    def touched(self) -> None:
        """Note that the reader did something."""
        raise NotImplementedError

    def stop_playing(self) -> None:
        """Stay at the frame in view."""
        raise NotImplementedError

    def draw_lines(self) -> None:
        """Fill the lines around the panes."""
        raise NotImplementedError

    def panes_changed(self) -> None:
        """Note that other panes, or other series, are shown."""
        raise NotImplementedError

    # ---- which are shown

    @property
    def active(self) -> Pane:
        """The pane that the keys act on."""
        return self.panes[self._active]

    @property
    def grid(self) -> Grid:
        """What is on the screen."""
        return self._grid if self._spread else ONE

    @property
    def shown_panes(self) -> tuple[Pane, ...]:
        """What is on the screen, in the order in which it stands there; the active pane is among them."""
        count = self.grid.count
        first = self.panes[:count]
        return first if self.active in first else (*self.panes[: count - 1], self.active)

    @property
    def visible_panes(self) -> tuple[Pane, ...]:
        """What is on the screen, the active pane first."""
        return (self.active, *(pane for pane in self.shown_panes if pane is not self.active))

    def arrange_panes(self) -> None:
        """Show the panes of the grid, the active one marked."""
        container = self.query_one("#panes", Container)
        shown, grid = self.shown_panes, self.grid
        for pane in self.panes:
            pane.display = pane in shown
            pane.set_class(self._spread, "-titled")
            pane.set_class(pane is self.active, "-active")
        container.styles.grid_size_rows, container.styles.grid_size_columns = grid.rows, grid.columns
        mounted = sum(pane.is_attached for pane in self.panes)
        needed = max(pane.number for pane in shown) + 1
        if needed > mounted:
            container.mount(*self.panes[mounted:needed])
        self.draw_lines()
        self.panes_changed()

    def activate(self, pane: Pane) -> None:
        """Give the keys to a pane."""
        if pane is not self.active:
            self.stop_playing()
            self._active = pane.number
            self.arrange_panes()

    def action_next_pane(self) -> None:
        """Give the keys to the next pane."""
        self._step_pane(1)

    def action_previous_pane(self) -> None:
        """Give the keys to the previous pane."""
        self._step_pane(-1)

    def _step_pane(self, step: int) -> None:
        shown = self.shown_panes
        self.activate(shown[(shown.index(self.active) + step) % len(shown)])

    def action_layout(self) -> None:
        """Show the panes of the last grid; asked again, one."""
        self.lay_out(ONE if self._spread else self._grid)

    def lay_out(self, grid: Grid) -> None:
        """Show so many panes; those that are empty are filled with what is not in view yet."""
        self.stop_playing()
        changed = self.spread_over(grid)
        if self._spread:
            self._say_when_small(grid)
            self._fill(again=changed)

    def spread_over(self, grid: Grid) -> bool:
        """Show so many panes as they are; tell whether it is another grid than the last of several panes."""
        self._spread = grid.count > 1
        changed = self._spread and grid != self._grid
        self._grid = grid if self._spread else self._grid
        self.arrange_panes()
        return changed

    def _say_when_small(self, grid: Grid) -> None:
        width, height = self.room_cells
        if not grid.is_useful_in(width, height):
            across, down = grid.pane_cells(width, height)
            self.say(f"Panes of {across}x{down} cells are too small to read in; a larger terminal helps.")

    @property
    def room_cells(self) -> tuple[int, int]:
        """Columns and rows of cells that all panes share."""
        size = self.query_one("#panes", Container).size
        return (size.width or self.size.width, size.height or max(self.size.height - 2, 1))

    def action_maximise(self) -> None:
        """Show the active pane alone; asked again, all as they were."""
        if self._spread or any(pane.entry for pane in self.panes if pane is not self.active):
            self._spread = not self._spread
            self.arrange_panes()
            for pane in self.visible_panes:
                self.look(pane)

    # ---- what fills them

    def _fill(self, *, again: bool) -> None:
        """Show series that are in no pane yet, or the images of the only one with even steps."""
        entry = self.active.entry
        if entry is None:
            return
        self.touched()
        shown = self.shown_panes
        taken = {pane.entry.series.id for pane in shown if pane.entry is not None}
        others = self.shelf.neighbours(entry, len(self.shelf))
        if len(others) > 1 or len(taken) > 1:
            self._fill_with([other for other in others if other.series.id not in taken])
        elif again or any(pane.entry is None for pane in shown):
            self._spread_out(entry, shown)
        else:
            for pane in shown:
                self.look(pane)
        self.panes_changed()

    def _fill_with(self, others: Sequence[Entry]) -> None:
        empty = [pane for pane in self.shown_panes if pane.entry is None]
        for pane, other in zip(empty, others, strict=False):
            self.turn_to(pane, other)
        self.empty(empty[len(others) :], "No further series.")
        for pane in self.visible_panes:
            self.look(pane)

    def _spread_out(self, entry: Entry, shown: Sequence[Pane]) -> None:
        state = self.active.state
        parts = min(len(state.stack), len(shown))
        inner = [pane for pane in shown if pane is not self.active]
        panes = shown if parts == len(shown) else (self.active, *inner)
        for pane, place in zip(panes, evenly_spaced(state.stack, parts), strict=False):
            pane.begin(entry, state.at(place))
            self.look(pane)
        self.empty(panes[parts:], "No further images.")

    def empty(self, panes: Iterable[Pane], sentence: str) -> None:
        """Show nothing in these panes but a sentence."""
        for pane in panes:
            pane.begin(None, StackView())
            pane.say(sentence)
