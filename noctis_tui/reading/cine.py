"""Playing frames: how fast, and which one now, counted from a clock so that a slow terminal keeps time."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.stack import Stack

STACK_FRAMES_PER_SECOND = 12.0
"""For slices, which have no speed of their own."""
SLOWEST, FASTEST = 1.0, 60.0
STEP = 1.25


@dataclass(frozen=True, slots=True)
class Cine:
    """Frames `first` to `last` of a stack in a loop; the one at `started` was shown at `started_at`.

    Attributes
    ----------
    started
        A place in a round of the loop: 0 is `first`. A round that bounces goes there and back.
    frame_times
        How long each frame is shown, in any unit: `frames_per_second` is the mean speed. Empty: all alike.
    bounces
        Whether the last frame is followed by the one before it, instead of the first.
    """

    first: int
    last: int
    started: int
    started_at: float
    frames_per_second: float
    frame_times: tuple[float, ...] = ()
    bounces: bool = False

    def index_at(self, now: float) -> int:
        """Return the frame that belongs to a moment."""
        return self.first + self._frame_of(self._place_at(now))

    def _place_at(self, now: float) -> int:
        played = (now - self.started_at) * self.frames_per_second + 1e-9
        times = self._times
        if not times:
            return (self.started + int(played)) % self._round
        ends = list(accumulate(times[self._frame_of(place)] for place in range(self._round)))
        before = ends[self.started] - times[self._frame_of(self.started)]
        elapsed = (before + played * sum(times) / len(times)) % ends[-1]
        return min(bisect_right(ends, elapsed), self._round - 1)

    @property
    def _count(self) -> int:
        return self.last - self.first + 1

    @property
    def _round(self) -> int:
        return max(2 * self._count - 2, 1) if self.bounces else self._count

    @property
    def _times(self) -> tuple[float, ...]:
        return self.frame_times if len(self.frame_times) == self._count else ()

    def _frame_of(self, place: int) -> int:
        return place if place < self._count else 2 * self._count - 2 - place

    @property
    def tick_seconds(self) -> float:
        """How often to ask which frame it is."""
        mean = 1 / self.frames_per_second
        if not self.frame_times:
            return mean
        shortest = min(self.frame_times) * len(self.frame_times) / sum(self.frame_times)
        return max(mean * shortest / 2, 1 / FASTEST)

    def restarted(self, frame_index: int, now: float) -> Cine:
        """Go on from a frame, in the same direction: after waiting for it, or after the reader scrolled."""
        there = min(max(frame_index, self.first), self.last) - self.first
        back = 2 * self._count - 2 - there
        returns = self.bounces and self._place_at(now) >= self._count and back < self._round
        return replace(self, started=back if returns else there, started_at=now)

    def sped_up(self, factor: float, now: float) -> Cine:
        """Play faster or slower from now on."""
        speed = min(max(self.frames_per_second * factor, SLOWEST), FASTEST)
        return replace(self, started=self._place_at(now), started_at=now, frames_per_second=speed)

    def turned(self, now: float) -> Cine:
        """Bounce from now on, or no longer."""
        there = self.index_at(now) - self.first
        return replace(self, started=there, started_at=now, bounces=not self.bounces)


def frames_per_second_of(
    frame: LoadedFrame,
    otherwise: float = STACK_FRAMES_PER_SECOND,
    frame_times_ms: Sequence[float] = (),
) -> float:
    """Return the speed that the file asks for: its frames' times, else Cine Rate; else the one for slices."""
    if frame_times_ms:
        return min(max(1000 * len(frame_times_ms) / sum(frame_times_ms), SLOWEST), FASTEST)
    frame_time_ms = frame.attributes.frame_time_ms
    if frame_time_ms is not None and frame_time_ms > 0:
        return min(max(1000 / frame_time_ms, SLOWEST), FASTEST)
    rate = frame.image.cine_frames_per_second
    return min(max(rate, SLOWEST), FASTEST) if rate else otherwise


def frame_times_of(frame: LoadedFrame, stack: Stack, first: int, last: int) -> tuple[float, ...]:
    """Return how long each frame of a clip is shown in ms, empty where all are shown equally long."""
    times = frame.image.frame_times_ms
    clip = [ref.frame_index for ref in stack.frames[first : last + 1]]
    known = times and len({ref.path for ref in stack.frames[first : last + 1]}) == 1
    return tuple(times[index] for index in clip) if known and max(clip) < len(times) else ()


def clip_around(stack: Stack, frame_index: int) -> tuple[int, int]:
    """Return first and last index of what plays: the multi-frame instance in view, else the whole stack.

    Of an instance with several stacks it is the one in view.
    """
    frames = stack.frames
    if not frames:
        return 0, 0
    first = last = frame_index
    clip = frames[frame_index].path, frames[frame_index].part
    while first > 0 and (frames[first - 1].path, frames[first - 1].part) == clip:
        first -= 1
    while last + 1 < len(frames) and (frames[last + 1].path, frames[last + 1].part) == clip:
        last += 1
    return (first, last) if last > first else (0, max(len(frames) - 1, 0))
