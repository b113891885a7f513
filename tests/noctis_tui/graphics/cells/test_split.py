import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from noctis_tui.graphics.cells.split import split


def cells(numbers, channels):
    shapes = st.tuples(st.integers(1, 3), st.sampled_from(numbers), st.just(channels))
    values = st.integers(0, 255) | st.sampled_from([0, 128, 255])  # equal values are the awkward ones
    return arrays(np.float32, shapes, elements=values.map(float))


def error(blocks, masks, front, back):
    is_set = masks[:, None] >> np.arange(blocks.shape[1]) & 1
    shown = np.where(is_set[..., None] == 1, front[:, None], back[:, None])
    return ((shown - blocks) ** 2).sum(axis=(1, 2))


def least_error(cell):
    """Of every way to divide the blocks in two, each with its mean."""
    cell = cell.astype(float)
    least = ((cell - cell.mean(axis=0)) ** 2).sum()
    for bits in itertools.product([False, True], repeat=len(cell) - 1):
        mask = np.array([False, *bits])
        if mask.any():
            parts = (cell[mask], cell[~mask])
            least = min(least, sum(((part - part.mean(axis=0)) ** 2).sum() for part in parts))
    return least


@pytest.mark.parametrize("channels", [1, 3])
@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_other_two_colours_and_shape_come_nearer(channels, data):
    blocks = data.draw(cells([2, 4, 6, 8], channels))
    for cell, seen in zip(blocks, error(blocks, *split(blocks)), strict=True):
        assert seen == pytest.approx(least_error(cell), abs=0.05, rel=1e-5)


@given(cells([8], 3))
@settings(max_examples=50, deadline=None)
def test_grey_in_three_channels_is_split_as_grey(blocks):
    blocks[:] = blocks[..., :1]
    colored, grey = split(blocks), split(blocks[..., :1].copy())
    assert (colored.masks == grey.masks).all()
    assert (colored.foreground == grey.foreground).all()


def test_an_even_cell_is_all_background():
    result = split(np.full((1, 8, 3), 77, np.float32))
    assert result.masks[0] == 0
    assert (result.background == 77).all()


def test_no_cells_are_no_error():
    assert len(split(np.zeros((0, 4, 3), np.float32)).masks) == 0
