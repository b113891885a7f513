"""Which pixels a region holds, against a slow and exact answer in fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.annotations import inclusion
from archive.annotations.annotation import Kind
from archive.annotations.inclusion import pixels_inside, region_mask
from archive.errors import BadInput

SHAPE = (14, 17)
quarter = st.integers(-16, 80).map(lambda number: number / 4)
whole = st.integers(-4, 20).map(float)
point = st.tuples(quarter, quarter) | st.tuples(whole, whole)


def exactly_inside(points, column: int, row: int) -> bool:
    """The even-odd rule, point by point; on the outline is inside."""
    corners = [(Fraction(x), Fraction(y)) for x, y in points]
    inside = False
    for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
        side = (bx - ax) * (row - ay) - (by - ay) * (column - ax)
        in_box = min(ax, bx) <= column <= max(ax, bx) and min(ay, by) <= row <= max(ay, by)
        if side == 0 and in_box:
            return True
        if (ay <= row) != (by <= row):
            inside ^= (side > 0) == (by > ay)
    return inside


@example([(0, 0), (4, 0), (2, 4)])
@given(st.lists(point, min_size=3, max_size=8))
def test_polygons_of_any_form(points):
    truth = [[exactly_inside(points, column, row) for column in range(17)] for row in range(14)]
    assert np.array_equal(region_mask(Kind.POLYGON, points, SHAPE), truth)


@given(point, point)
def test_a_rectangle_is_the_polygon_of_its_corners(a, b):
    corners = [a, (b[0], a[1]), b, (a[0], b[1])]
    rectangle = region_mask(Kind.RECTANGLE, [a, b], SHAPE)
    assert np.array_equal(rectangle, region_mask(Kind.POLYGON, corners, SHAPE))


@given(point, point)
def test_an_ellipse_holds_what_its_equation_says(a, b):
    center = [(Fraction(one) + Fraction(other)) / 2 for one, other in zip(a, b, strict=True)]
    half = [abs(Fraction(one) - Fraction(other)) / 2 for one, other in zip(a, b, strict=True)]

    def holds(column, row):
        away = (column - center[0], row - center[1])
        if abs(away[0]) > half[0] or abs(away[1]) > half[1]:
            return False
        return (away[0] * half[1]) ** 2 + (away[1] * half[0]) ** 2 <= (half[0] * half[1]) ** 2

    truth = [[holds(column, row) for column in range(17)] for row in range(14)]
    assert np.array_equal(region_mask(Kind.ELLIPSE, [a, b], SHAPE), truth)


@given(st.lists(point, min_size=3, max_size=6), st.integers(1, 12))
def test_blocks_do_not_show(points, size):
    whole = region_mask(Kind.FREEHAND, points, SHAPE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inclusion, "_CROSSED_AT_ONCE", size * len(points))
        assert np.array_equal(region_mask(Kind.FREEHAND, points, SHAPE), whole)


def test_a_region_outside_the_image_holds_nothing():
    assert list(pixels_inside(Kind.RECTANGLE, [(20, 20), (30, 30)], SHAPE)) == []
    assert list(pixels_inside(Kind.RECTANGLE, [(2.1, 2.1), (2.9, 2.9)], SHAPE)) == []


def test_an_outline_beyond_all_measure_is_refused():
    zigzag = [(float(k % 2), 65_000.0 * (k % 2)) for k in range(2000)]
    with pytest.raises(BadInput, match="intricate"):
        region_mask(Kind.POLYGON, zigzag, (65_000, 4))
