"""Frames decoded in threads, from what is being looked at outwards; the latest wish wins.

Keys never wait for it: `aim` only says what is wanted now. A decode that has begun is finished and kept.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Generic

from noctis_tui.reading.reach import Loaded, Reach

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from noctis_tui.reading.frame_cache import FrameCache
    from noctis_tui.reading.reach import Aim
    from noctis_tui.reading.stack import FrameRef, Stack

WORKERS = 2
"""Decoding releases the interpreter; more than two threads gained nothing where it was measured."""

log = logging.getLogger(__name__)


class SeriesLoader(Generic[Loaded]):
    """Fills a cache with what the panes aim at, then with what they may turn to, as far as it has room.

    Parameters
    ----------
    decode
        Turns a reference into something to show; called in worker threads, never raises for bad input.
    on_loaded
        Told, in a worker thread, which frame has just become available; must return at once.
    on_rest
        Called, in a worker thread, when frames were loaded and nothing more is wanted for now.
    """

    def __init__(
        self,
        decode: Callable[[FrameRef], Loaded],
        cache: FrameCache[FrameRef, Loaded],
        on_loaded: Callable[[FrameRef], None],
        workers: int = WORKERS,
        on_rest: Callable[[], None] = lambda: None,
    ) -> None:
        self._decode = decode
        self._cache = cache
        self._on_loaded = on_loaded
        self._on_rest = on_rest
        self._has_worked = False
        self._reach: Reach[Loaded] = Reach(cache)
        self._near: set[FrameRef] = set()
        self._ahead: set[FrameRef] = set()
        self._closed = False
        self._changed = threading.Condition()
        self._threads = [
            threading.Thread(target=self._work, name=f"decode-{number}", daemon=True)
            for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def aim(self, aims: Iterable[Aim], ahead: Iterable[Aim] = ()) -> None:
        """Say what is looked at now, most important first; what was wanted before is forgotten.

        Parameters
        ----------
        aims
            Loaded outwards, in turns.
        ahead
            Loaded by one thread when nothing nearer is wanted; the reader's next step finds another free.
        """
        reach = Reach(self._cache, tuple(aims), tuple(ahead))
        with self._changed:
            self._reach = reach
            self._changed.notify_all()

    def loaded_count(self, stack: Stack) -> int:
        """Return how many frames of a stack can be shown at once."""
        return sum(frame in self._cache for frame in stack.frames)

    @property
    def idle(self) -> bool:
        """Whether nothing that the panes look at, or around it, is wanted or being decoded."""
        with self._changed:
            return not self._near and not self._reach.has_near

    def close(self, wait_seconds: float = 2.0) -> None:
        """Stop after the decodes under way."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(wait_seconds)

    def _work(self) -> None:
        while (frame := self._take()) is not None:
            try:
                loaded = self._decode(frame)
            except Exception:
                log.exception("decoding a frame failed")
                self._end(frame, None)
            else:
                self._end(frame, loaded)
                del loaded
            self._on_loaded(frame)

    def _rest(self) -> None:
        """Wait for other wishes; the last thread that comes to rest says so first."""
        if self._has_worked and not self._near and not self._ahead:
            self._has_worked = False
            self._changed.release()
            try:
                self._on_rest()
            finally:
                self._changed.acquire()
            return  # what was wanted meanwhile has not woken this thread
        self._changed.wait()

    def _end(self, frame: FrameRef, loaded: Loaded | None) -> None:
        with self._changed:
            if loaded is not None:
                self._reach.keep(frame, loaded)
            self._near.discard(frame)
            self._ahead.discard(frame)
            self._changed.notify()

    def _take(self) -> FrameRef | None:
        with self._changed:
            while not self._closed:
                frame = self._next()
                if frame is not None:
                    self._has_worked = True
                    return frame
                self._rest()
        return None

    def _next(self) -> FrameRef | None:
        busy = self._near | self._ahead
        frame = self._reach.next_near(busy)
        if frame is not None:
            self._near.add(frame)
        elif not self._ahead:
            frame = self._reach.next_ahead(busy)
            if frame is not None:
                self._ahead.add(frame)
        return frame
