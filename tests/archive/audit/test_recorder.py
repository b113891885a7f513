"""The recording thread: repeated alerts, a disk that takes nothing, and the end."""

from __future__ import annotations

import time

import pytest

from archive.audit.messages import AuditEvent, EventType, Message, Participant, Role
from archive.audit.reading import read_records
from archive.audit.recorder import Recorder
from archive.audit.repeats import MOST_KINDS, REPEAT_SECONDS, Repeats
from archive.audit.trail import Trail
from archive.audit.verification import verify
from archive.errors import NotFound, OutOfResources


@pytest.fixture
def trail(tmp_path):
    return Trail(tmp_path, tmp_path / "key", 1 << 20)


def queried(number=0):
    return Message(AuditEvent.QUERIED, details={"number": number})


def refused(who="CT_1", reason="no"):
    return Message(
        AuditEvent.SECURITY_ALERT,
        (Participant(Role.SOURCE, who),),
        event_type=EventType.NODE_AUTHENTICATION,
        details={"reason": reason},
    )


def test_what_was_told_is_there_when_it_is_closed(trail):
    recorder = Recorder(trail)
    recorder.record(queried(1))
    recorder.start()
    recorder.record(queried(2), queried(3))
    recorder.close()
    assert [record["number"] for record in read_records(trail.folder)] == [3, 2, 1]
    assert verify(trail).finding == ""


def test_closing_what_was_not_started_does_nothing(trail):
    Recorder(trail).close()
    assert list(trail.folder.iterdir()) == []


def test_it_does_not_start_without_the_key_of_its_records(trail):
    trail.append([queried()])
    trail.key_path.unlink()
    with pytest.raises(NotFound, match="key"):
        Recorder(Trail(trail.folder, trail.key_path, 1 << 20)).start()


def test_a_disk_that_takes_nothing_stops_nobody_and_what_is_lost_is_counted(trail, monkeypatch, caplog):
    monkeypatch.setattr("archive.audit.recorder.WAITING_MESSAGES", 5)
    monkeypatch.setattr("archive.audit.recorder.GATHER_SECONDS", 0.01)
    tried = []
    append = trail.append

    def full(messages):
        tried.append(len(messages))
        raise OutOfResources("The archive's disk is full.")

    monkeypatch.setattr(trail, "append", full)
    recorder = Recorder(trail)
    recorder.start()
    for number in range(8):
        recorder.record(queried(number))
        deadline = time.monotonic() + 10
        while len(tried) < number + 2 and time.monotonic() < deadline:
            time.sleep(0.005)
    assert recorder.failing
    monkeypatch.setattr(trail, "append", append)
    recorder.close()
    newest, *others = read_records(trail.folder)
    assert [record["number"] for record in others] == [4, 3, 2, 1, 0]
    assert (newest["event_type"], newest["times"]) == (EventType.AUDIT_RECORDING_STOPPED, 3)
    assert len([line for line in caplog.messages if "cannot be written" in line]) == 1


def test_alerts_that_are_alike_become_one_with_their_number():
    repeats = Repeats()
    assert [bool(repeats.first_of_its_kind(refused(), 0)) for _ in range(4)] == [True, False, False, False]
    assert repeats.first_of_its_kind(refused("MR_1"), 0)
    assert repeats.first_of_its_kind(refused(reason="other"), 0)
    assert repeats.first_of_its_kind(queried(), 0)
    assert list(repeats.settled(REPEAT_SECONDS - 1, everything=False)) == []
    (gathered,) = repeats.settled(REPEAT_SECONDS, everything=False)
    assert gathered.details == {"reason": "no", "times": 3}
    assert repeats.first_of_its_kind(refused(), REPEAT_SECONDS)


def test_who_makes_names_up_does_not_fill_the_disk():
    repeats = Repeats()
    recorded = [repeats.first_of_its_kind(refused(f"AE{number}"), 0) for number in range(10_000)]
    recorded = [message for message in recorded if message]
    recorded += repeats.settled(0, everything=True)
    assert len(recorded) == MOST_KINDS + 2
    assert recorded[-1].details["times"] == 10_000 - MOST_KINDS - 1
    assert "Many peers" in recorded[-1].details["reason"]
