"""How fine a moving picture may be: as fine as the link carries while the hand does not notice."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from noctis_tui.graphics.wire.link import Link

FRAME_SECONDS = 0.03
"""What drawing, and what taking in, a moving picture may take: 28 a second when both go on at once."""

GOOD_FRAME_SECONDS = 0.045
"""What the last good level may take: 20 frames a second at which something is seen beat 30 of a sketch."""

FINER = 0.7
"""A level finer than the last one must take so much less: what is about right does not flicker."""

SMALL_PIXELS = 1 << 16
"""A smaller picture is sent as it is while nothing is known."""

LEARNING = 0.3
"""Weight of the latest picture in the means."""

MOST_SLOWNESS = 8.0
"""A level is taken to need at most so many times what the link promises, and at least that part of it."""

FORGETTING_SECONDS = 4.0
"""After so long what a level needed beside the promise counts half."""

COARSER = 0.5
"""What a level that was never seen is expected to need of the finer one."""


class Quality:
    """What the pictures of one view need at each level, and which level comes next.

    Parameters
    ----------
    coarsest
        The last level (`Canvas.coarsest`).
    finest
        The first one for moving pictures (`Canvas.finest_moving`).
    good
        The last level that is worth `GOOD_FRAME_SECONDS` (`Canvas.good_moving`); None where there is none.
    is_far
        Whether the link is taken for slow until something is known of it.
    """

    def __init__(
        self, coarsest: int, finest: int = 0, *, good: int | None = None, is_far: bool = False
    ) -> None:
        self._finest, self._coarsest, self._good = finest, coarsest, good
        self._is_far = is_far
        self._bytes_a_pixel: dict[int, float] = {}
        self._seconds_a_pixel: dict[int, tuple[float, float]] = {}
        self._slow: dict[int, tuple[float, float]] = {}
        self._last = 0

    def drawn(
        self, level: int, pixels: int, size_bytes: int, seconds: float, now: float | None = None
    ) -> None:
        """Learn from a picture of so many pixels.

        What it needs of the link beside the others of its level is the content's doing, so the other levels'
        means follow; pictures that are known to the terminal already need nothing and teach nothing.
        """
        if not pixels:
            return
        known = self._bytes_a_pixel.get(level)
        needed = size_bytes / pixels
        if not known:
            self._bytes_a_pixel[level] = needed
        else:
            change = 1 + LEARNING * (needed / known - 1)
            self._bytes_a_pixel = {each: mean * change for each, mean in self._bytes_a_pixel.items()}
        # From nothing: the first picture of a level is slower than those that follow.
        before, _ = self._seconds_a_pixel.get(level, (0.0, 0.0))
        mean = before + LEARNING * (seconds / pixels - before)
        self._seconds_a_pixel[level] = mean, time.monotonic() if now is None else now

    def taken_in(self, level: int, expected: float, seconds: float, now: float | None = None) -> None:
        """Learn how long the terminal took for a picture of a level, beside what the link promised."""
        if expected > 0 and seconds > 0:
            now = time.monotonic() if now is None else now
            slowness = math.sqrt(self._slowness(level, now) * seconds / expected)
            self._slow[level] = min(max(slowness, 1 / MOST_SLOWNESS), MOST_SLOWNESS), now

    def next_level(self, link: Link, pixels: int, sharing: int = 1) -> int:
        """Return the finest level for a moving picture of so many pixels.

        Parameters
        ----------
        link
            What is known of the way to the terminal.
        pixels
            Of the picture.
        sharing
            How many views move at the same time.
        """
        if not link.is_known and self._is_far and pixels > SMALL_PIXELS:
            self._last = self._coarsest
            return self._last
        levels = range(self._finest, self._coarsest)
        fitting = (each for each in levels if self._fits(each, link, pixels, sharing))
        self._last = next(fitting, self._coarsest)
        return self._last

    def _fits(self, level: int, link: Link, pixels: int, sharing: int) -> bool:
        margin = FINER if level < self._last else 1
        share = margin * (GOOD_FRAME_SECONDS if level == self._good else FRAME_SECONDS) / max(sharing, 1)
        # What a picture takes whatever its size is no reason for a coarser one, as long as bytes count, too.
        allowed = max(share, margin * link.seconds_each + share / 2)
        sent = link.seconds_for(self._bytes(level) * pixels) * self._slowness(level)
        return sent <= allowed and self._draw_seconds(level) * pixels <= share

    def _bytes(self, level: int) -> float:
        """Bytes a pixel: as seen, else between its neighbours, else half as much a level."""
        known = self._bytes_a_pixel
        finer = max((each for each in known if each <= level), default=None)
        coarser = min((each for each in known if each >= level), default=None)
        if finer is not None and coarser is not None:
            share = (level - finer) / max(coarser - finer, 1)
            return float(known[finer] ** (1 - share) * known[coarser] ** share)
        nearest = coarser if finer is None else finer
        return 0.0 if nearest is None else float(known[nearest] * COARSER ** (level - nearest))

    def _slowness(self, level: int, now: float | None = None) -> float:
        """How much longer a level takes than the link promises; what was seen long ago counts less."""
        slowness, seen_at = self._slow.get(level, (1.0, 0.0))
        age = (time.monotonic() if now is None else now) - seen_at
        return float(slowness ** (0.5 ** (age / FORGETTING_SECONDS)))

    def _draw_seconds(self, level: int, now: float | None = None) -> float:
        """Seconds a pixel; what was seen long ago counts less: a machine that was busy may be so no more."""
        seconds, seen_at = self._seconds_a_pixel.get(level, (0.0, 0.0))
        age = (time.monotonic() if now is None else now) - seen_at
        return float(seconds * 0.5 ** (age / FORGETTING_SECONDS))
