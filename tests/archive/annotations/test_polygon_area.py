"""Areas of outlines, simple ones and those that cross themselves."""

from __future__ import annotations

from math import cos, pi, sin, tan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.annotations.annotation import MAXIMUM_POINTS
from archive.annotations.geometry import shoelace_area
from archive.annotations.polygon_area import polygon_area

FIGURE_OF_EIGHT = [(0, 0), (4, 4), (4, 0), (0, 4)]


def regular(corners: int, radius: float = 10, center: tuple[float, float] = (0, 0), turn: float = 0.1):
    angles = [turn + 2 * pi * corner / corners for corner in range(corners)]
    return [(center[0] + radius * cos(angle), center[1] + radius * sin(angle)) for angle in angles]


@given(st.integers(3, 200), st.floats(0.1, 1000), st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)))
def test_regular_polygons(corners, radius, center):
    area = corners / 2 * radius**2 * sin(2 * pi / corners)
    assert polygon_area(regular(corners, radius, center)) == pytest.approx(area, rel=1e-6)


def test_a_star_of_five_lines_leaves_its_middle_out():
    star = [regular(5)[corner] for corner in (0, 2, 4, 1, 3)]
    inner = 10 * cos(2 * pi / 5) / cos(pi / 5)
    whole = 5 * 10 * inner * sin(pi / 5)
    middle = 5 * (inner * cos(pi / 5)) ** 2 * tan(pi / 5)
    assert polygon_area(star) == pytest.approx(whole - middle)


def test_a_figure_of_eight_has_both_its_lobes():
    assert shoelace_area(FIGURE_OF_EIGHT) == 0
    assert polygon_area(FIGURE_OF_EIGHT) == pytest.approx(8)


def test_a_crossing_in_a_corner():
    through_a_corner = [(0, 0), (2, 2), (4, 4), (4, 0), (2, 2), (0, 4)]
    assert polygon_area(through_a_corner) == pytest.approx(8)


def test_an_outline_drawn_twice_is_outside_again():
    square = [(0, 0), (4, 0), (4, 4), (0, 4)]
    assert polygon_area(square * 2) == pytest.approx(0)


def test_a_keyhole_leaves_its_hole_out():
    outline = [
        (0, 0),
        (10, 0),
        (10, 10),
        (0, 10),
        (0, 5),
        (3, 5),
        (3, 7),
        (7, 7),
        (7, 3),
        (3, 3),
        (3, 5),
        (0, 5),
    ]
    assert polygon_area(outline) == pytest.approx(100 - 16)


def test_a_spike_has_no_area():
    assert polygon_area([(0, 0), (4, 0), (9, 0), (4, 0), (4, 4), (0, 4)]) == pytest.approx(16)
    assert polygon_area([(0, 0), (4, 0), (2, 0)]) == 0
    assert polygon_area([(1, 1)] * 3) == 0


def star_shaped(radii):
    count = len(radii)
    return [(r * cos(2 * pi * k / count), r * sin(2 * pi * k / count)) for k, r in enumerate(radii)]


@given(
    st.lists(st.floats(1, 100), min_size=3, max_size=40),
    st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
)
def test_bands_and_shoelace_agree_where_nothing_crosses(radii, shift):
    from archive.annotations import polygon_area as module

    points = [(x + shift[0], y + shift[1]) for x, y in star_shaped(radii)]
    import numpy as np

    outline = np.asarray(points)
    edges = np.concatenate((outline, np.roll(outline, -1, axis=0)), axis=1)
    banded = module._banded_area(edges, np.unique(outline[:, 1]))
    assert polygon_area(points) == pytest.approx(shoelace_area(points), rel=1e-9)
    assert banded == pytest.approx(shoelace_area(points), rel=1e-6, abs=1e-6)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=3, max_size=9), st.floats(0.1, 9))
def test_area_grows_with_the_square_and_stays_when_moved_or_turned_round(points, factor):
    area = polygon_area(points)
    assert polygon_area(points[::-1]) == pytest.approx(area, abs=1e-9)
    assert polygon_area([(x + 7, y - 3) for x, y in points]) == pytest.approx(area, abs=1e-9)
    assert polygon_area([(y, x) for x, y in points]) == pytest.approx(area, abs=1e-9)
    assert polygon_area([(x * factor, y * factor) for x, y in points]) == pytest.approx(
        factor**2 * area, abs=1e-6
    )


def test_many_points():
    assert polygon_area(regular(MAXIMUM_POINTS)) == pytest.approx(pi * 100, rel=1e-5)


def test_an_outline_that_crosses_itself_without_end_has_no_area():
    zigzag = [(k % 2 * 1000.0, (k * 37) % 997) for k in range(MAXIMUM_POINTS)]
    assert polygon_area(zigzag) is None
