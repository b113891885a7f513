"""One pane or four: which are shown, which has the keys, what fills them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noctis_tui.interface.viewer.shelf import Shelf
from noctis_tui.interface.viewer.view_actions import ViewActions
from noctis_tui.reading.stack_view import StackView, evenly_spaced

if TYPE_CHECKING:
    from collections.abc import Iterable

    from noctis_tui.interface.viewer.pane import Pane
    from noctis_tui.interface.viewer.shelf import Entry

PANES = 4


class GridActions(ViewActions):
    """What the keys do to the panes."""

    def __init__(self) -> None:
        super().__init__()
        self.panes: tuple[Pane, ...] = ()
        self.shelf = Shelf()
        self._active = 0
        self._four = False

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

    @property
    def active(self) -> Pane:
        """The pane that the keys act on."""
        return self.panes[self._active]

    @property
    def visible_panes(self) -> tuple[Pane, ...]:
        """Return what is on the screen, the active pane first."""
        others = (pane for pane in self.panes if self._four and pane is not self.active)
        return (self.active, *others)

    def arrange_panes(self) -> None:
        """Show one pane or all of them, the active one marked."""
        self.query_one("#panes").set_class(self._four, "-four")
        for pane in self.panes:
            pane.display = self._four or pane is self.active
            pane.set_class(self._four, "-titled")
            pane.set_class(pane is self.active, "-active")
        self.draw_lines()

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
        if self._four:
            self.activate(self.panes[(self._active + step) % PANES])

    def action_layout(self) -> None:
        """Show four panes: four series of the study, or four images of the only one; asked again, one."""
        self.stop_playing()
        self._four = not self._four
        self.arrange_panes()
        if self._four:
            self._fill()

    def action_maximise(self) -> None:
        """Show the active pane alone; asked again, all four as they were."""
        if self._four or any(pane.entry for pane in self.panes if pane is not self.active):
            self._four = not self._four
            self.arrange_panes()
            for pane in self.visible_panes:
                self.look(pane)

    def _fill(self) -> None:
        entry = self.active.entry
        if entry is None:
            return
        self.touched()
        others = [pane for pane in self.panes if pane is not self.active]
        series = self.shelf.neighbours(entry, PANES)
        if len(series) > 1:
            for pane, other in zip(others, series[1:], strict=False):
                self.turn_to(pane, other)
            self._empty(others[len(series) - 1 :], "No further series.")
            self.look(self.active)
            return
        state = self.active.state
        parts = min(len(state.stack), PANES)
        panes = (self.active, *others) if parts < PANES else self.panes
        for pane, place in zip(panes, evenly_spaced(state.stack, parts), strict=False):
            pane.begin(entry, state.at(place))
            self.look(pane)
        self._empty(panes[parts:], "No further images.")

    def _empty(self, panes: Iterable[Pane], sentence: str) -> None:
        for pane in panes:
            pane.begin(None, StackView())
            pane.say(sentence)
