"""Steps done in their order by another thread, while the thread that has them done goes on."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.services.workers import Workers


class Aside:
    """A row of steps; to be used by one thread at a time."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._steps: deque[Callable[[], object]] = deque()
        self._gate = threading.Lock()
        self._resting = threading.Event()
        self._resting.set()
        self._error: BaseException | None = None

    @property
    def resting(self) -> bool:
        """Whether every step is done."""
        return self._resting.is_set()

    @property
    def waiting(self) -> int:
        """How many steps wait for the thread."""
        return len(self._steps)

    def do(self, step: Callable[[], object]) -> None:
        """Have a step done after those before it; what it raises is raised by `join`, and ends the row."""
        with self._gate:
            self._steps.append(step)
            if not self._resting.is_set():
                return
            self._resting.clear()
        self._workers.submit(self._run)

    def join(self) -> None:
        """Wait until every step is done."""
        self._resting.wait()
        if self._error:
            raise self._error

    def _run(self) -> None:
        while step := self._next():
            try:
                if not self._error:
                    step()
            except BaseException as error:  # noqa: BLE001 - for whoever joins
                self._error = error

    def _next(self) -> Callable[[], object] | None:
        with self._gate:
            if self._steps:
                return self._steps.popleft()
            self._resting.set()
            return None
