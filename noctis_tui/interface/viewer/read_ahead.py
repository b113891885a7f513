"""What is loaded when: the pictures in view, then their series, then the series beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.errors import NoctisError
from noctis_tui.interface.viewer.frame_source import only
from noctis_tui.interface.viewer.stack_reading import read_stack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.timer import Timer

    from noctis_tui.interface.viewer.pane import Pane
    from noctis_tui.interface.viewer.screen import ViewerScreen
    from noctis_tui.interface.viewer.shelf import Entry, Shelf
    from noctis_tui.reading.reach import Aim

PATIENCE_SECONDS = 0.5
"""First pictures that take longer, or that nobody sees, have the processor no longer to themselves."""


class ReadAhead:
    """The part of the viewer that decides what is loaded before it is asked for."""

    def __init__(self, screen: ViewerScreen) -> None:
        self._screen = screen
        self._aims: tuple[Aim, ...] = ()
        self._looked_at: tuple[Shelf, int] | None = None
        self._timer: Timer | None = None
        self._is_impatient = False

    @property
    def aims(self) -> tuple[Aim, ...]:
        """Where the series keys lead from here, as far as it is known."""
        entry = self._screen.active.entry
        here = self._looked_at is not None and entry is not None and self._looked_at[1] == entry.series.id
        return self._aims if here else ()

    def waits(self, panes: Sequence[Pane]) -> bool:
        """Tell whether the pictures of these panes are still to be drawn before anything else is loaded."""
        if _are_drawn(panes):
            self._is_impatient = False
            return False
        if not self._is_impatient and self._timer is None:
            self._timer = self._screen.set_timer(PATIENCE_SECONDS, self._lose_patience)
        return not self._is_impatient

    def _lose_patience(self) -> None:
        self._is_impatient = True
        self._end_waiting()

    def _end_waiting(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
            self._screen.want()

    def seen(self) -> None:
        """Go on with what is beside the pictures in view, now that they are drawn."""
        if _are_drawn(self._screen.visible_panes):
            self._end_waiting()
        entry = self._screen.active.entry
        if entry is None or self._is_known(entry):
            return
        self._looked_at, self._aims = (self._screen.shelf, entry.series.id), ()
        self._screen.run_worker(self._find(self._beside(entry)), group="read-ahead", exclusive=True)

    def _is_known(self, entry: Entry) -> bool:
        known = self._looked_at
        return known is not None and known[0] is self._screen.shelf and known[1] == entry.series.id

    def _beside(self, entry: Entry) -> list[Entry]:
        """Return the next and the previous series with pictures."""
        reach = self._screen.shelf_in_reach
        here = next((i for i, other in enumerate(reach) if other.series.id == entry.series.id), None)
        if here is None:
            return []
        sides = (reach[here + 1 :], reach[:here][::-1])
        nearest = (next((other for other in side if other.has_pictures), None) for side in sides)
        return [other for other in nearest if other is not None]

    async def _find(self, beside: list[Entry]) -> None:
        archive = self._screen.archive
        aims: list[Aim] = []
        for entry in beside:
            if archive is None:
                return
            try:
                stack = await read_stack(archive.index, entry.series)
            except (NoctisError, OSError):
                continue  # who turns to it is told
            state = self._screen.remembered(entry).with_stack(stack)
            aims += [state.aim, *([only(state.pinning)] if state.pinning is not None else [])]
        self._aims = tuple(aims)
        self._screen.want()


def _are_drawn(panes: Sequence[Pane]) -> bool:
    return all(pane.is_seen or pane.state.frame is None for pane in panes)
