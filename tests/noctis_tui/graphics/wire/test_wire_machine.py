"""Any order of sending, answering, abandoning and silence: every picture ends once, and none is stuck."""

import asyncio

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from noctis_tui.graphics.wire import wire
from noctis_tui.graphics.wire.sending import Sending
from noctis_tui.graphics.wire.wire import FencedApp, Wire


class Driver:
    def write(self, text):
        self.last = text


class QuietApp(FencedApp):
    is_headless = False


class AnyTurns(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.guess, wire.GUESS_SECONDS = wire.GUESS_SECONDS, 0.0
        self.loop = asyncio.new_event_loop()
        app = QuietApp()
        app._driver = Driver()
        self.app = app  # the wire holds it weakly
        self.wire = Wire(app)
        self.now = 0.0
        self.ended, self.shown, self.pieces = [], [], []

    def on_loop(self, act):
        async def run():
            return act()

        return self.loop.run_until_complete(run())

    @rule(
        sizes=st.lists(st.sampled_from([1, 3000, 30_000, 200_000]), max_size=8),
        owner=st.sampled_from("abc"),
        is_patient=st.booleans(),
        is_exclusive=st.booleans(),
    )
    def send(self, sizes, owner, is_patient, is_exclusive):
        number = len(self.ended)
        self.ended.append([])
        self.shown.append(0)
        self.pieces.append(len(sizes))

        def written(count):
            self.shown[number] += count

        sending = Sending(
            [b"x" * size for size in sizes],
            self.ended[number].append,
            owner=owner,
            ending=lambda: b"end",
            written=written,
            is_patient=is_patient,
            is_exclusive=is_exclusive,
        )
        self.on_loop(lambda: self.wire.send(sending))

    @rule(times=st.integers(1, 6), wait=st.floats(0, 0.2))
    def answer(self, times, wait):
        for _ in range(times):
            self.now += wait
            self.on_loop(lambda: self.wire.answered(self.now))

    @rule(owner=st.sampled_from("abc"), only_patient=st.booleans())
    def abandon(self, owner, only_patient):
        self.on_loop(lambda: self.wire.abandon(owner, only_patient=only_patient))

    @rule(owner=st.sampled_from("abc"))
    def finish(self, owner):
        self.on_loop(lambda: self.wire.finish(owner))

    @rule()
    def fall_silent(self):
        if self.wire._fences.deadline() is not None:
            self.on_loop(self.wire._fences.give_up)

    @invariant()
    def each_ends_at_most_once_and_whole_when_it_was_shown(self):
        for ended, shown, pieces in zip(self.ended, self.shown, self.pieces, strict=True):
            assert ended in ([], [True], [False])
            assert shown <= pieces
            assert ended != [True] or shown == pieces

    def teardown(self):
        if not hasattr(self, "loop"):
            return
        for _ in range(2000):
            if all(self.ended):
                break
            self.on_loop(lambda: self.wire.answered(self.now))
            if self.wire._fences.is_silent or not self.wire.unanswered:
                self.loop.run_until_complete(asyncio.sleep(0))  # the clock's turn
        assert all(self.ended), "a picture is stuck"
        assert not self.wire._sendings
        if self.wire._alarm is not None:
            self.wire._alarm.cancel()
        self.wire.line.close()
        self.loop.close()
        wire.GUESS_SECONDS = self.guess


TestAnyTurns = AnyTurns.TestCase
TestAnyTurns.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
