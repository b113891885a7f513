"""What is learnt of a link, from samples of links that are known."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noctis_tui.graphics.wire.link import WINDOW, Link, LinkMeter


def metered(samples, round_trips=()):
    meter = LinkMeter()
    for seconds in round_trips:
        meter.answered(seconds)
    for size, seconds in samples:
        meter.taken_in(size, seconds)
    return meter.link


def test_nothing_is_known_at_first_nor_from_one_sample():
    assert not LinkMeter().link.is_known
    link = metered([(100_000, 0.08)], [0.05])
    assert not link.is_known
    assert link.round_trip_seconds == 0.05
    assert link.seconds_for(1e6) == link.bytes_in(1.0) == 0.0


def test_the_round_trip_is_the_best_of_the_last():
    assert metered([], [0.09, 0.05, 0.3]).round_trip_seconds == 0.05
    assert metered([], [0.001, *[0.05] * WINDOW]).round_trip_seconds == 0.05
    assert metered([], [-1.0]).round_trip_seconds == 0.0, "clocks of two threads may differ"


@given(
    rate=st.floats(1e5, 1e8),
    sizes=st.lists(st.integers(5000, 500_000), min_size=2, max_size=WINDOW),
)
def test_a_steady_link_is_measured(rate, sizes):
    link = metered([(size, size / rate) for size in sizes if size / rate > 1e-4] or [(5000, 5000 / rate)] * 2)
    if link.is_known and all(size / rate > 1e-4 for size in sizes):
        assert link.bytes_per_second == pytest.approx(rate, rel=0.01)
        assert link.seconds_for(100_000) == pytest.approx(100_000 / rate, rel=0.02, abs=1e-4)


def test_what_every_picture_takes_is_told_from_its_bytes():
    samples = [(size, 0.03 + size / 5e6) for size in [20_000, 25_000, 200_000] * 5]
    link = metered(samples)
    assert link.bytes_per_second == pytest.approx(5e6, rel=0.05)
    assert link.seconds_each == pytest.approx(0.03, rel=0.1)


def test_a_few_stalls_and_gulps_change_little():
    noise = random.Random(1)
    samples = [(size, size / 1.25e6 * noise.uniform(0.8, 1.2)) for size in [40_000, 60_000, 30_000] * 4]
    samples[3] = (40_000, 2.0)
    samples[7] = (60_000, 1e-5)
    assert metered(samples).bytes_per_second == pytest.approx(1.25e6, rel=0.3)


def test_sizes_that_are_much_alike_never_promise_a_link_that_is_much_faster():
    noise = random.Random(2)
    samples = [(noise.randint(40_000, 150_000), noise.uniform(0.1, 0.2)) for _ in range(WINDOW)]
    plain = sum(size for size, _ in samples) / sum(seconds for _, seconds in samples)
    assert metered(samples).bytes_per_second < 4 * plain


def test_small_writes_say_nothing_about_the_rate():
    assert metered([(90, 0.05)] * 9) == Link()


def test_a_link_that_becomes_slow_is_noticed_within_the_window():
    fast = [(100_000, 0.01)] * WINDOW
    slow = [(100_000, 0.1)] * (WINDOW // 2 + 1)
    assert metered(fast + slow).bytes_per_second == pytest.approx(1e6, rel=0.05)
