"""Slices that lie in one frame of reference: where one cuts another, and which of a stack is nearest.

A slice is its image plane (PS3.3 C.7.6.2) as far as its pixels reach: image points from (-0.5, -0.5) to
(columns - 0.5, rows - 0.5), because (0, 0) is the centre of the first pixel. Everything is pure; points are
LPS in mm, or image points (column, row).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians
from typing import TYPE_CHECKING

from noctis_tui.imaging.patient_space import Vector, dot

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from noctis_tui.imaging.patient_space import ImagePlane

Point = tuple[float, float]
PARALLEL_DEGREES = 15.0
"""Planes that are turned less against each other run side by side: they scroll together, without a line."""
_PARALLEL_COSINE = cos(radians(PARALLEL_DEGREES))
SAME_PLACE_MM = 1e-3


@dataclass(frozen=True, slots=True)
class Slice:
    """Where the pixels of a frame lie.

    Attributes
    ----------
    plane
        Position, directions and spacing.
    rows, columns
        How many pixels it has.
    frame_of_reference_uid
        (0020,0052); empty when the file has none: then it can be compared with nothing.
    """

    plane: ImagePlane
    rows: int
    columns: int
    frame_of_reference_uid: str = ""

    @property
    def corners_mm(self) -> tuple[Vector, Vector, Vector, Vector]:
        """The outer corners of the outermost pixels, in order around the slice."""
        right, bottom = self.columns - 0.5, self.rows - 0.5
        at = self.plane.patient_point
        return at(-0.5, -0.5), at(right, -0.5), at(right, bottom), at(-0.5, bottom)

    @property
    def center_mm(self) -> Vector:
        """The middle of the slice."""
        return self.plane.patient_point((self.columns - 1) / 2, (self.rows - 1) / 2)

    def shares_space_with(self, other: Slice) -> bool:
        """Tell whether both are measured from the same origin."""
        return bool(self.frame_of_reference_uid) and (
            self.frame_of_reference_uid == other.frame_of_reference_uid
        )


def distance_mm(plane: ImagePlane, point_mm: Vector) -> float:
    """Return how far a point lies beyond a plane along its normal; negative before it."""
    return dot(point_mm, plane.normal) - plane.position_along_normal_mm


def run_side_by_side(one: ImagePlane, other: ImagePlane) -> bool:
    """Tell whether two planes are parallel within `PARALLEL_DEGREES`, whichever way their normals point."""
    return abs(dot(one.normal, other.normal)) >= _PARALLEL_COSINE


def cut(seen: Slice, other: Slice) -> tuple[Point, Point] | None:
    """Return where `other` cuts `seen`.

    Returns
    -------
    tuple[Point, Point] | None
        The ends of the line in image points of `seen`, both inside both slices; None when they do not meet
        there, or run side by side (`run_side_by_side`), where a line would say nothing.
    """
    if run_side_by_side(seen.plane, other.plane):
        return None
    corners = other.corners_mm
    away = [distance_mm(seen.plane, corner) for corner in corners]
    crossings = []
    for (a, a_away), (b, b_away) in pairwise([*zip(corners, away, strict=True), (corners[0], away[0])]):
        if (a_away < 0) != (b_away < 0):
            share = a_away / (a_away - b_away)
            crossings.append(seen.plane.image_point(_between(a, b, share)))
    return _clipped(crossings[0], crossings[1], seen.columns, seen.rows) if len(crossings) == 2 else None


def _between(a: Vector, b: Vector, share: float) -> Vector:
    return (
        a[0] + (b[0] - a[0]) * share,
        a[1] + (b[1] - a[1]) * share,
        a[2] + (b[2] - a[2]) * share,
    )


def _clipped(a: Point, b: Point, columns: int, rows: int) -> tuple[Point, Point] | None:
    """Cut a line off at the edges of an image (Liang and Barsky, ACM TOG 3(1), 1984)."""
    step = b[0] - a[0], b[1] - a[1]
    enter, leave = 0.0, 1.0
    for along, start, end in ((step[0], a[0], columns - 0.5), (step[1], a[1], rows - 0.5)):
        for slope, room in ((-along, start + 0.5), (along, end - start)):
            if slope == 0:
                if room < 0:
                    return None
            elif slope < 0:
                enter = max(enter, room / slope)
            else:
                leave = min(leave, room / slope)
    if enter >= leave:
        return None
    return (
        (a[0] + step[0] * enter, a[1] + step[1] * enter),
        (a[0] + step[0] * leave, a[1] + step[1] * leave),
    )


def nearest_to_point(slices: Sequence[Slice | None], point_mm: Vector, here: int) -> int | None:
    """Return the place of the slice whose plane is nearest to a point.

    Of several at the same distance (phases, echoes, b-values at one position) the one nearest to `here` wins.
    """
    return _nearest(
        ((abs(distance_mm(each.plane, point_mm)), place) for place, each in enumerate(slices) if each), here
    )


def nearest_beside(
    slices: Sequence[Slice | None], seen: Slice, here: int, *, toward_mm: float = 0.0
) -> int | None:
    """Return the place of the slice that lies where `seen` lies, among those that run side by side with it.

    Parameters
    ----------
    slices
        A stack in the same frame of reference; what is not known is passed over.
    seen
        What to be nearest to, by the middle of it.
    here
        Where the stack is now: decides between slices at one position.
    toward_mm
        How much further along the normal of `seen`.
    """
    normal, middle = seen.plane.normal, seen.center_mm
    point = (
        middle[0] + normal[0] * toward_mm,
        middle[1] + normal[1] * toward_mm,
        middle[2] + normal[2] * toward_mm,
    )
    return _nearest(
        (
            (abs(distance_mm(each.plane, point)), place)
            for place, each in enumerate(slices)
            if each and run_side_by_side(each.plane, seen.plane)
        ),
        here,
    )


def _nearest(found: Iterable[tuple[float, int]], here: int) -> int | None:
    by_distance = sorted(found)
    if not by_distance:
        return None
    reach = by_distance[0][0] + SAME_PLACE_MM
    return min((place for away, place in by_distance if away <= reach), key=lambda place: abs(place - here))


def outermost(slices: Sequence[Slice | None], seen: Slice) -> tuple[Slice, ...]:
    """Return the first and the last slice of the run that `seen` belongs to; fewer where there are none."""
    beside = [each for each in slices if each and run_side_by_side(each.plane, seen.plane)]
    along = sorted(beside, key=lambda each: dot(each.center_mm, seen.plane.normal))
    return () if len(along) < 2 else (along[0], along[-1])
