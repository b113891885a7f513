"""Bars of rates: they keep their height while they wander, whatever the width."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.network.rate_history import Rates
from noctis_tui.interface.receiver.traffic_graph import bar_rates


def bars(counts, now, columns=11, until=None, step=1.0, seconds=10.0):
    rates = Rates(step, until if until is not None else now, counts, counts)
    return bar_rates(counts, rates, now, seconds, columns)


def test_a_second_a_bar_newest_on_the_right_without_the_one_that_is_not_over():
    assert bars([1, 2, 3, 4], now=100.5) == [0] * 8 + [1, 2, 3]


def test_what_was_counted_long_ago_has_left():
    assert bars([9, 9], now=200.5, until=100.5) == [0] * 11
    assert bars([9, 9], now=105.5, until=100.5)[-6:-3] == [9, 9, 0]


def test_a_bar_keeps_its_height_while_it_wanders():
    counts = [0, 0, 5, 7, 0, 0, 0, 0, 0, 0, 0]
    first = bars(counts, now=110.0, columns=6)
    later = bars([*counts, 0, 0], now=112.0, columns=6)
    assert first[1:] == [0, 6, 0, 0, 0] or first[1:-1] == later[:-2]
    assert max(first) == max(later) == 6


@given(
    st.lists(st.integers(0, 1_000), max_size=300),
    st.floats(1_000_000, 1_001_000),
    st.integers(2, 400),
    st.sampled_from([1.0, 60.0]),
)
def test_there_are_as_many_bars_as_columns_and_none_is_higher_than_its_counts(counts, now, columns, step):
    shown = bars(counts, now * step, columns, step=step, seconds=300 * step)
    assert len(shown) == columns
    assert shown[0] == 0
    assert all(0 <= bar <= max(counts, default=0) / step + 1e-9 for bar in shown)


@pytest.mark.parametrize("columns", [2, 3, 40, 400])
def test_nothing_is_flat(columns):
    assert bars([], now=100.0, columns=columns) == [0] * columns
