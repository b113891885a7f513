"""Who draws next, and what: the latest wins, and at most two pictures are on their way.

A terminal reads slower than a processor draws. While two pictures are being drawn or read nobody draws, and
whoever draws next draws the latest that was asked for.
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

    @property
    def is_waiting(self) -> bool:
        """Whether a value waits to be taken."""
        with self._lock:
            return self._value is not None

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
        self.worker = ThreadPoolExecutor(1, thread_name_prefix="noctis-picture")

    @property
    def in_flight(self) -> int:
        """Pictures that were started and have not left."""
        return self._in_flight

    def ask(self, go: Callable[[], None]) -> None:
        """Call `go` as soon as a picture may start, in the order of asking; once for each there is `left`."""
        self._waiting.append(go)
        self._serve()

    def left(self) -> None:
        """Note that a started picture needs its place no more: it was taken in, or will not be sent."""
        self._in_flight -= 1
        self._serve()

    def close(self) -> None:
        """Start nothing more, whoever asks."""
        self._closed = True
        self._waiting.clear()
        self.worker.shutdown(wait=False, cancel_futures=True)

    def _serve(self) -> None:
        while self._waiting and self._in_flight < self._limit and not self._closed:
            self._in_flight += 1
            self._waiting.popleft()()
