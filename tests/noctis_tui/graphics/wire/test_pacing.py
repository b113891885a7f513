import threading

from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from noctis_tui.graphics.wire.pacing import FRAMES_IN_FLIGHT, FrameLine, LatestWins


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
    """Any order of asking and leaving keeps the line's promises."""

    def __init__(self):
        super().__init__()
        self.line = FrameLine()
        self.asked = 0
        self.started = []
        self.under_way = 0

    @rule()
    def ask(self):
        number, self.asked = self.asked, self.asked + 1

        def go():
            self.started.append(number)
            self.under_way += 1

        self.line.ask(go)

    @rule()
    def leave(self):
        if self.under_way:
            self.under_way -= 1
            self.line.left()

    @invariant()
    def frames_in_flight_are_bounded(self):
        assert self.line.in_flight == self.under_way <= FRAMES_IN_FLIGHT

    @invariant()
    def first_asked_is_first_served(self):
        assert self.started == list(range(len(self.started)))

    @invariant()
    def nobody_waits_beside_room(self):
        assert len(self.started) == self.asked or self.line.in_flight >= FRAMES_IN_FLIGHT


TestLines = Lines.TestCase


def test_a_closed_line_starts_nothing_more():
    line, started = FrameLine(1), []
    line.ask(lambda: started.append("first"))
    line.ask(lambda: started.append("second"))
    line.close()
    line.left()
    line.ask(lambda: started.append("third"))
    assert started == ["first"]
    assert line.in_flight == 0
