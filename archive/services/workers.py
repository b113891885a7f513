"""Threads that write, hash and sync: they wait for the disk, and the event loop never does."""

from __future__ import annotations

import logging
import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LOGGER = logging.getLogger(__name__)


class Workers:
    """A few threads and a queue; an executor's futures cost more than the work that is handed over here."""

    def __init__(self, count: int, name: str) -> None:
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
            try:
                work()
            except Exception:
                LOGGER.exception("A storage thread failed")
