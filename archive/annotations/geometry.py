"""Lengths, angles and areas of points in a plane."""

from __future__ import annotations

from itertools import pairwise
from math import atan2, degrees, fsum, hypot, pi
from typing import TYPE_CHECKING

from archive.annotations.annotation import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.annotations.annotation import Point


def scaled(points: Sequence[Point], size: tuple[float, float]) -> list[Point]:
    """Return image points where they lie when a pixel is `size` (height, width) large."""
    height, width = size
    return [(column * width, row * height) for column, row in points]


def path_length(points: Sequence[Point]) -> float:
    """Return the length of the line through all points."""
    return fsum(hypot(x1 - x0, y1 - y0) for (x0, y0), (x1, y1) in pairwise(points))


def angle_at_vertex(points: Sequence[Point]) -> float | None:
    """Return the angle between two arms, 0 to 180 degrees; None when one has no length.

    Parameters
    ----------
    points
        One end, the vertex, the other end.
    """
    (ax, ay), (vx, vy), (bx, by) = points
    return _angle((ax - vx, ay - vy), (bx - vx, by - vy))


def angle_between_lines(points: Sequence[Point]) -> float | None:
    """Return the angle between two lines, 0 to 90 degrees, whichever way they were drawn.

    Parameters
    ----------
    points
        The ends of one line, the ends of the other.
    """
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = points
    angle = _angle((bx - ax, by - ay), (dx - cx, dy - cy))
    return None if angle is None else min(angle, 180.0 - angle)


def _angle(a: Point, b: Point) -> float | None:
    (ax, ay), (bx, by) = _unit(a), _unit(b)
    if not (ax or ay) or not (bx or by):
        return None
    # Exact near 0 and 180 degrees, where the arc cosine of the scalar product is not.
    return degrees(atan2(abs(ax * by - ay * bx), ax * bx + ay * by))


def _unit(vector: Point) -> Point:
    length = hypot(*vector)
    return (vector[0] / length, vector[1] / length) if length else (0.0, 0.0)


def box(points: Sequence[Point]) -> tuple[float, float, float, float]:
    """Return lowest column, lowest row, highest column, highest row."""
    columns, rows = [point[0] for point in points], [point[1] for point in points]
    return min(columns), min(rows), max(columns), max(rows)


def box_area(kind: Kind, points: Sequence[Point]) -> float:
    """Return the area of a rectangle or of the ellipse within it, in pixels."""
    left, top, right, bottom = box(points)
    area = (right - left) * (bottom - top)
    return area * pi / 4 if kind is Kind.ELLIPSE else area


def shoelace_area(points: Sequence[Point]) -> float:
    """Return the area of a polygon that does not cross itself."""
    x0, y0 = points[0]  # from a corner of its own: far from the origin, products of coordinates lose digits
    shifted = [(x - x0, y - y0) for x, y in points]
    following = [*shifted[1:], shifted[0]]
    return abs(fsum(ax * by - ay * bx for (ax, ay), (bx, by) in zip(shifted, following, strict=True))) / 2
