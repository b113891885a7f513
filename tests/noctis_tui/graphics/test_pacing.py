import threading

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from noctis_tui.graphics.pacing import FRAMES_IN_FLIGHT, FrameLine, LatestWins


def test_the_latest_wins():
    slot = LatestWins()
    slot.put(1)
    slot.put(2)
    assert slot.take() == 2
    assert slot.take() is None


def test_nothing_is_taken_twice_between_threads():
    slot, taken = LatestWins(), []

    def take():
        while (value := slot.take()) != "end":
            if value is not None:
                taken.append(value)

    thread = threading.Thread(target=take)
    thread.start()
    for value in range(5000):
        slot.put(value)
    while slot._value is not None:
        pass
    slot.put("end")
    thread.join(10)
    assert not thread.is_alive()
    assert taken == sorted(set(taken))
    assert taken[-1] == 4999


class Lines(RuleBasedStateMachine):
    """Any order of asking, sending, dropping and acknowledging keeps the line's promises."""

    def __init__(self):
        super().__init__()
        self.line = FrameLine()
        self.asked = 0
        self.started = []
        self.drawing = 0
        self.unanswered = 0
        self.repairs = 0

    @rule()
    def ask(self):
        number, self.asked = self.asked, self.asked + 1

        def go():
            self.started.append(number)
            self.drawing += 1

        self.line.ask(go)

    @rule(is_sent=st.booleans())
    def finish_drawing(self, is_sent):
        if self.drawing:
            self.drawing -= 1
            if is_sent:
                self.line.sent(lambda: None)
                self.unanswered += 1
            else:
                self.line.dropped()

    @rule()
    def repair(self):
        self.line.sent_again(lambda: None)
        self.unanswered += 1
        self.repairs += 1

    @rule()
    def acknowledge(self):
        self.line.acknowledged()
        self.unanswered = max(0, self.unanswered - 1)

    @invariant()
    def frames_in_flight_are_bounded(self):
        assert self.line.in_flight == self.drawing + self.unanswered
        assert self.line.in_flight <= FRAMES_IN_FLIGHT + self.repairs

    @invariant()
    def first_asked_is_first_served(self):
        assert self.started == list(range(len(self.started)))

    @invariant()
    def nobody_waits_beside_room(self):
        assert len(self.started) == self.asked or self.line.in_flight >= FRAMES_IN_FLIGHT


TestLines = Lines.TestCase


def test_a_stray_answer_changes_nothing():
    line = FrameLine()
    line.acknowledged()
    line.acknowledge_all()
    assert line.in_flight == 0


def test_silence_frees_the_line():
    line, started, acknowledged = FrameLine(1), [], []
    line.ask(lambda: started.append("first"))
    line.sent(lambda: acknowledged.append("first"))
    line.ask(lambda: started.append("second"))
    line.acknowledge_all()
    assert started == ["first", "second"]
    assert acknowledged == ["first"]


def test_a_closed_line_starts_nothing_more():
    line, started = FrameLine(1), []
    line.ask(lambda: started.append("first"))
    line.ask(lambda: started.append("second"))
    line.sent(lambda: None)
    line.close()
    line.acknowledged()
    line.ask(lambda: started.append("third"))
    assert started == ["first"]
    assert line.unanswered == 0
