"""The way from an app's pictures to its terminal: one line for all views, through Textual's own writer."""

from __future__ import annotations

import asyncio
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from textual.app import App

from noctis_tui.graphics.pacing import FrameLine
from noctis_tui.graphics.probe import window_cell_px

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType
    from textual import events

R = TypeVar("R")

FENCE = "\x1b[6n"
"""DSR: the terminal answers with the cursor's position when it has read all before it."""

SILENCE_SECONDS = 3.0
"""A fence that is not answered for so long counts as passed."""

FAREWELL_SECONDS = 0.6
"""How long an app that leaves waits for open fences."""

GUESS_SECONDS = 1 / 30
"""Pace of an app that does not listen for fences."""


class FencedApp(App[R], Generic[R]):
    """An app that hears how far its terminal has read; pictures in any other app are paced by the clock."""

    def exit(
        self, result: R | None = None, return_code: int = 0, message: RenderableType | None = None
    ) -> None:
        """Leave as soon as the terminal has answered: a later answer would stand in the shell's line."""
        line = wire_of(self).line
        line.close()
        leave = partial(super().exit, result, return_code, message)
        self._leave_answered(leave, time.monotonic() + FAREWELL_SECONDS)

    def _leave_answered(self, leave: Callable[[], None], end: float) -> None:
        if not wire_of(self).line.unanswered or time.monotonic() >= end:
            leave()
        else:
            self.set_timer(0.02, partial(self._leave_answered, leave, end))

    def on_cursor_position(self, event: events.CursorPosition) -> None:
        """Take the answer to a fence."""
        event.stop()
        wire_of(self).passed()


class Wire:
    """Writes for the views of one app; on its event loop only."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._fenced = isinstance(app, FencedApp) and not app.is_headless
        self._timeouts: list[asyncio.TimerHandle] = []
        self._first_cell_px = self.window_cell_px()
        self.line = FrameLine()

    def window_cell_px(self) -> tuple[int, int] | None:
        """Cell size by the window's size, which follows a change of the font."""
        stdin = sys.__stdin__
        return window_cell_px(stdin.fileno()) if stdin is not None and stdin.isatty() else None

    def cell_px(self, detected: tuple[int, int]) -> tuple[int, int]:
        """Cell size: as detected (exact) until the window says that it changed."""
        now = self.window_cell_px()
        return detected if now is None or now == self._first_cell_px else now

    def write(self, content: bytes) -> None:
        """Write at once, held together where the terminal can; the cursor stays where it was."""
        driver = self._app._driver  # noqa: SLF001 - Textual has no public way to write beside the compositor
        if content and driver is not None and not self._app.is_headless:
            driver.write(f"\x1b[?2026h\x1b7{content.decode()}\x1b8\x1b[?2026l")

    def write_frame(self, content: bytes, shown: Callable[[], None], *, repair: bool = False) -> None:
        """Write a frame and a fence behind it; `shown` is called when the terminal has passed the fence."""
        self.write(content)
        if repair:
            self.line.sent_again(shown)
        else:
            self.line.sent(shown)
        self._fence()

    def _fence(self) -> None:
        driver = self._app._driver  # noqa: SLF001 - see write
        if self._fenced and driver is not None:
            driver.write(FENCE)
        wait = SILENCE_SECONDS if self._fenced else GUESS_SECONDS
        self._timeouts.append(asyncio.get_running_loop().call_later(wait, self.passed))

    def passed(self) -> None:
        """Note that the oldest fence was answered (or given up)."""
        if self._timeouts:
            self._timeouts.pop(0).cancel()
        self.line.acknowledged()


_wires: WeakKeyDictionary[App[Any], Wire] = WeakKeyDictionary()


def wire_of(app: App[Any]) -> Wire:
    """The one wire of an app."""
    wire = _wires.get(app)
    if wire is None:
        wire = _wires[app] = Wire(app)
    return wire
