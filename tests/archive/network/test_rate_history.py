"""A ring of steps: what it remembers, what it forgets, and what survives a restart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archive.network.rate_history import RateHistory, Rates


def test_each_step_counts_what_came_in_it():
    history = RateHistory(1.0, 5)
    for now in (10.0, 10.9, 12.1):
        history.add(now, 1, 100)
    assert history.rates(13.0, 1_013.0) == Rates(1.0, 1_013.0, [2, 0, 1, 0], [200, 0, 100, 0])


def test_what_is_older_than_the_ring_is_forgotten():
    history = RateHistory(1.0, 3)
    history.add(10.0, 7, 700)
    assert history.rates(12.0, 0).instances == [7, 0, 0]
    assert history.rates(13.0, 0).instances == []
    history.add(1_000_000.0, 1, 1)
    assert history.rates(1_000_000.0, 0).instances == [1]


def test_a_restart_leaves_a_gap_as_long_as_it_took():
    before = Rates(60.0, 6_000.0, [1, 2, 3], [10, 20, 30])
    history = RateHistory(60.0, 10)
    history.restore(before, now=50.0, wall=6_000.0 + 120)
    history.add(50.0, 9, 90)
    assert history.rates(50.0, 6_120.0).instances == [1, 2, 3, 0, 9]


def test_a_clock_that_was_set_back_loses_nothing():
    history = RateHistory(60.0, 10)
    history.restore(Rates(60.0, 6_000.0, [1, 2], [1, 2]), now=5.0, wall=100.0)
    assert history.rates(5.0, 100.0).instances == [1, 2]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9)), max_size=30))
def test_it_remembers_as_a_list_of_everything_would(steps):
    history, now, added = RateHistory(2.0, 8), 100.0, {}
    for wait, count in steps:
        now += wait
        history.add(now, count, count * 10)
        added[int(now / 2)] = added.get(int(now / 2), 0) + count
    expected = [added.get(step, 0) for step in range(int(now / 2) - 7, int(now / 2) + 1)]
    while expected and not expected[0]:
        expected.pop(0)
    rates = history.rates(now, 0)
    assert rates.instances == expected
    assert rates.bytes == [10 * count for count in expected]
