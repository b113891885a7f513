"""Shapes as people draw them: how many points each takes, its outline, what lies under the mouse."""

from __future__ import annotations

from itertools import pairwise
from math import cos, hypot, inf, pi, sin
from typing import TYPE_CHECKING

from archive.annotations.annotation import Kind, point_range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from archive.annotations.annotation import Annotation, Point

REGIONS = frozenset({Kind.ELLIPSE, Kind.RECTANGLE, Kind.POLYGON, Kind.FREEHAND})
"""Kinds that enclose pixels."""
WORDED = frozenset({Kind.TEXT, Kind.ARROW})
"""Kinds that ask for words when they are drawn."""
_ELLIPSE_PARTS = 72


def is_open_ended(kind: Kind) -> bool:
    """Tell whether the person says when a shape has points enough."""
    least, most = point_range(kind)
    return least != most


def is_complete(kind: Kind, count: int) -> bool:
    """Tell whether a shape of so many points ends by itself."""
    return count >= point_range(kind)[1]


def is_enough(kind: Kind, count: int) -> bool:
    """Tell whether so many points are a shape."""
    return count >= point_range(kind)[0]


def lines_of(kind: Kind, points: Sequence[Point]) -> tuple[tuple[tuple[Point, ...], bool], ...]:
    """Return the lines of a shape, finished or not, each with whether it closes on itself."""
    points = tuple(points)
    if kind in {Kind.PROBE, Kind.TEXT} or len(points) < 2:
        return ()
    if kind is Kind.ELLIPSE:
        return ((_ellipse(*points[:2]), True),)
    if kind is Kind.RECTANGLE:
        (left, top), (right, bottom) = points[:2]
        return ((((left, top), (right, top), (right, bottom), (left, bottom)), True),)
    if kind is Kind.COBB:
        return tuple((points[start : start + 2], False) for start in (0, 2) if len(points) > start + 1)
    return ((points, kind in REGIONS and len(points) > 2),)


def link_of_cobb(points: Sequence[Point]) -> tuple[Point, ...]:
    """Return the line between the middles of the two lines of a Cobb angle; empty while there is one."""
    if len(points) < 4:
        return ()
    return tuple(
        ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in ((points[0], points[1]), (points[2], points[3]))
    )


def handles_of(kind: Kind, points: Sequence[Point]) -> tuple[Point, ...]:
    """Return the points that can be taken hold of; a line drawn by hand is moved as a whole."""
    return () if kind is Kind.FREEHAND else tuple(points)


def moved_point(points: Sequence[Point], place: int | None, across: float, down: float) -> tuple[Point, ...]:
    """Move one point, all when `place` is None."""
    return tuple(
        (column + across, row + down) if place is None or at == place else (column, row)
        for at, (column, row) in enumerate(points)
    )


def kept_inside(
    points: Sequence[Point], place: int | None, across: float, down: float, size: tuple[int, int]
) -> tuple[float, float]:
    """Return how far one point, all when `place` is None, can move before it leaves the image.

    Parameters
    ----------
    size
        Columns and rows of the image, which ends half a pixel beyond the centres of its outermost pixels.
    """
    moving = points if place is None else points[place : place + 1]
    columns, rows = ([point[axis] for point in moving] for axis in (0, 1))
    return _held(across, columns, size[0]), _held(down, rows, size[1])


def _held(step: float, places: Sequence[float], size: int) -> float:
    low, high = -0.5 - min(places), size - 0.5 - max(places)
    return min(max(step, min(low, 0.0)), max(high, 0.0))


def grip(
    annotations: Iterable[Annotation],
    at: Point,
    to_screen: Callable[[Point], Point],
    reach_px: float,
    selected: str = "",
) -> tuple[str, int | None] | None:
    """Return the annotation under a screen point and which of its handles, None for its line.

    Parameters
    ----------
    at
        (x, y) on the screen.
    to_screen
        Maps an image point there.
    reach_px
        How far beside a handle or a line counts as on it.
    selected
        The annotation whose handles and lines are taken before those of others.
    """
    best: tuple[float, str, int | None] = (inf, "", None)
    for annotation in annotations:
        preferred = reach_px if annotation.uid == selected else 0.0
        for place, distance in _distances(annotation, at, to_screen):
            # A handle wins over the line that ends there.
            wins = distance - preferred - (reach_px / 2 if place is not None else 0.0)
            if distance <= reach_px and wins < best[0]:
                best = wins, annotation.uid, place
    return None if not best[1] else (best[1], best[2])


def _distances(
    annotation: Annotation, at: Point, to_screen: Callable[[Point], Point]
) -> Iterator[tuple[int | None, float]]:
    kind, points = annotation.kind, annotation.points
    for place, point in enumerate(handles_of(kind, points)):
        x, y = to_screen(point)
        yield place, hypot(x - at[0], y - at[1])
    for line, closed in lines_of(kind, points):
        corners = [to_screen(point) for point in (*line, *line[:closed])]
        for a, b in pairwise(corners):
            yield None, distance_to_segment(at, a, b)


def distance_to_segment(point: Point, a: Point, b: Point) -> float:
    """Return how far a point is from the straight line between two others."""
    across, down = b[0] - a[0], b[1] - a[1]
    length_squared = across * across + down * down
    share = 0.0
    if length_squared > 0:
        share = ((point[0] - a[0]) * across + (point[1] - a[1]) * down) / length_squared
        share = min(max(share, 0.0), 1.0)
    return hypot(a[0] + share * across - point[0], a[1] + share * down - point[1])


def _ellipse(a: Point, b: Point) -> tuple[Point, ...]:
    middle = (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
    half = abs(b[0] - a[0]) / 2, abs(b[1] - a[1]) / 2
    turns = (2 * pi * part / _ELLIPSE_PARTS for part in range(_ELLIPSE_PARTS))
    return tuple((middle[0] + half[0] * cos(turn), middle[1] + half[1] * sin(turn)) for turn in turns)
