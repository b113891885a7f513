"""The area of any closed outline, one that crosses itself too.

What is inside is told by the even-odd rule, as `archive.annotations.inclusion` tells it of pixels: a line
from the point to far away meets the outline an odd number of times. Without crossings that is the shoelace
formula's area. With them the shoelace formula takes the lobes of a figure of eight from each other; here the
plane is cut into horizontal bands between all corners and crossings, where the inside is made of trapezoids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from archive.annotations.geometry import shoelace_area

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from archive.annotations.annotation import Point

    Floats = NDArray[np.float64]

MAXIMUM_CROSSINGS = 4096
"""An outline that crosses itself more often has no area that anybody means."""
_BLOCK = 1 << 19


def polygon_area(points: Sequence[Point]) -> float | None:
    """Return the area inside a closed outline, in square units of its points.

    Exact but for rounding. None when the outline crosses itself more than `MAXIMUM_CROSSINGS` times.
    """
    outline = np.asarray(points, np.float64)
    outline = outline - outline[0]
    edges = np.concatenate((outline, np.roll(outline, -1, axis=0)), axis=1)
    heights: list[Floats] = []
    is_simple, crossings = True, 0
    for first, second in _pairs(edges):
        meeting, crossed_at = _meetings(edges[first], edges[second], len(edges), first, second)
        is_simple = is_simple and not meeting
        heights.append(crossed_at)
        crossings += len(crossed_at)
        if crossings > MAXIMUM_CROSSINGS:
            return None
    if is_simple:
        return shoelace_area(points)
    return _banded_area(edges, np.unique(np.concatenate((outline[:, 1], *heights))))


def _pairs(edges: Floats) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield the indices of edges that share some height, each pair once, a block at a time."""
    lowest, highest = np.minimum(edges[:, 1], edges[:, 3]), np.maximum(edges[:, 1], edges[:, 3])
    order = np.argsort(lowest, kind="stable")
    last = np.searchsorted(lowest[order], highest[order], side="right")
    counts = np.maximum(0, last - np.arange(len(order)) - 1)
    step = max(1, _BLOCK // len(order))
    for start in range(0, len(order), step):
        some = counts[start : start + step]
        first = np.repeat(np.arange(start, start + len(some)), some)
        second = first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(some) - some, some)
        yield order[first], order[second]


def _meetings(
    a: Floats, b: Floats, edge_count: int, first: NDArray[np.intp], second: NDArray[np.intp]
) -> tuple[bool, Floats]:
    """Return whether any two edges that are no neighbours meet, and the heights at which edges cross."""
    b_start, b_end = _side(a, b[:, :2]), _side(a, b[:, 2:])
    a_start, a_end = _side(b, a[:, :2]), _side(b, a[:, 2:])
    left = np.maximum(np.minimum(a[:, 0], a[:, 2]), np.minimum(b[:, 0], b[:, 2]))
    right = np.minimum(np.maximum(a[:, 0], a[:, 2]), np.maximum(b[:, 0], b[:, 2]))
    apart = np.abs(first - second)
    strangers = (apart != 1) & (apart != edge_count - 1)
    touching = (np.sign(b_start) * np.sign(b_end) <= 0) & (np.sign(a_start) * np.sign(a_end) <= 0)
    crossing = (np.sign(b_start) * np.sign(b_end) < 0) & (np.sign(a_start) * np.sign(a_end) < 0) & strangers
    share = a_start[crossing] / (a_start[crossing] - a_end[crossing])
    heights = a[crossing, 1] + share * (a[crossing, 3] - a[crossing, 1])
    return bool((touching & strangers & (left <= right)).any()), heights


def _side(edges: Floats, points: Floats) -> Floats:
    """Return on which side of each edge a point lies, by sign; 0 on its line."""
    along, away = edges[:, 2:] - edges[:, :2], points - edges[:, :2]
    side: Floats = along[:, 0] * away[:, 1] - along[:, 1] * away[:, 0]
    return side


def _banded_area(edges: Floats, heights: Floats) -> float:
    edges = edges[edges[:, 1] != edges[:, 3]]
    x0, y0, x1, y1 = edges.T
    lowest, highest = np.minimum(y0, y1), np.maximum(y0, y1)
    area = 0.0
    step = max(1, _BLOCK // max(1, len(edges)))
    for start in range(0, len(heights) - 1, step):
        bounds = heights[start : start + step + 1]
        middle, thickness = ((bounds[1:] + bounds[:-1]) / 2)[:, None], np.diff(bounds)
        active = (lowest <= middle) & (middle < highest)
        columns = np.where(active, x0 + (middle - y0) * (x1 - x0) / (y1 - y0), np.inf)
        columns.sort(axis=1)
        columns[~np.isfinite(columns)] = 0.0
        signs = np.where(np.arange(columns.shape[1]) % 2, 1.0, -1.0)
        area += float((columns @ signs) @ thickness)
    return area
