import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from noctis_tui.graphics.cell_mask import boxes_of, fill, seen_cells
from noctis_tui.graphics.site import CellBox, Site

masks = st.tuples(st.integers(1, 12), st.integers(1, 30)).flatmap(
    lambda shape: st.tuples(arrays(np.bool_, shape), arrays(np.bool_, shape))
)


@given(masks)
@settings(max_examples=200, deadline=None)
def test_boxes_hold_what_is_needed_and_nothing_that_is_not_allowed(pair):
    allowed, needed = pair[0], pair[0] & pair[1]
    held = np.zeros_like(needed)
    fill(held, boxes_of(needed, allowed), value=True)
    assert not (needed & ~held).any()
    assert not (held & ~allowed).any()


def test_a_whole_picture_is_one_box_and_a_cross_a_few():
    everything = np.ones((10, 40), bool)
    assert boxes_of(everything, everything) == [CellBox(0, 0, 40, 10)]
    cross = np.zeros_like(everything)
    cross[5] = cross[:, 20] = True
    boxes = boxes_of(cross, everything)
    assert len(boxes) <= 3
    assert sum(box.width * box.height for box in boxes) <= 60


def test_covered_cells_are_not_seen():
    site = Site(
        CellBox(3, 2, 6, 4),
        CellBox(0, 0, 6, 3),
        frozenset({CellBox(-1, 1, 3, 1), CellBox(5, -2, 4, 9)}),
        (8, 17),
    )
    assert seen_cells(site).astype(int).tolist() == [
        [1, 1, 1, 1, 1, 0],
        [0, 0, 1, 1, 1, 0],
        [1, 1, 1, 1, 1, 0],
        [0, 0, 0, 0, 0, 0],
    ]


def test_where_boxes_are_dear_cells_that_nobody_needs_share_one():
    everything, outline = np.ones((20, 40), bool), np.zeros((20, 40), bool)
    for row in range(20):
        outline[row, 10 - row // 2 : 30 + row // 2] = True
    assert len(boxes_of(outline, everything)) > 1
    assert boxes_of(outline, everything, box_cost=400) == [CellBox(1, 0, 38, 20)]


def test_what_would_need_many_boxes_takes_whole_rows():
    everything = np.ones((60, 120), bool)
    scattered = np.zeros_like(everything)
    scattered[::7, ::7] = True
    assert boxes_of(scattered, everything) == [CellBox(0, y, 120, 1) for y in range(0, 60, 7)]
