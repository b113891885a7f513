from hypothesis import given
from hypothesis import strategies as st

from noctis_tui.interface.viewer.sending_ahead import FARTHEST, reached


def test_most_lies_where_the_last_step_led():
    assert list(reached(5, 20, 1)) == [6, 7, 8, 4, 9, 10, 11, 3, 12, 13, 14, 2, 15, 16, 17, 1, 18, 19, 0]
    assert list(reached(5, 9, -1))[:4] == [4, 3, 2, 6]


@given(st.integers(1, FARTHEST), st.data(), st.sampled_from([-1, 1]))
def test_a_short_series_is_reached_whole_each_image_once(count, data, direction):
    here = data.draw(st.integers(0, count - 1))
    places = list(reached(here, count, direction))
    assert sorted([*places, here]) == list(range(count))
