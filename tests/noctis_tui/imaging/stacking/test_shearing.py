from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noctis_tui.imaging.planes.padding import between
from noctis_tui.imaging.stacking.shearing import shifted


@given(st.floats(0, 3), st.floats(0, 3))
def test_a_ramp_stays_a_ramp(down, right):
    rows, columns = np.indices((6, 7))
    frame = shifted((10.0 * rows + columns).astype(np.float32), down, right, (9, 10))
    there_rows, there_columns = np.indices((9, 10)) - np.array([down, right])[:, None, None]
    inside = (
        (there_rows >= 1e-5)
        & (there_rows <= 5 - 1e-5)
        & (there_columns >= 1e-5)
        & (there_columns <= 6 - 1e-5)
    )
    assert np.abs(frame - 10 * there_rows - there_columns)[inside].max() < 1e-3
    outside = (
        (there_rows < -1e-5) | (there_rows > 5 + 1e-5) | (there_columns < -1e-5) | (there_columns > 6 + 1e-5)
    )
    assert np.isnan(frame[outside]).all()


def test_whole_shifts_change_no_value():
    values = np.random.default_rng(1).normal(size=(4, 5)).astype(np.float32)
    frame = shifted(values, 2.0, 1.0, (7, 6))
    assert (frame[2:6, 1:] == values).all()
    assert np.isnan(frame).sum() == 42 - 20


@pytest.mark.parametrize(("part", "expected"), [(0.25, [np.nan, 5.0, 2.0]), (0.75, [3.0, np.nan, 4.0])])
def test_beside_nothing_the_nearer_value_counts_alone(part, expected):
    one, other = np.array([np.nan, 5, 1], np.float32), np.array([3, np.nan, 5], np.float32)
    assert np.array_equal(between(one, other, part), np.array(expected, np.float32), equal_nan=True)
