import pytest
from hypothesis import given
from hypothesis import strategies as st

from noctis_tui.reading.marks import Stroke
from noctis_tui.reading.placement import ImageShape, Placement
from noctis_tui.reading.reconstruction.picture_edges import clear_of_letters

SIZE, LINE = (400, 300), 10
PLACEMENT = Placement(ImageShape(30, 40), 10.0, 0.0, 0.0, 0.0, 10.0, 0.0, 1.0)

ends = st.tuples(st.floats(-50, 90), st.floats(-50, 80))


def clear(*points):
    return [stroke.points for stroke in clear_of_letters([Stroke(points)], PLACEMENT, SIZE, LINE)]


def test_lines_end_before_the_letters_and_the_scale():
    ((start, end),) = clear((20.0, -100.0), (20.0, 100.0))
    assert (start, end) == (pytest.approx((20.0, 1.3)), pytest.approx((20.0, 26.6)))
    ((start, end),) = clear((60.0, 15.0), (-60.0, 15.0))
    assert (start, end) == (pytest.approx((38.7, 15.0)), pytest.approx((1.3, 15.0)))


def test_what_is_clear_of_them_stays_and_what_is_beside_goes():
    assert clear((10.0, 10.0), (12.0, 17.0)) == [((10.0, 10.0), (12.0, 17.0))]
    assert clear((0.5, 0.0), (0.5, 30.0)) == []
    assert clear((-20.0, 10.0), (10.0, -30.0)) == []


@given(ends, ends)
def test_what_is_left_lies_on_the_line_and_inside(start, end):
    for one, other in clear(start, end):
        for x, y in (one, other):
            assert 1.3 - 1e-6 <= x <= 38.7 + 1e-6
            assert 1.3 - 1e-6 <= y <= 26.6 + 1e-6
            across = (end[0] - start[0]) * (y - start[1]) - (end[1] - start[1]) * (x - start[0])
            assert across == pytest.approx(0, abs=1e-6)
