"""Which pixels belong to a region: those whose centre lies inside its outline or on it.

"Inside" an outline that crosses itself is what the even-odd rule says. The answer comes in blocks of rows, so
that a region of a whole mammogram takes little memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np

from archive.annotations.annotation import Kind
from archive.annotations.geometry import box
from archive.errors import BadInput
from archive.pixels.blocks import row_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from archive.annotations.annotation import Point

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

MAXIMUM_CROSSED_ROWS = 1 << 23
"""Rows that the edges of an outline may cross, added up, before it is refused as too intricate."""
_CROSSED_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class PixelBlock:
    """Some rows of a region's box, and which of their pixels belong to it: bool [rows, columns]."""

    rows: slice
    columns: slice
    inside: Bools


def pixels_inside(kind: Kind, points: Sequence[Point], shape: tuple[int, int]) -> Iterator[PixelBlock]:
    """Yield the pixels of a region, from top to bottom.

    Parameters
    ----------
    kind
        ELLIPSE, RECTANGLE, POLYGON or FREEHAND.
    points
        (column, row); what lies outside the image is cut off.
    shape
        Rows and columns of the image.

    Raises
    ------
    BadInput
        The outline is too intricate.
    """
    left, top, right, bottom = box(points)
    first_row, last_row = max(0, ceil(top)), min(shape[0] - 1, floor(bottom))
    first_column, last_column = max(0, ceil(left)), min(shape[1] - 1, floor(right))
    rows, columns = last_row - first_row + 1, last_column - first_column + 1
    if rows <= 0 or columns <= 0:
        return
    outline = np.asarray(points, np.float64) - (first_column, first_row)
    is_inside = _is_inside(kind, outline, columns)
    step = rows if kind in {Kind.ELLIPSE, Kind.RECTANGLE} else max(1, _CROSSED_AT_ONCE // len(points))
    for block in row_blocks((rows, columns)):
        for start in range(block.start, min(block.stop, rows), step):
            stop = min(start + step, block.stop, rows)
            yield PixelBlock(
                slice(first_row + start, first_row + stop),
                slice(first_column, last_column + 1),
                is_inside.rows(start, stop),
            )


def region_mask(kind: Kind, points: Sequence[Point], shape: tuple[int, int]) -> Bools:
    """Return which pixels of an image belong to a region: bool [rows, columns]."""
    mask = np.zeros(shape, np.bool_)
    for block in pixels_inside(kind, points, shape):
        mask[block.rows, block.columns] = block.inside
    return mask


def _is_inside(kind: Kind, outline: Floats, columns: int) -> _Rectangle | _Ellipse | _Polygon:
    if kind is Kind.RECTANGLE:
        return _Rectangle(columns)
    return _Ellipse(outline, columns) if kind is Kind.ELLIPSE else _Polygon(outline, columns)


class _Rectangle:
    """Its box is all there is."""

    def __init__(self, columns: int) -> None:
        self._columns = columns

    def rows(self, start: int, stop: int) -> Bools:
        return np.ones((stop - start, self._columns), np.bool_)


class _Ellipse:
    def __init__(self, corners: Floats, columns: int) -> None:
        (self._center_x, self._center_y) = corners.mean(axis=0)
        (self._half_width, self._half_height) = np.abs(corners[1] - corners[0]) / 2
        self._x = np.arange(columns) - self._center_x

    def rows(self, start: int, stop: int) -> Bools:
        y = np.arange(start, stop)[:, None] - self._center_y
        # Multiplied out, so that halves and wholes are told exactly: centres on the outline belong to it.
        scaled = (self._x * self._half_height) ** 2 + (y * self._half_width) ** 2
        inside: Bools = scaled <= (self._half_width * self._half_height) ** 2
        return inside


class _Polygon:
    def __init__(self, outline: Floats, columns: int) -> None:
        self._columns = columns
        self._corners = outline
        following = np.roll(outline, -1, axis=0)
        down = outline[:, 1] <= following[:, 1]
        self._upper = np.where(down[:, None], outline, following)
        self._lower = np.where(down[:, None], following, outline)
        if np.sum(self._lower[:, 1] - self._upper[:, 1]) > MAXIMUM_CROSSED_ROWS:
            raise BadInput("The outline is too intricate to be measured.")

    def rows(self, start: int, stop: int) -> Bools:
        """Return the pixels inside of rows `start` to `stop`, as sums over the ends of what is inside."""
        ends = np.zeros((stop - start) * (self._columns + 1), np.int64)
        for rows, left, right in (
            self._between_crossings(start, stop),
            self._along_edges(start, stop),
            self._at_corners(start, stop),
        ):
            first, last = np.maximum(np.ceil(left), 0), np.minimum(np.floor(right), self._columns - 1)
            filled = first <= last
            base = (rows[filled] - start) * (self._columns + 1)
            ends += np.bincount(base + first[filled].astype(np.int64), minlength=len(ends))
            ends -= np.bincount(base + last[filled].astype(np.int64) + 1, minlength=len(ends))
        return np.cumsum(ends.reshape(stop - start, -1), axis=1)[:, :-1] > 0

    def _between_crossings(self, start: int, stop: int) -> tuple[NDArray[np.int64], Floats, Floats]:
        """Return rows, and the columns between which the even-odd rule says inside."""
        upper_y, lower_y = self._upper[:, 1], self._lower[:, 1]
        # An edge is crossed by the rows from its upper end on to before its lower one: corners count once.
        first = np.clip(np.ceil(upper_y), start, stop).astype(np.int64)
        last = np.clip(np.ceil(lower_y), start, stop).astype(np.int64)
        counts = last - first
        edge = np.repeat(np.arange(len(counts)), counts)
        rows = first[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts)
        upper, lower = self._upper[edge], self._lower[edge]
        run, fall = lower[:, 0] - upper[:, 0], lower[:, 1] - upper[:, 1]
        columns = upper[:, 0] + (rows - upper[:, 1]) * run / fall
        order = np.lexsort((columns, rows))
        rows, columns = rows[order], columns[order]
        return rows[::2], columns[::2], columns[1::2]

    def _along_edges(self, start: int, stop: int) -> tuple[NDArray[np.int64], Floats, Floats]:
        """Return the edges that lie along a row of pixels."""
        y = self._upper[:, 1]
        lying = (y == self._lower[:, 1]) & (y == np.floor(y)) & (y >= start) & (y < stop)
        a, b = self._upper[lying, 0], self._lower[lying, 0]
        return y[lying].astype(np.int64), np.minimum(a, b), np.maximum(a, b)

    def _at_corners(self, start: int, stop: int) -> tuple[NDArray[np.int64], Floats, Floats]:
        """Return the corners that lie on a pixel's centre."""
        x, y = self._corners.T
        on = (x == np.floor(x)) & (y == np.floor(y)) & (y >= start) & (y < stop)
        return y[on].astype(np.int64), x[on], x[on]
