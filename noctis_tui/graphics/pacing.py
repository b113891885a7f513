"""Frames on their way to the terminal: the latest wins, and at most two are not yet acknowledged.

A terminal reads slower than a processor draws. Every frame therefore ends with a fence, a question whose
answer says that the terminal has taken in all before it; while two fences are open nobody draws, and whoever
draws next draws the latest that was asked for.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

FRAMES_IN_FLIGHT = 2
"""One is being read by the terminal while the next is drawn: this hides most of a round trip."""


class LatestWins(Generic[T]):
    """A slot that holds one value: what is put replaces what was not yet taken. Safe between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._value: T | None = None

    def put(self, value: T) -> None:
        """Hold the value instead of the one that waits."""
        with self._lock:
            self._value = value

    def take(self) -> T | None:
        """Give the value away, None when nothing was put since the last time."""
        with self._lock:
            value, self._value = self._value, None
            return value


class FrameLine:
    """Who may draw next. Used on the event loop only; what it starts runs in one worker thread."""

    def __init__(self, limit: int = FRAMES_IN_FLIGHT) -> None:
        self._limit = limit
        self._closed = False
        self._in_flight = 0
        self._waiting: deque[Callable[[], None]] = deque()
        self._acknowledgements: deque[Callable[[], None]] = deque()
        self.worker = ThreadPoolExecutor(1, thread_name_prefix="noctis-picture")

    @property
    def in_flight(self) -> int:
        """Frames that are being drawn or that the terminal has not acknowledged."""
        return self._in_flight

    @property
    def unanswered(self) -> int:
        """Frames that were written and that the terminal has not acknowledged."""
        return len(self._acknowledgements)

    def ask(self, go: Callable[[], None]) -> None:
        """Call `go` as soon as a frame may start, in the order of asking; it ends in `sent` or `dropped`."""
        self._waiting.append(go)
        self._serve()

    def sent(self, on_acknowledged: Callable[[], None]) -> None:
        """Note that a started frame and its fence were written."""
        self._acknowledgements.append(on_acknowledged)

    def sent_again(self, on_acknowledged: Callable[[], None]) -> None:
        """Note that a frame with its fence was written that nobody asked leave for (a repair)."""
        self._in_flight += 1
        self._acknowledgements.append(on_acknowledged)

    def dropped(self) -> None:
        """Note that a started frame will not be written."""
        self._in_flight -= 1
        self._serve()

    def acknowledged(self) -> None:
        """Note that the terminal has taken in the oldest frame; a stray answer changes nothing."""
        if not self._acknowledgements:
            return
        self._in_flight -= 1
        self._acknowledgements.popleft()()
        self._serve()

    def acknowledge_all(self) -> None:
        """Note that the terminal will not answer any more."""
        while self._acknowledgements:
            self.acknowledged()

    def close(self) -> None:
        """Start nothing more, whoever asks."""
        self._closed = True
        self._waiting.clear()
        self.worker.shutdown(wait=False, cancel_futures=True)

    def _serve(self) -> None:
        while self._waiting and self._in_flight < self._limit and not self._closed:
            self._in_flight += 1
            self._waiting.popleft()()
