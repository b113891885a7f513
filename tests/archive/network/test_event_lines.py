"""Events go out as lines; a reader that stalls or leaves holds nobody up."""

from __future__ import annotations

import io
import json
import threading

from archive.network import event_lines
from archive.network.event_lines import EventLines
from archive.network.events import Event


class Stalling(io.StringIO):
    def __init__(self):
        super().__init__()
        self.may_go_on = threading.Event()

    def write(self, text):
        self.may_go_on.wait(10)
        return super().write(text)


def test_each_event_is_a_line_of_printable_ascii():
    stream = io.StringIO()
    with EventLines(stream) as lines:
        lines.hear(
            Event("association_rejected", {"calling_ae_title": "\x1b]52;c\x07\x9b\u202e", "n": 1}, at=0)
        )
    (line,) = stream.getvalue().splitlines()
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line) == {
        "event": "association_rejected",
        "at": "1970-01-01T00:00:00.000+00:00",
        "calling_ae_title": "\x1b]52;c\x07\x9b\u202e",
        "n": 1,
    }


def test_a_reader_that_stalls_misses_events_and_is_told_how_many(monkeypatch):
    monkeypatch.setattr(event_lines, "WAITING_LINES", 5)
    stream = Stalling()
    with EventLines(stream) as lines:
        for number in range(20):
            lines.hear(Event("instance_stored", {"n": number}))
        stream.may_go_on.set()
        while not lines._waiting.empty():
            pass
        lines.hear(Event("instance_stored", {"n": 99}))
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    told = [event for event in events if event["event"] == "instance_stored"]
    (left_out,) = [event for event in events if event["event"] == "events_left_out"]
    assert len(told) + left_out["count"] == 21
    assert told[-1]["n"] == 99


def test_a_reader_that_has_gone_is_no_error():
    stream = io.StringIO()
    stream.close()
    with EventLines(stream) as lines:
        lines.hear(Event("instance_stored", {}))
