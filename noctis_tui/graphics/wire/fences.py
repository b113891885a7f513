"""Questions in the stream of pictures, and what their answers tell: what was read, and how fast.

Every write of a picture is fenced twice. The answer to the question before it comes when the terminal begins
to read it, the answer to the one behind it when it has: their distance is what the picture took, whatever was
on the way before, and however long the way is. A terminal that reads in gulps answers several questions at
once; therefore pictures in a row are added up until they took some time.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from noctis_tui.graphics.wire.link import LinkMeter

if TYPE_CHECKING:
    from collections.abc import Callable

    from noctis_tui.graphics.wire.link import Link

MOST_PATIENCE_SECONDS = 3.0
"""How long the first answer may take."""

LEAST_PATIENCE_SECONDS = 1.0
"""An answer that takes longer, and several times longer than the link explains, is not waited for."""

AT_ONCE_SECONDS = 0.0005
"""Answers before and behind a picture with less between them came in one gulp."""

RUN_SECONDS = 0.01
"""Pictures in a row that took less are measured together."""

PROBE_SECONDS = 2.0
"""How often a silent terminal is asked again."""

MOST_OWED = 16
"""Questions to a silent terminal that are remembered."""


@dataclass(slots=True)
class _Fence:
    written_at: float
    size_bytes: int = 0  # of the picture before it
    is_alone: bool = False  # nothing was on the way when it was written
    is_behind: bool = False  # a picture that a fence stands before, too
    passed: Callable[[], None] | None = None  # None when nobody waits (any more)


class Fences:
    """What is open, in the order of writing. Times are seconds of one monotonic clock.

    Attributes
    ----------
    is_silent
        Whether the terminal left a question unanswered, and has answered none since.
    last_seconds
        What the last picture took that was taken in.
    """

    def __init__(self) -> None:
        self._open: deque[_Fence] = deque()
        self._meter = LinkMeter()
        self._last_answer = 0.0
        self._begun_at = 0.0  # when the terminal began to read the picture before the next fence
        self._was_alone = False  # that picture
        self._run = 0, 0.0  # bytes and seconds that were not yet told to the meter
        self._last_question = float("-inf")
        self.is_silent = False
        self.last_seconds = 0.0

    @property
    def link(self) -> Link:
        """What the answers told."""
        return self._meter.link

    @property
    def unanswered(self) -> int:
        """Questions that may still be answered."""
        return len(self._open)

    @property
    def bytes_ahead(self) -> int:
        """Bytes of pictures that the terminal has not taken in, as far as is known."""
        return sum(fence.size_bytes for fence in self._open if fence.passed is not None)

    def asks(self, now: float) -> bool:
        """Whether a picture is to be fenced: always, but rarely while the terminal is silent."""
        return not self.is_silent or now - self._last_question >= PROBE_SECONDS

    def wrote(self, size_bytes: int, now: float, passed: Callable[[], None]) -> None:
        """Note that a picture was written with a fence before and one behind it.

        `passed` is called when the terminal has taken it in; nobody calls it while it is silent.
        """
        self._open.append(_Fence(now, is_alone=not self._open))
        self._open.append(_Fence(now, size_bytes, is_behind=True, passed=None if self.is_silent else passed))
        self._last_question = now
        while self.is_silent and len(self._open) > MOST_OWED:
            self._open.popleft()

    def answered(self, now: float) -> None:
        """Take the oldest open question as answered; a stray answer changes nothing."""
        if self.is_silent:
            # Which question it answers cannot be told, so it answers all.
            self.is_silent = False
            self._open.clear()
        if not self._open:
            return
        fence = self._open.popleft()
        if fence.is_alone:
            self._meter.answered(now - fence.written_at)
        if fence.is_behind:
            self._measure(fence, now)
        else:
            self._begun_at, self._was_alone = now, fence.is_alone
        self._last_answer = now
        if fence.passed is not None:
            fence.passed()

    def _measure(self, fence: _Fence, now: float) -> None:
        seconds = now - self._begun_at
        if seconds < AT_ONCE_SECONDS and self._was_alone:
            # It took no longer than since it was written; how much less nobody knows.
            seconds = max(seconds, now - fence.written_at - (self.link.round_trip_seconds or 0.0))
        self.last_seconds = seconds
        self._run = self._run[0] + fence.size_bytes, self._run[1] + seconds
        if self._run[1] >= RUN_SECONDS or not self._open:
            self._meter.taken_in(*self._run)
            self._run = 0, 0.0

    def deadline(self) -> float | None:
        """When the oldest question that somebody waits for has been open too long; None without any."""
        waiting = next((fence for fence in self._open if fence.passed is not None), None)
        if waiting is None:
            return None
        return max(waiting.written_at, self._last_answer) + self._patience(waiting.size_bytes)

    def _patience(self, size_bytes: int) -> float:
        link = self.link
        if not link.is_known:
            return MOST_PATIENCE_SECONDS
        expected = (link.round_trip_seconds or 0.0) + link.seconds_for(size_bytes)
        return LEAST_PATIENCE_SECONDS + 4 * expected

    def give_up(self) -> None:
        """Wait no longer: all pictures count as taken in."""
        self.is_silent = True
        waiting = [fence.passed for fence in self._open]
        for fence in self._open:
            fence.passed = None
        for passed in waiting:
            if passed is not None:
                passed()
