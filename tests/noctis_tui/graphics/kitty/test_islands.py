import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from noctis_tui.graphics.kitty.islands import MOST_ISLANDS, islands_of

CELL = (3, 5)


@given(arrays(np.bool_, st.tuples(st.integers(1, 14), st.integers(1, 24))))
def test_the_islands_hold_everything_and_do_not_overlap(taken):
    overlay = np.kron(taken, np.ones((CELL[1], CELL[0]))).astype(np.uint8)
    held = np.zeros(taken.shape, int)
    boxes = islands_of(overlay, CELL)
    for box in boxes:
        held[box.y : box.y + box.height, box.x : box.x + box.width] += 1
    assert (held[taken] == 1).all()
    assert held.max(initial=0) <= 1
    assert len(boxes) <= MOST_ISLANDS


def test_corners_are_islands_of_their_own():
    overlay = np.zeros((50, 90), np.uint8)
    overlay[0, :20] = overlay[3, 70:] = overlay[47, 4] = 1
    assert len(islands_of(overlay, CELL)) == 3


def test_an_empty_overlay_has_none():
    assert islands_of(np.zeros((20, 30), np.uint8), CELL) == []
