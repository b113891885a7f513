"""Work in parts, by the thread that asks and one more: numpy and compiled loops let go of the interpreter."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Part = TypeVar("Part")


def share(work: Callable[[Part], object], parts: Iterable[Part]) -> None:
    """Do every part of some work, two at a time; the order in which they are begun is that of `parts`.

    A helper that is busy with other work does not hold this up: then this thread does all of it.

    Raises
    ------
    Exception
        What `work` raises first, in either thread; no further part is begun then, and none is under way.
    """
    shared = _Shared(work, parts)
    if _processors() < 2:
        shared.run()
    else:
        helped = _helper().submit(shared.run)
        shared.run()
        if not helped.cancel():
            helped.result()
    if shared.error is not None:
        raise shared.error


class _Shared(Generic[Part]):
    def __init__(self, work: Callable[[Part], object], parts: Iterable[Part]) -> None:
        self._work, self._parts, self._lock = work, iter(parts), threading.Lock()
        self.error: BaseException | None = None

    def run(self) -> None:
        """Do parts until there are none, or one has failed."""
        while True:
            with self._lock:
                part = None if self.error is not None else next(self._parts, None)
            if part is None:
                return
            try:
                self._work(part)
            except BaseException as error:  # noqa: BLE001 - raised again in the thread that asked
                with self._lock:
                    self.error = self.error or error


@cache
def _helper() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "imaging")


@cache
def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
