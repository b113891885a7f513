"""The association log: what is written, what is read back, and how it stays small."""

from __future__ import annotations

import json
import stat
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.network import association_log
from archive.network.association_log import LOG_NAME, AssociationFilter, AssociationLog, read_associations
from archive.network.events import Event
from archive.network.rotating_lines import RotatingLines, newest_first
from archive.storage.layout import Layout


@pytest.fixture
def layout(tmp_path):
    layout = Layout(tmp_path)
    layout.create()
    return layout


@pytest.fixture
def log(layout):
    log = AssociationLog(layout)
    log.start()
    yield log
    log.close()


def who(title="CT01", port=5, address="10.0.0.7"):
    return {"peer": f"{address}:{port}", "calling_ae_title": title, "called_ae_title": "NOCTIS_SCP"}


def refusal(title="CT01", port=5, **values):
    values = {"reason": "it is unknown", "factor": "calling_ae_title"} | values
    return Event("association_rejected", who(title, port) | values)


CONTEXTS = {"contexts": ("1.2.3", "1.2.4"), "refused_contexts": ("1.2.4 (abstract syntax)",)}


def ended(log, title="CT01", port=5, ending="released"):
    log.hear(Event("association_ended", who(title, port) | {"ending": ending, "reason": "released"}))


def test_an_association_is_one_line_with_what_it_brought(log, layout):
    log.hear(Event("association_accepted", who() | CONTEXTS))
    log.hear(Event("association_accepted", who("MR", 6)))
    for outcome in ("recorded", "recorded", "duplicate"):
        log.hear(Event("instance_stored", who() | {"bytes": 500, "outcome": outcome, "study": "1.2"}))
    log.hear(Event("instance_refused", who() | {"status": "C000", "reason": "empty"}))
    log.hear(Event("instance_stored", who("MR", 6) | {"bytes": 7, "outcome": "variant"}))
    ended(log)
    ended(log, "MR", 6, "connection_lost")
    log.close()
    lost, entry = read_associations(layout)
    assert (entry.calling_ae_title, entry.address, entry.ending) == ("CT01", "10.0.0.7", "released")
    assert entry.instances == {"recorded": 2, "duplicate": 1, "C000": 1}
    assert (entry.stored, entry.refused_instances, entry.bytes) == (3, 1, 1_500)
    assert entry.contexts == ("1.2.3", "1.2.4")
    assert entry.refused_contexts == ("1.2.4 (abstract syntax)",)
    assert (lost.ending, lost.instances, lost.bytes) == ("connection_lost", {"variant": 1}, 7)
    assert len((layout.log / LOG_NAME).read_bytes().splitlines()) == 2


def test_a_refusal_says_why(log, layout):
    log.hear(refusal(contexts=("1.2.840.10008.1.1",)))
    log.close()
    (entry,) = read_associations(layout)
    assert (entry.ending, entry.factor, entry.reason) == ("refused", "calling_ae_title", "it is unknown")
    assert entry.contexts == ("1.2.840.10008.1.1",)


def test_a_flood_of_refusals_is_a_few_lines(log, layout):
    for port in range(500):
        log.hear(refusal(port=port))
        log.hear(refusal("OTHER", port=port))
    log.close()
    for title in ("CT01", "OTHER"):
        entries = read_associations(layout, AssociationFilter(text=title))
        assert [entry.times for entry in entries] == [490, *[1] * 10]


def test_a_peer_that_tries_again_is_seen_at_once(log, layout):
    for number in range(1, 4):
        log.hear(refusal())
        eventually(lambda number=number: len(read_associations(layout)) == number)


def test_repeated_refusals_are_told_when_their_time_is_over(log, layout, monkeypatch):
    monkeypatch.setattr(association_log, "_TOLD_REPEATS", 1)
    monkeypatch.setattr(association_log, "_REPEAT_SECONDS", 0.05)
    for _ in range(30):
        log.hear(refusal())
    eventually(lambda: sum(entry.times for entry in read_associations(layout)) == 30)
    assert len(read_associations(layout)) < 30


def eventually(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_hostile_text_stays_on_its_line_and_is_escaped(log, layout):
    title = 'EVIL\n{"at"\x1b]0;x\x07\x9b'
    log.hear(refusal(title, reason="it says \x1b[31m\n"))
    log.close()
    raw = (layout.log / LOG_NAME).read_bytes()
    assert raw.isascii()
    assert raw.count(b"\n") == 1
    assert b"\x1b" not in raw
    assert json.loads(raw)["calling_ae_title"] == title
    assert read_associations(layout)[0].calling_ae_title == title


def test_the_log_is_private(log, layout):
    log.hear(refusal())
    log.close()
    assert stat.S_IMODE((layout.log / LOG_NAME).stat().st_mode) == 0o600


def test_a_disk_that_takes_nothing_ends_nothing(layout):
    (layout.log / LOG_NAME).mkdir()
    log = AssociationLog(layout)
    log.start()
    log.hear(refusal())
    log.close()


def test_filters_narrow_what_is_read(log, layout):
    log.hear(refusal("EVIL"))
    for title, status in (("CT01", None), ("CT02", "A700")):
        log.hear(Event("association_accepted", who(title)))
        if status:
            log.hear(Event("instance_refused", who(title) | {"status": status, "reason": "full"}))
        ended(log, title)
    log.close()

    def titles(**wanted):
        return [entry.calling_ae_title for entry in read_associations(layout, AssociationFilter(**wanted))]

    assert titles() == ["CT02", "CT01", "EVIL"]
    assert titles(text="ct0") == ["CT02", "CT01"]
    assert titles(text="IS UNKNOWN") == ["EVIL"]
    assert titles(peer=("CT01", "10.0.0.7")) == ["CT01"]
    assert titles(peer=("CT01", "10.0.0.8")) == []
    assert titles(endings=frozenset({"refused"})) == ["EVIL"]
    assert titles(failures=True) == ["CT02", "EVIL"]
    assert titles(since=datetime.now(UTC) + timedelta(hours=1)) == []
    assert [entry.calling_ae_title for entry in read_associations(layout, limit=1)] == ["CT02"]


def test_damaged_lines_are_left_out(log, layout):
    log.hear(refusal())
    log.close()
    file = layout.log / LOG_NAME
    file.write_bytes(b'noise\n{"at": 1}\n' + file.read_bytes() + b'\xff\xfe\n{"at": "2026-01')
    assert len(read_associations(layout)) == 1


def test_no_log_is_an_empty_one(layout):
    assert read_associations(layout) == []


def test_old_lines_are_set_aside_and_the_oldest_go(tmp_path):
    lines = RotatingLines(tmp_path / "log", file_bytes=100, files=3)
    for number in range(100):
        lines.append(b"line %03d padded\n" % number)
    kept = [int(line.split()[1]) for line in newest_first(tmp_path / "log", 3)]
    assert kept == list(range(99, 99 - len(kept), -1))
    assert 12 <= len(kept) <= 18
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "log.1", "log.2"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(min_size=1, max_size=90_000).map(lambda raw: raw.replace(b"\n", b" ")), max_size=6))
def test_lines_come_back_newest_first_however_long_they_are(tmp_path, written):
    path = tmp_path / "log"
    path.write_bytes(b"".join(line + b"\n" for line in written))
    assert list(newest_first(path)) == written[::-1]
