"""Lengths between points of the patient, as a frozen value: drawn, chosen, moved, taken away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import dist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from noctis_tui.imaging.patient_space import Vector

_LEAST_MM = 1e-3
"""Two ends nearer to each other are one point."""


@dataclass(frozen=True, slots=True)
class Length:
    """A straight line between two points in mm: LPS, or of a picture along a curve (`strip_lengths`)."""

    start_mm: Vector
    end_mm: Vector

    @property
    def ends_mm(self) -> tuple[Vector, Vector]:
        """Both ends."""
        return self.start_mm, self.end_mm

    @property
    def mm(self) -> float:
        """How long it is, whichever picture shows it."""
        return dist(self.start_mm, self.end_mm)


@dataclass(frozen=True, slots=True)
class Lengths:
    """The lengths of a volume, or of a picture along a curve.

    Attributes
    ----------
    drawn
        In the order in which they were drawn.
    being_drawn
        The one that has its first end; its other end follows the crosshair or the mouse.
    chosen
        The end that keys act on, counted through `drawn`: two for each.
    """

    drawn: tuple[Length, ...] = ()
    being_drawn: Length | None = None
    chosen: int | None = None

    def with_end(self, point_mm: Vector) -> Lengths:
        """Set the first end of a length, then the other; an end on its own start is none."""
        begun = self.being_drawn
        if begun is None:
            return replace(self, being_drawn=Length(point_mm, point_mm), chosen=None)
        length = replace(begun, end_mm=point_mm)
        if length.mm < _LEAST_MM:
            return replace(self, being_drawn=length)
        return Lengths((*self.drawn, length), None, 2 * len(self.drawn) + 1)

    def followed(self, point_mm: Vector) -> Lengths:
        """Let the open end of what is being drawn come along."""
        if self.being_drawn is None:
            return self
        return replace(self, being_drawn=replace(self.being_drawn, end_mm=point_mm))

    def given_up(self) -> Lengths:
        """Forget what is being drawn."""
        return replace(self, being_drawn=None)

    def taken_hold(self, end: int) -> Lengths:
        """Take an end of a length off again, as if its other end had just been set."""
        length, others = self.drawn[end // 2], _without(self.drawn, end // 2)
        fixed, loose = length.ends_mm if end % 2 else length.ends_mm[::-1]
        return Lengths(others, Length(fixed, loose))

    def with_next_end(self, step: int) -> Lengths:
        """Choose another end; round at the last one."""
        count = 2 * len(self.drawn)
        if not count:
            return self
        before = self.chosen if self.chosen is not None else (-1 if step > 0 else count)
        return replace(self, chosen=(before + step) % count)

    @property
    def chosen_end_mm(self) -> Vector | None:
        """The end that is chosen."""
        return None if self.chosen is None else self.drawn[self.chosen // 2].ends_mm[self.chosen % 2]

    def moved(self, point_mm: Vector) -> Lengths:
        """Move the chosen end; onto the other end it does not go."""
        if self.chosen is None:
            return self
        place, end = divmod(self.chosen, 2)
        before = self.drawn[place]
        length = replace(before, end_mm=point_mm) if end else replace(before, start_mm=point_mm)
        if length.mm < _LEAST_MM:
            return self
        return replace(self, drawn=(*self.drawn[:place], length, *self.drawn[place + 1 :]))

    def without_chosen(self) -> Lengths:
        """Take the chosen length away, else the last one; the one before it is chosen then."""
        if not self.drawn:
            return self
        place = len(self.drawn) - 1 if self.chosen is None else self.chosen // 2
        left = _without(self.drawn, place)
        return Lengths(left, self.being_drawn, 2 * max(place - 1, 0) + 1 if left else None)

    @property
    def latest(self) -> Length | None:
        """The one being drawn, else the chosen one."""
        if self.being_drawn is not None or self.chosen is None:
            return self.being_drawn
        return self.drawn[self.chosen // 2]


def _without(lengths: tuple[Length, ...], place: int) -> tuple[Length, ...]:
    return *lengths[:place], *lengths[place + 1 :]
