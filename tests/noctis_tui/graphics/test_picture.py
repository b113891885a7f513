from hypothesis import given
from hypothesis import strategies as st

from noctis_tui.graphics.picture import OUTLINE_INDEX, OVERLAY_COLORS, nearest_index

LEVEL = st.integers(0, 255)


def test_each_colour_is_nearest_to_itself():
    for index, rgb in enumerate(OVERLAY_COLORS, 1):
        assert nearest_index(rgb) == (index if index != OUTLINE_INDEX else 9)


@given(st.tuples(LEVEL, LEVEL, LEVEL))
def test_no_text_is_written_in_the_colour_of_its_outline(rgb):
    assert 1 <= nearest_index(rgb) <= len(OVERLAY_COLORS)
    assert nearest_index(rgb) != OUTLINE_INDEX
