"""Events as lines of JSON, written by a thread of their own: a slow reader never holds up receiving."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import TYPE_CHECKING, Self, TextIO

if TYPE_CHECKING:
    from archive.network.events import Event

WAITING_LINES = 10_000
"""Events that may wait for a slow reader; more are left out, and their number is told."""


class EventLines:
    """Writes events to a stream, one JSON object a line; a context manager that ends with the last one."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._waiting: queue.Queue[str | None] = queue.Queue(WAITING_LINES)
        self._left_out = 0
        self._thread = threading.Thread(target=self._write, name="noctis-events", daemon=True)

    def hear(self, event: Event) -> None:
        """Have an event written; never waits."""
        line = event.to_json()
        if self._left_out:
            line = f'{{"event": "events_left_out", "count": {self._left_out}}}\n{line}'
        try:
            self._waiting.put_nowait(line)
        except queue.Full:
            self._left_out += 1
        else:
            self._left_out = 0

    def _write(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # nobody reads any more
            while (line := self._waiting.get()) is not None:
                self._stream.write(f"{line}\n")
                self._stream.flush()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(queue.Full):
            self._waiting.put(None, timeout=1)
        self._thread.join(timeout=1)
