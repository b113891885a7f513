"""What is wanted, in which order: around what is looked at, then ahead, as far as there is room."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, Generic, TypeVar

from noctis_tui.reading.frame_cache import Sized

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from noctis_tui.reading.frame_cache import FrameCache
    from noctis_tui.reading.stack import FrameRef, Stack

_AHEAD = 2
"""While scrolling, frames ahead for each one behind."""

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


class Reach(Generic[Loaded]):
    """The frames that some aims want, one after the other, until the cache has no room for a further one.

    What is near is never dropped for what is far: everything that was passed on the way stays. To be used by
    one thread at a time.

    Parameters
    ----------
    aims
        What is looked at, most important first.
    ahead
        What will be looked at next, perhaps.
    """

    def __init__(
        self, cache: FrameCache[FrameRef, Loaded], aims: Sequence[Aim] = (), ahead: Sequence[Aim] = ()
    ) -> None:
        self.looked_at = frozenset(frame for aim in aims for frame in islice(outwards(aim), 1))
        """What must be kept in any case."""
        self._cache = cache
        self._near, self._far = in_turns(aims), in_turns(ahead)
        self._given: set[FrameRef] = set()
        self._passed: set[FrameRef] = set()
        self._passed_bytes = 0
        self._least_bytes = 0
        self.has_near = bool(aims)
        """Whether something around what is looked at may still be wanted."""

    def next_near(self, busy: Collection[FrameRef]) -> FrameRef | None:
        """Return the next frame around what is looked at that is neither here nor under way."""
        frame = self._next(self._near, busy)
        self.has_near = frame is not None
        return frame

    def next_ahead(self, busy: Collection[FrameRef]) -> FrameRef | None:
        """Return the next frame to be read ahead; to be asked when there is nothing nearer."""
        return self._next(self._far, busy)

    def keep(self, frame: FrameRef, loaded: Loaded) -> None:
        """Put a frame into the cache, unless that would drop what is nearer."""
        if frame in self.looked_at:
            self._cache.put(frame, loaded, self.looked_at)
        elif not self._cache.put_beside(self._passed, frame, loaded):
            if frame in self._given:  # else it is late: others may have room all the same
                self.end()
            return
        self._pass(frame, loaded.size_bytes)

    def end(self) -> None:
        """Want nothing more."""
        self._near = self._far = iter(())
        self.has_near = False

    def _next(self, frames: Iterator[FrameRef], busy: Collection[FrameRef]) -> FrameRef | None:
        for frame in frames:
            known = self._cache.get(frame)  # asking counts as using
            if known is not None:
                self._pass(frame, known.size_bytes)
            elif frame not in busy:
                if frame in self.looked_at or self._has_room(len(busy) + 1):
                    self._given.add(frame)
                    return frame
                self.end()
                return None
        return None

    def _has_room(self, further: int) -> bool:
        """Tell whether so many frames, as small as the smallest so far, fit beside what was passed."""
        return self._passed_bytes + further * self._least_bytes <= self._cache.capacity_bytes

    def _pass(self, frame: FrameRef, size_bytes: int) -> None:
        if frame not in self._passed:
            self._passed.add(frame)
            self._passed_bytes += size_bytes
            self._least_bytes = min(self._least_bytes or size_bytes, size_bytes)
