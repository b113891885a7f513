"""Frames decoded in threads, from what is being looked at outwards; the latest wish wins.

Keys never wait for it: `aim` only says what is wanted now. A decode that has begun is finished and kept.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, Generic, TypeVar

from noctis_tui.reading.frame_cache import Sized

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from noctis_tui.reading.frame_cache import FrameCache
    from noctis_tui.reading.stack import FrameRef, Stack

WORKERS = 2
"""Decoding releases the interpreter; more than two threads gained nothing where it was measured."""
_AHEAD = 2
"""While scrolling, frames ahead for each one behind."""

log = logging.getLogger(__name__)
Loaded = TypeVar("Loaded", bound=Sized)


@dataclass(frozen=True, slots=True)
class Aim:
    """What one pane looks at: a frame of a stack, and the way it scrolls (-1, 0 unknown, 1)."""

    stack: Stack
    frame_index: int
    direction: int = 0


def outwards(aim: Aim) -> Iterator[FrameRef]:
    """Yield every frame of a stack once, from the aim outwards, sooner in the direction of scrolling."""
    frames, count = aim.stack.frames, len(aim.stack)
    if not count:
        return
    here = aim.stack.clamp(aim.frame_index)
    yield frames[here]
    forward = iter(range(here + 1, count))
    backward = iter(range(here - 1, -1, -1))
    ahead, behind = (backward, forward) if aim.direction < 0 else (forward, backward)
    for _ in range(count):
        for place in islice(ahead, _AHEAD if aim.direction else 1):
            yield frames[place]
        for place in islice(behind, 1):
            yield frames[place]


def in_turns(aims: Sequence[Aim]) -> Iterator[FrameRef]:
    """Yield the frames of several panes in turns, the first pane first."""
    seen: set[FrameRef] = set()
    for round_ in zip_longest(*(outwards(aim) for aim in aims)):
        for frame in round_:
            if frame is not None and frame not in seen:
                seen.add(frame)
                yield frame


class SeriesLoader(Generic[Loaded]):
    """Fills a cache with what the panes aim at, as far as the cache has room.

    Parameters
    ----------
    decode
        Turns a reference into something to show; called in worker threads, never raises for bad input.
    on_loaded
        Told, in a worker thread, which frame has just become available; must return at once.
    """

    def __init__(
        self,
        decode: Callable[[FrameRef], Loaded],
        cache: FrameCache[FrameRef, Loaded],
        on_loaded: Callable[[FrameRef], None],
        workers: int = WORKERS,
    ) -> None:
        self._decode = decode
        self._cache = cache
        self._on_loaded = on_loaded
        self._aims: tuple[Aim, ...] = ()
        self._wanted: Iterator[FrameRef] = iter(())
        self._busy: set[FrameRef] = set()
        self._closed = False
        self._changed = threading.Condition()
        self._threads = [
            threading.Thread(target=self._work, name=f"decode-{number}", daemon=True)
            for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def aim(self, aims: Iterable[Aim]) -> None:
        """Say what is looked at now, most important first; what was wanted before is forgotten."""
        with self._changed:
            self._aims = tuple(aims)
            self._wanted = self._in_reach()
            self._changed.notify_all()

    def loaded_count(self, stack: Stack) -> int:
        """Return how many frames of a stack can be shown at once."""
        return sum(frame in self._cache for frame in stack.frames)

    @property
    def idle(self) -> bool:
        """Whether nothing is being decoded and nothing more is wanted."""
        with self._changed:
            return not self._busy and not self._aims

    def close(self, wait_seconds: float = 2.0) -> None:
        """Stop after the decodes under way."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(wait_seconds)

    def _in_reach(self) -> Iterator[FrameRef]:
        """Yield what is wanted, in order, as long as it fits the cache together."""
        for place, frame in enumerate(in_turns(self._aims)):
            if place >= max(len(self._aims), self._room()):
                return
            yield frame

    def _room(self) -> int:
        """Return how many frames, as large as those so far, the cache holds."""
        if not len(self._cache):
            return 1 << 30
        mean = max(self._cache.size_bytes // len(self._cache), 1)
        return self._cache.capacity_bytes // mean - WORKERS

    def _next(self) -> FrameRef | None:
        for frame in self._wanted:
            # Asking counts as using: what is near stays when room is needed for what is far.
            if self._cache.get(frame) is None and frame not in self._busy:
                return frame
        self._aims = ()
        return None

    def _work(self) -> None:
        while (frame := self._take()) is not None:
            try:
                self._cache.put(frame, self._decode(frame))
            except Exception:
                log.exception("decoding a frame failed")
            finally:
                with self._changed:
                    self._busy.discard(frame)
            self._on_loaded(frame)

    def _take(self) -> FrameRef | None:
        with self._changed:
            while not self._closed:
                frame = self._next()
                if frame is not None:
                    self._busy.add(frame)
                    return frame
                self._changed.wait()
        return None
