"""How fast the way to the terminal is, its reading included, learnt from when it answers what is written."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import accumulate, combinations
from statistics import median

WINDOW = 16
"""Measurements that count: one or two seconds of moving pictures."""

LEAST_BYTES = 2048
"""A smaller write says nothing about the rate."""

LEAST_SAMPLES = 2
"""With fewer nothing is said: a busy terminal answers the fences before and behind a picture at once."""

APART = 3.0
"""Two sizes with at least this ratio tell what a byte takes from what every picture takes."""

LEAST_PAIRS = 8

MOST_TRUST = 3.0
"""The rate without what every picture takes is at most so many times the plain one."""

LEAST_SECONDS = 1e-4
"""What is faster than that was answered in one go."""


@dataclass(frozen=True, slots=True)
class Link:
    """What is known about the way to the terminal and back.

    Attributes
    ----------
    round_trip_seconds
        From writing a question to reading its answer while nothing else was on the way, the best of the last
        times; None before the first one.
    bytes_per_second
        How fast the terminal takes in pictures: the link's rate or its own, whichever is less; None before
        the first picture.
    seconds_each
        What any picture takes beside its bytes.
    samples
        How many pictures this comes from.
    """

    round_trip_seconds: float | None = None
    bytes_per_second: float | None = None
    seconds_each: float = 0.0
    samples: int = 0

    @property
    def is_known(self) -> bool:
        """Whether a picture was measured."""
        return self.bytes_per_second is not None

    def seconds_for(self, size_bytes: float) -> float:
        """How long the terminal will take to take in a picture; 0 while nothing is known."""
        return (
            0.0 if self.bytes_per_second is None else self.seconds_each + size_bytes / self.bytes_per_second
        )

    def bytes_in(self, seconds: float) -> float:
        """How many bytes the terminal takes in in so long; 0 while nothing is known."""
        return (self.bytes_per_second or 0.0) * seconds


class LinkMeter:
    """Collects what fences tell; the last `WINDOW` measurements count."""

    def __init__(self) -> None:
        self._round_trips: deque[float] = deque(maxlen=WINDOW)
        self._transfers: deque[tuple[int, float]] = deque(maxlen=WINDOW)
        self._link: Link | None = Link()

    @property
    def link(self) -> Link:
        """What is known now."""
        if self._link is None:
            self._link = self._fitted()
        return self._link

    def answered(self, seconds: float) -> None:
        """Note how long an answer took that had nothing before it."""
        self._round_trips.append(max(seconds, 0.0))
        self._link = None

    def taken_in(self, size_bytes: int, seconds: float) -> None:
        """Note how much later the answer behind a picture came than the one before it."""
        if size_bytes >= LEAST_BYTES:
            self._transfers.append((size_bytes, max(seconds, LEAST_SECONDS)))
            self._link = None

    def _fitted(self) -> Link:
        round_trip = min(self._round_trips, default=None)
        if len(self._transfers) < LEAST_SAMPLES:
            return Link(round_trip, samples=len(self._transfers))
        a_byte, each = _line_through(self._transfers)
        return Link(round_trip, 1 / a_byte, each, len(self._transfers))


def _line_through(transfers: deque[tuple[int, float]]) -> tuple[float, float]:
    """Seconds a byte, and seconds beside them (the median slope: Theil 1950, Sen 1968).

    Where the sizes are much alike, or the times do not grow with them, all time is the bytes'.
    """
    plain = _middle(transfers)
    slopes = [
        (more_seconds - seconds) / (more - size)
        for (size, seconds), (more, more_seconds) in combinations(sorted(transfers), 2)
        if more >= APART * size
    ]
    if len(slopes) < LEAST_PAIRS:
        return plain, 0.0
    slope = min(max(median(slopes), plain / MOST_TRUST), plain)
    each = median(seconds - slope * size for size, seconds in transfers)
    return slope, max(each, 0.0)


def _middle(transfers: deque[tuple[int, float]]) -> float:
    """Seconds a byte of the byte in the middle, when they are sorted by that."""
    paces = sorted(((seconds / size, size) for size, seconds in transfers), reverse=True)
    sums = accumulate(size for _, size in paces)
    half = sum(size for size, _ in transfers) / 2
    return next(pace for (pace, _), total in zip(paces, sums, strict=True) if total >= half)
