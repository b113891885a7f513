"""The way from an app's pictures to its terminal: one line for all views, through Textual's own writer."""

from __future__ import annotations

import asyncio
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from textual.app import App

from noctis_tui.graphics.screen_pictures import pictures_of
from noctis_tui.graphics.terminal.probe import window_cell_px
from noctis_tui.graphics.wire.fences import Fences
from noctis_tui.graphics.wire.pacing import FrameLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType
    from textual import events
    from textual.screen import Screen

    from noctis_tui.graphics.wire.link import Link
    from noctis_tui.graphics.wire.sending import Sending

R = TypeVar("R")

FENCE = "\x1b[6n"
"""DSR: the terminal answers with the cursor's position when it has read all before it."""

FAREWELL_SECONDS = 0.6
"""How long an app that leaves waits at least for open fences."""

MOST_FAREWELL_SECONDS = 3.0

GUESS_SECONDS = 1 / 30
"""Pace of an app that does not listen for fences, or whose terminal does not answer them."""

MOVING_SECONDS = 0.25
"""A view that asked for a picture so lately is moving."""


class FencedApp(App[R], Generic[R]):
    """An app that hears how far its terminal has read; pictures in any other app are paced by the clock."""

    def exit(
        self, result: R | None = None, return_code: int = 0, message: RenderableType | None = None
    ) -> None:
        """Leave as soon as the terminal has answered: a later answer would stand in the shell's line."""
        wire = wire_of(self)
        wire.close()
        leave = partial(super().exit, result, return_code, message)
        self._leave_answered(leave, time.monotonic() + wire.farewell_seconds)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Write what Textual wants to, but for the cells that pictures stand on."""
        super()._display(screen, pictures_of(self).spare(renderable))

    def _leave_answered(self, leave: Callable[[], None], end: float) -> None:
        if not wire_of(self).unanswered or time.monotonic() >= end:
            leave()
        else:
            self.set_timer(0.02, partial(self._leave_answered, leave, end))

    def on_app_focus(self) -> None:
        """Put right what the terminal may have lost while its window was hidden."""
        pictures_of(self).look_again()

    def on_cursor_position(self, event: events.CursorPosition) -> None:
        """Take the answer to a fence."""
        event.stop()
        wire_of(self).answered(event.time)


class Wire:
    """Writes for the views of one app; on its event loop only."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._is_fenced = isinstance(app, FencedApp) and not app.is_headless
        self._fences = Fences()
        self._sendings: list[Sending] = []
        self._alarm: asyncio.TimerHandle | None = None
        self._asked_at: WeakKeyDictionary[object, float] = WeakKeyDictionary()
        self._first_cell_px = self.window_cell_px()
        self.ahead = object()
        """Whose the pictures are that are sent ahead (`uploading`)."""
        self.line = FrameLine()
        self._is_closed = False

    @property
    def link(self) -> Link:
        """What is known of the way to the terminal."""
        return self._fences.link

    @property
    def unanswered(self) -> int:
        """Fences whose answers may still come."""
        return self._fences.unanswered

    @property
    def farewell_seconds(self) -> float:
        """How long answers to what is on the way may take."""
        expected = (self.link.round_trip_seconds or 0.0) + self.link.seconds_for(self._fences.bytes_ahead)
        return min(max(FAREWELL_SECONDS, 2 * expected), MOST_FAREWELL_SECONDS)

    @property
    def is_curious(self) -> bool:
        """Whether nothing is known of the link yet, and the next answers will tell."""
        return self._is_fenced and not self._fences.is_silent and not self.link.is_known

    @property
    def is_idle(self) -> bool:
        """Whether nothing is drawn, sent or on the way."""
        is_busy = self._sendings or self.line.in_flight or self._fences.bytes_ahead
        return not (is_busy or self._is_closed)

    def asked(self, view: object) -> None:
        """Note that a view wants another picture; what is sent ahead gives way."""
        self.abandon(self.ahead)
        self._asked_at[view] = time.monotonic()

    @property
    def moving(self) -> int:
        """How many views are moving."""
        since = time.monotonic() - MOVING_SECONDS
        return sum(asked_at >= since for asked_at in self._asked_at.values())

    # ---- cells

    def window_cell_px(self) -> tuple[int, int] | None:
        """Cell size by the window's size, which follows a change of the font."""
        stdin = sys.__stdin__
        return window_cell_px(stdin.fileno()) if stdin is not None and stdin.isatty() else None

    def cell_px(self, detected: tuple[int, int]) -> tuple[int, int]:
        """Cell size: as detected (exact) until the window says that it changed."""
        now = self.window_cell_px()
        return detected if now is None or now == self._first_cell_px else now

    # ---- writing

    def write(self, content: bytes) -> None:
        """Write at once; the cursor stays where it was."""
        if content:
            self._finish_exclusive()
            self._write(_held(content))

    def send(self, sending: Sending) -> None:
        """Write a picture as fast as the link takes it."""
        if self._is_closed:
            sending.abandon()
            return
        if sending.is_written:
            self._write_fenced(b"", sending)
            return
        self._sendings.append(sending)
        self._sendings.sort(key=lambda each: each.is_patient)
        self._go_on()

    def abandon(self, owner: object, *, only_patient: bool = False) -> bool:
        """Write no more of somebody's pictures; tell whether any was not written to its end."""
        mine = [
            each for each in self._sendings if each.owner is owner and (each.is_patient or not only_patient)
        ]
        for sending in mine:
            self._end(sending)
        return bool(mine)

    def close(self) -> None:
        """Write no more pictures: the answer to a fence behind one would be read by the shell."""
        self._is_closed = True
        self.line.close()
        for sending in list(self._sendings):
            self._end(sending)

    def _end(self, sending: Sending) -> None:
        self._sendings.remove(sending)
        ending = sending.ending()
        if sending.is_begun:
            self._write(_held(ending))
        sending.abandon()

    def _go_on(self) -> None:
        while self._sendings:
            sending = self._sendings[0]
            part = sending.take(self.link, self._fences.bytes_ahead)
            if not part and not sending.is_written:
                return
            # A last piece may be empty (kitty has it already): in the line it would hold up all others.
            self._finish_exclusive(sending)
            self._write_fenced(part, sending)
            self._sendings = [each for each in self._sendings if not each.is_written]

    def finish(self, owner: object) -> None:
        """Write the rest of somebody's pictures at once."""
        for sending in [each for each in self._sendings if each.owner is owner]:
            self._finish(sending)

    def _finish_exclusive(self, but: Sending | None = None) -> None:
        """Write the rest of what no other picture may come between; what is sent ahead gives way."""
        for sending in list(self._sendings):
            if sending is not but and sending.owner is self.ahead:
                self._end(sending)
            elif sending is not but and sending.is_exclusive and sending.is_begun:
                self._finish(sending)

    def _finish(self, sending: Sending) -> None:
        self._sendings.remove(sending)
        self._write_fenced(sending.take_all(), sending)

    def _write_fenced(self, content: bytes, sending: Sending) -> None:
        sending.unanswered += 1
        passed = partial(self._passed, sending)
        now = time.monotonic()
        held = _held(content, is_synchronized=sending.is_synchronized)
        if self._is_fenced and self._fences.asks(now):
            self._write(f"{FENCE}{held}{FENCE}")
            self._fences.wrote(len(content), now, passed)
            self._watch()
        else:
            self._write(held)
        if not self._is_fenced or self._fences.is_silent:
            asyncio.get_running_loop().call_later(GUESS_SECONDS, passed)

    def _write(self, text: str) -> None:
        driver = self._app._driver  # noqa: SLF001 - Textual has no public way to write beside the compositor
        if text and driver is not None and not self._app.is_headless:
            driver.write(text)

    def _passed(self, sending: Sending) -> None:
        sending.unanswered -= 1
        sending.seconds += 0.0 if self._fences.is_silent else self._fences.last_seconds
        if sending.is_written and not sending.unanswered:
            sending.finish(is_complete=True)
        self._go_on()

    # ---- answers

    def answered(self, at: float) -> None:
        """Note that the terminal answered, `at` that time of the monotonic clock."""
        self._fences.answered(at)
        self._go_on()

    def _watch(self) -> None:
        """Notice when an answer does not come."""
        deadline = self._fences.deadline()
        if self._alarm is None and deadline is not None:
            wait = max(deadline - time.monotonic(), 0.0)
            self._alarm = asyncio.get_running_loop().call_later(wait, self._look_at_deadline)

    def _look_at_deadline(self) -> None:
        self._alarm = None
        deadline = self._fences.deadline()
        if deadline is not None and time.monotonic() >= deadline:
            self._fences.give_up()
        self._watch()


def _held(content: bytes, *, is_synchronized: bool = False) -> str:
    """Content that leaves the cursor where it was, shown at once by a terminal that can."""
    if not content:
        return ""
    held = f"\x1b7{content.decode()}\x1b8"
    return f"\x1b[?2026h{held}\x1b[?2026l" if is_synchronized else held


_wires: WeakKeyDictionary[App[Any], Wire] = WeakKeyDictionary()


def wire_of(app: App[Any]) -> Wire:
    """The one wire of an app."""
    wire = _wires.get(app)
    if wire is None:
        wire = _wires[app] = Wire(app)
    return wire
