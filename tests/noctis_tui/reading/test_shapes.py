import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.annotations.annotation import Annotation, FrameKey, Kind
from noctis_tui.reading.shapes import (
    distance_to_segment,
    grip,
    is_complete,
    is_enough,
    lines_of,
    link_of_cobb,
    moved_point,
)

FRAME = FrameKey("1.2", "1.2.3", "1.2.3.4")
POINTS = st.tuples(st.floats(-500, 500), st.floats(-500, 500))


def shape(kind, *points, uid="a"):
    return Annotation(uid, FRAME, kind, points)


def same(point):
    return point


def twice(point):
    return point[0] * 2, point[1] * 2


def test_an_ellipse_touches_the_sides_of_its_box():
    ((points, closed),) = lines_of(Kind.ELLIPSE, [(2, 10), (8, 40)])
    assert closed
    assert min(x for x, _ in points) == pytest.approx(2)
    assert max(y for _, y in points) == pytest.approx(40)
    assert all(math.isclose(((x - 5) / 3) ** 2 + ((y - 25) / 15) ** 2, 1) for x, y in points)


def test_a_rectangle_has_four_corners():
    ((points, closed),) = lines_of(Kind.RECTANGLE, [(1, 2), (5, 9)])
    assert closed
    assert points == ((1, 2), (5, 2), (5, 9), (1, 9))


def test_a_cobb_angle_has_two_lines_and_a_link():
    points = [(0, 0), (4, 0), (0, 8), (4, 10)]
    assert len(lines_of(Kind.COBB, points)) == 2
    assert len(lines_of(Kind.COBB, points[:3])) == 1
    assert link_of_cobb(points) == ((2, 0), (2, 9))
    assert link_of_cobb(points[:3]) == ()


def test_points_and_texts_have_no_lines():
    assert lines_of(Kind.PROBE, [(1, 1)]) == lines_of(Kind.TEXT, [(1, 1)]) == ()


def test_enough_points():
    assert not is_complete(Kind.POLYGON, 50)
    assert is_enough(Kind.POLYGON, 3)
    assert not is_enough(Kind.POLYGON, 2)
    assert is_complete(Kind.COBB, 4)
    assert not is_enough(Kind.LENGTH, 1)
    assert all(is_enough(kind, 9) for kind in Kind)


def test_a_handle_is_taken_before_the_line_that_ends_there():
    line = shape(Kind.LENGTH, (0, 0), (100, 0))
    assert grip([line], (3, 2), same, 6) == ("a", 0)
    assert grip([line], (50, 4), same, 6) == ("a", None)
    assert grip([line], (50, 9), same, 6) is None
    assert grip([line], (199, 1), twice, 6) == ("a", 1)


def test_the_selected_annotation_is_taken_before_others():
    some = [shape(Kind.PROBE, (0, 0), uid="a"), shape(Kind.PROBE, (4, 0), uid="b")]
    assert grip(some, (1, 0), same, 6) == ("a", 0)
    assert grip(some, (1, 0), same, 6, selected="b") == ("b", 0)


def test_the_outline_of_an_ellipse_is_taken_hold_of_not_its_inside():
    round_one = shape(Kind.ELLIPSE, (0, 0), (100, 100))
    assert grip([round_one], (50, 1), same, 6) == ("a", None)
    assert grip([round_one], (50, 50), same, 6) is None


def test_one_point_moves_or_all():
    assert moved_point([(0, 0), (1, 1)], 1, 2, 3) == ((0, 0), (3, 4))
    assert moved_point([(0, 0), (1, 1)], None, 2, 3) == ((2, 3), (3, 4))


@given(POINTS, POINTS, POINTS)
def test_the_distance_to_a_line_is_the_least_to_its_points(point, a, b):
    distance = distance_to_segment(point, a, b)
    ends = min(math.dist(point, a), math.dist(point, b))
    samples = ((a[0] + (b[0] - a[0]) * part / 50, a[1] + (b[1] - a[1]) * part / 50) for part in range(51))
    assert distance <= ends + 1e-6
    assert distance <= min(math.dist(point, sample) for sample in samples) + 1e-6
    assert distance >= min(ends, _to_infinite_line(point, a, b)) - 1e-6


def _to_infinite_line(point, a, b):
    across, down = b[0] - a[0], b[1] - a[1]
    length = math.hypot(across, down)
    if length < 1e-9:
        return math.dist(point, a)
    return abs((point[0] - a[0]) * down - (point[1] - a[1]) * across) / length
