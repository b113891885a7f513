"""Threads that write, hash and sync: they wait for the disk, and the event loop never does."""

from __future__ import annotations

import logging
import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LOGGER = logging.getLogger(__name__)
_SYNCERS = 8


class Workers:
    """A few threads and a queue; an executor's futures cost more than the work that is handed over here.

    Parameters
    ----------
    when_idle
        Called by a thread that finds nothing more to do.
    """

    def __init__(self, count: int, name: str, when_idle: Callable[[], None] = lambda: None) -> None:
        self._when_idle = when_idle
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._run, name=f"{name}-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, work: Callable[[], None]) -> None:
        """Have a thread do it; what it raises is logged and ends nothing."""
        self._work.put(work)

    def close(self) -> None:
        """Wait until everything is done that was submitted before."""
        for _ in self._threads:
            self._work.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while work := self._work.get():
            _do(work)
            if self._work.empty():
                _do(self._when_idle)


def _do(work: Callable[[], None]) -> None:
    try:
        work()
    except Exception:
        LOGGER.exception("A storage thread failed")


class Crew:
    """Who does what for the instances that arrive.

    Python runs in one thread at a time: more writers than one wait for the interpreter and not for the disk,
    and were no faster when this was measured. Hashing leaves the interpreter to others; syncing is all
    waiting, and the disk merges what waits together.

    Parameters
    ----------
    carry
        Takes through the line what waits for it; called when nothing is left to be written or synced.
    """

    def __init__(self, carry: Callable[[], None]) -> None:
        self.writers = Workers(1, "write", carry)
        self.hashers = Workers(1, "hash")
        self.syncers = Workers(_SYNCERS, "sync", carry)

    def close(self) -> None:
        """Wait until everything is done that was begun; each kind of thread hands on to the next."""
        for workers in (self.writers, self.hashers, self.syncers):
            workers.close()
