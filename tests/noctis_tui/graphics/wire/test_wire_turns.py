"""Whose picture is written when: a wire between senders and a terminal of the test's own."""

import asyncio

import pytest

from noctis_tui.graphics.wire import fences, wire
from noctis_tui.graphics.wire.sending import Sending
from noctis_tui.graphics.wire.wire import FENCE, FencedApp, Wire

PIECE = 30_000


class Driver:
    def __init__(self):
        self.written = []

    def write(self, text):
        self.written.append(text)


class QuietApp(FencedApp):
    """Fenced, with a driver that only listens; never run."""

    is_headless = False


@pytest.fixture
async def link():
    """A wire that knows its link: 1.25 MB/s, 50 ms."""
    app = QuietApp()
    app._driver = Driver()
    made = Wire(app)
    for _ in range(4):
        made._fences.wrote(50_000, 0.0, lambda: None)
        made._fences.answered(0.05)
        made._fences.answered(0.09)
    yield made
    made.line.close()
    if made._alarm is not None:
        made._alarm.cancel()


class Sender:
    """Sends pictures of one letter and notes how they ended."""

    def __init__(self, wire, letter):
        self.wire, self.letter, self.ended, self.shown = wire, letter, [], 0

    def send(self, pieces, *, is_patient=True, is_exclusive=False):
        self.wire.send(
            Sending(
                [self.letter.encode() * PIECE] * pieces,
                self.ended.append,
                owner=self,
                ending=lambda: b"<end>",
                written=self._count,
                is_patient=is_patient,
                is_exclusive=is_exclusive,
            )
        )

    def _count(self, pieces):
        self.shown += pieces


def letters(link):
    """What was written, a letter a piece."""
    text = "".join(link._app._driver.written).replace("<end>", "!")
    text = text.replace(FENCE, "").replace("\x1b7", "").replace("\x1b8", "")
    while text:
        yield text[0]
        text = text[1:] if text[0] == "!" else text[PIECE:]


def answer(link, times=2):
    for _ in range(times):
        link.answered(asyncio.get_running_loop().time())


def answer_all(link):
    while link.unanswered:
        answer(link)


async def until(holds):
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


async def test_a_resting_picture_waits_for_answers_and_comes_to_its_end(link):
    sender = Sender(link, "a")
    sender.send(12)
    while sender.shown < 12:
        assert 1 <= link.unanswered / 2 <= 6
        answer(link)
    answer_all(link)
    assert sender.shown == 12
    assert sender.ended == [True]
    assert link.is_idle


async def test_a_moving_picture_overtakes_a_resting_one(link):
    resting, moving = Sender(link, "r"), Sender(link, "m")
    resting.send(12)
    moving.send(2, is_patient=False)
    answer_all(link)
    order = "".join(letters(link))
    assert order.count("r") == 12
    assert order.index("m") < 8
    assert "mm" in order


async def test_what_is_abandoned_is_ended_when_it_was_begun_and_never_told_as_shown(link):
    first, second = Sender(link, "a"), Sender(link, "b")
    first.send(12)
    second.send(12)
    assert second.shown == 0
    assert link.abandon(first)
    assert "!" in "".join(letters(link))
    assert link.abandon(second)
    answer_all(link)
    assert (first.ended, second.ended) == ([False], [False])
    assert "".join(letters(link)).count("!") <= 2
    assert not link.abandon(first)


async def test_only_what_rests_gives_way(link):
    sender = Sender(link, "a")
    sender.send(40, is_patient=False)
    assert not link.abandon(sender, only_patient=True)
    assert link.abandon(sender)


async def test_nothing_comes_between_the_pieces_of_what_must_not_be_parted(link):
    whole, other = Sender(link, "w"), Sender(link, "o")
    whole.send(12, is_exclusive=True)
    other.send(2, is_patient=False, is_exclusive=True)
    answer_all(link)
    assert "w" * 12 in "".join(letters(link))
    whole.send(12, is_exclusive=True)
    link.write(b"o" * PIECE)
    answer_all(link)
    assert "".join(letters(link)).endswith("w" * 12 + "o")


async def test_a_terminal_that_does_not_answer_is_given_up_once(link, monkeypatch):
    monkeypatch.setattr(fences, "LEAST_PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(wire, "GUESS_SECONDS", 0.005)
    sender = Sender(link, "a")
    sender.send(30)
    await until(lambda: sender.ended == [True])
    asked = "".join(link._app._driver.written).count(FENCE)
    for number in range(5):
        sender.send(30)
        await until(lambda number=number: len(sender.ended) == number + 2)
    assert "".join(link._app._driver.written).count(FENCE) <= asked + 2


async def test_who_leaves_ends_everything(link):
    sender = Sender(link, "a")
    sender.send(30)
    link.close()
    assert sender.ended == [False]
    assert 0 < link.farewell_seconds <= wire.MOST_FAREWELL_SECONDS
    answer_all(link)
    assert "".join(letters(link)).endswith("!")


async def test_views_that_asked_lately_are_moving(link):
    one, two = Sender(link, "1"), Sender(link, "2")
    link.asked(one)
    link.asked(one)
    assert link.moving == 1
    link.asked(two)
    assert link.moving == 2
