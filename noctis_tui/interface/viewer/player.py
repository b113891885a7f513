"""Playing in the interface: a timer that asks the cine clock; keys are served between its ticks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from noctis_tui.reading.cine import (
    STACK_FRAMES_PER_SECOND,
    Cine,
    clip_around,
    frame_times_of,
    frames_per_second_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.timer import Timer

    from noctis_tui.interface.viewer.pane import Pane


class Stage(Protocol):
    """What playing needs of the screen."""

    def set_interval(self, interval: float, callback: Callable[[], None]) -> Timer:
        """Call back every `interval` seconds."""

    def go_to(self, pane: Pane, frame_index: int) -> None:
        """Show another frame of a pane's stack."""

    def is_ready(self, pane: Pane, frame_index: int) -> bool:
        """Tell whether a frame can be shown at once; what is not is loaded soon."""


class Player:
    """Plays the frames of one pane in a loop."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._pane: Pane | None = None
        self._cine: Cine | None = None
        self._timer: Timer | None = None

    @property
    def frames_per_second(self) -> float:
        """How fast it plays; 0 while it does not."""
        return self._cine.frames_per_second if self._cine is not None else 0.0

    def start(self, pane: Pane, speed_of_slices: float = STACK_FRAMES_PER_SECOND) -> bool:
        """Play the clip in view, else the whole stack; tell whether there is anything to play."""
        self.stop()
        if pane.frame is None or len(pane.state.stack) < 2:
            return False
        first, last = clip_around(pane.state.stack, pane.state.frame_index)
        times = frame_times_of(pane.frame, pane.state.stack, first, last)
        speed = frames_per_second_of(pane.frame, speed_of_slices, times)
        started, now = pane.state.frame_index - first, time.monotonic()
        bounces = pane.frame.image.sweeps
        self._play(pane, Cine(first, last, started, now, speed, times, bounces=bounces))
        return True

    def speed_up(self, factor: float) -> None:
        """Play faster, or slower, from now on."""
        if self._cine is not None and self._pane is not None:
            pane, cine = self._pane, self._cine.sped_up(factor, time.monotonic())
            self.stop()
            self._play(pane, cine)

    @property
    def bounces(self) -> bool:
        """Whether it goes back and forth."""
        return self._cine is not None and self._cine.bounces

    def turn(self) -> None:
        """Go back and forth from now on, or round again."""
        if self._cine is not None:
            self._cine = self._cine.turned(time.monotonic())

    def stop(self) -> None:
        """Stay at the frame in view."""
        if self._timer is not None:
            self._timer.stop()
        self._pane, self._cine, self._timer = None, None, None

    def _play(self, pane: Pane, cine: Cine) -> None:
        self._pane, self._cine = pane, cine
        self._timer = self._stage.set_interval(cine.tick_seconds, self._tick)

    def _tick(self) -> None:
        if self._cine is None or self._pane is None:
            return
        now = time.monotonic()
        frame_index = self._cine.index_at(now)
        if self._stage.is_ready(self._pane, frame_index):
            self._stage.go_to(self._pane, frame_index)
        else:
            # Wait for it: the clock starts again from what is shown.
            self._cine = self._cine.restarted(self._pane.state.frame_index, now)
