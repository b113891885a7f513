"""Questions and answers, with a clock and a terminal of the test's own."""

from collections import deque

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from noctis_tui.graphics.wire.fences import LEAST_PATIENCE_SECONDS, MOST_OWED, MOST_PATIENCE_SECONDS, Fences


class FakeTerminal:
    """A link of a rate and a delay, in front of a terminal that answers in order."""

    def __init__(self, fences, bytes_per_second=1.25e6, round_trip=0.05):
        self.fences, self.rate, self.round_trip = fences, bytes_per_second, round_trip
        self.free_at = 0.0
        self.answers = deque()

    def write(self, size, now, passed=lambda: None):
        self.fences.wrote(size, now, passed)
        begun = max(now + self.round_trip / 2, self.free_at)
        self.free_at = begun + size / self.rate
        self.answers += [begun + self.round_trip / 2, self.free_at + self.round_trip / 2]

    def answer_until(self, now):
        while self.answers and self.answers[0] <= now:
            self.fences.answered(self.answers.popleft())


def test_round_trip_and_rate_are_measured_alone_and_in_a_row():
    fences = Fences()
    terminal = FakeTerminal(fences)
    now = 0.0
    for number in range(12):
        terminal.write(60_000, now)
        now += 0.02 if number % 3 else 0.3
        terminal.answer_until(now)
    assert fences.link.round_trip_seconds == pytest.approx(0.05, rel=0.01)
    assert fences.link.bytes_per_second == pytest.approx(1.25e6, rel=0.05)


@pytest.mark.parametrize("gulp_seconds", [0.03, 0.06, 0.1])
def test_a_terminal_that_reads_in_gulps_is_measured_none_the_less(gulp_seconds):
    fences = Fences()
    terminal = FakeTerminal(fences, bytes_per_second=2e6, round_trip=0.01)
    terminal.write(0, 0.0)
    terminal.answer_until(0.5)  # the round trip, while it is not busy
    now = 1.0
    for _ in range(60):
        while fences.bytes_ahead < 400_000:
            terminal.write(30_000, now)
        now += 0.012
        gulp = now // gulp_seconds * gulp_seconds
        while terminal.answers and terminal.answers[0] <= gulp:
            terminal.answers.popleft()
            fences.answered(gulp)
    assert 1e6 < fences.link.bytes_per_second < 7e6


def test_an_answer_that_comes_with_the_one_before_it_promises_no_more_than_the_time_since_writing():
    fences = Fences()
    terminal = FakeTerminal(fences, bytes_per_second=2e6, round_trip=0.01)
    terminal.write(0, 0.0)
    terminal.answer_until(0.5)
    for second in range(1, 4):
        fences.wrote(60_000, second, lambda: None)
        fences.answered(second + 0.04)
        fences.answered(second + 0.04)
    assert fences.link.bytes_per_second == pytest.approx(2e6)


def test_bytes_ahead_are_those_that_were_not_taken_in():
    fences = Fences()
    fences.wrote(100, 0.0, lambda: None)
    fences.wrote(50, 0.0, lambda: None)
    assert (fences.bytes_ahead, fences.unanswered) == (150, 4)
    fences.answered(0.1)
    assert fences.bytes_ahead == 150
    fences.answered(0.2)
    assert (fences.bytes_ahead, fences.unanswered) == (50, 2)


def test_stray_answers_change_nothing():
    fences = Fences()
    fences.answered(1.0)
    assert fences.unanswered == 0
    assert not fences.link.is_known


def test_after_silence_nobody_waits_and_the_terminal_is_asked_rarely():
    fences, passed = Fences(), []
    fences.wrote(100, 0.0, lambda: passed.append("first"))
    fences.wrote(100, 0.1, lambda: passed.append("second"))
    assert fences.deadline() == MOST_PATIENCE_SECONDS
    fences.give_up()
    assert passed == ["first", "second"]
    assert fences.is_silent
    assert fences.deadline() is None
    assert fences.bytes_ahead == 0
    assert not fences.asks(1.0)
    assert fences.asks(5.0)
    for second in range(100):
        fences.wrote(100, 5.0 + second, lambda: passed.append("never"))
    assert fences.unanswered <= MOST_OWED
    assert "never" not in passed


def test_an_answer_ends_the_silence_and_late_ones_do_no_harm():
    fences, passed = Fences(), []
    fences.wrote(100, 0.0, lambda: passed.append("first"))
    fences.give_up()
    fences.answered(9.0)
    assert not fences.is_silent
    assert fences.asks(9.0)
    fences.answered(9.1)  # the one that was still owed
    fences.wrote(100, 10.0, lambda: passed.append("second"))
    fences.answered(10.1)
    assert passed == ["first"]
    fences.answered(10.2)
    assert passed == ["first", "second"]


def test_answers_that_were_lost_are_not_missed_later():
    fences, passed = Fences(), []
    fences.wrote(100, 0.0, lambda: None)
    fences.wrote(100, 0.1, lambda: None)
    fences.give_up()
    fences.wrote(100, 5.0, lambda: None)
    fences.answered(5.1)
    fences.answered(5.2)
    fences.wrote(100, 6.0, lambda: passed.append("seen"))
    fences.answered(6.1)
    fences.answered(6.2)
    assert passed == ["seen"]


def test_patience_grows_with_what_is_on_its_way():
    fences = Fences()
    terminal = FakeTerminal(fences, bytes_per_second=1e5)
    for number in range(4):
        terminal.write(50_000, number * 2.0)
        terminal.answer_until(number * 2.0 + 1.9)
    fences.wrote(100_000, 10.0, lambda: None)
    assert 10 + LEAST_PATIENCE_SECONDS + 3 < fences.deadline() < 16


class AnyTerminal(RuleBasedStateMachine):
    """Whatever is written, answered, given up and answered late: each picture passes once, in order."""

    def __init__(self):
        super().__init__()
        self.fences, self.now = Fences(), 0.0
        self.written = 0
        self.passed = []
        self.lost = set()

    def _passed(self, number):
        self.passed.append(number)

    @rule(size=st.integers(0, 500_000), wait=st.floats(0, 5))
    def write(self, size, wait):
        self.now += wait
        number, self.written = self.written, self.written + 1
        if self.fences.is_silent:
            self.lost.add(number)
        self.fences.wrote(size, self.now, lambda: self._passed(number))

    @rule(wait=st.floats(0, 5))
    def answer(self, wait):
        self.now += wait
        self.fences.answered(self.now)

    @precondition(lambda self: self.fences.deadline() is not None)
    @rule()
    def give_up(self):
        self.now = max(self.now, self.fences.deadline())
        self.fences.give_up()

    @invariant()
    def each_passes_once_and_in_order(self):
        assert self.passed == sorted(set(self.passed))
        assert not self.lost & set(self.passed)

    @invariant()
    def who_waits_is_known(self):
        waiting = self.written - len(self.passed) - len(self.lost)
        assert (self.fences.deadline() is not None) == (waiting > 0)
        if self.fences.is_silent:
            assert waiting == 0

    @invariant()
    def what_is_known_makes_sense(self):
        link = self.fences.link
        assert link.seconds_for(1e5) >= 0
        assert not link.is_known or link.bytes_per_second > 0


TestAnyTerminal = AnyTerminal.TestCase
