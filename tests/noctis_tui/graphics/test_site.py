import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from noctis_tui.graphics.site import CellBox, split, uncovered

boxes = st.builds(CellBox, st.integers(-5, 20), st.integers(-5, 20), st.integers(1, 15), st.integers(1, 15))


def painted(parts):
    screen = np.zeros((60, 60), int)
    for part in parts:
        assert part.width > 0
        assert part.height > 0
        screen[part.y + 10 : part.y + part.height + 10, part.x + 10 : part.x + part.width + 10] += 1
    return screen


@given(boxes, st.frozensets(boxes, max_size=5))
def test_what_is_left_is_exactly_what_nothing_covers(box, covers):
    wanted = painted([box])
    for cover in covers:
        wanted[painted([cover]) > 0] = 0
    assert (painted(uncovered(box, covers)) == wanted).all()


@given(boxes, st.integers(1, 20), st.integers(1, 20))
def test_a_split_covers_the_box_once(box, most_columns, most_rows):
    parts = list(split(box, most_columns, most_rows))
    assert (painted(parts) == painted([box])).all()
    assert all(part.width <= most_columns and part.height <= most_rows for part in parts)
