"""An instance that the index cannot take fails alone, whatever the reason."""

from __future__ import annotations

import sqlite3

import pytest
from arrivals import data_set_bytes, sent, spooled

from archive.errors import CannotRecord
from archive.index import recording, worklist
from archive.index.draft import Draft
from archive.ingest import Line, Outcome, accept, group
from archive.local_archive import LocalArchive

POISON = "1.2.3.666"
REASONS = {
    "unforeseen": ZeroDivisionError("nobody thought of this"),
    "an integer beyond SQLite": OverflowError("Python int too large to convert to SQLite INTEGER"),
    "a constraint": sqlite3.IntegrityError("UNIQUE constraint failed: instance.sop_uid"),
}


@pytest.fixture
def archive(tmp_path):
    with LocalArchive.open(tmp_path / "archive") as opened:
        yield opened


@pytest.fixture(params=REASONS.values(), ids=REASONS)
def poisoned(request, monkeypatch):
    add = Draft.add

    def adding(draft, record):
        add(draft, record)
        if record.header.sop_instance_uid == POISON:
            raise request.param

    monkeypatch.setattr(Draft, "add", adding)
    return monkeypatch


def kept(archive):
    return {
        row.sop_instance_uid: data_set_bytes(row.path)
        for study in worklist.studies(archive.index)
        for series in worklist.series_of(archive.index, study.id)
        for row in worklist.instances_of(archive.index, series.id)
    }


def files(archive):
    return [path for path in archive.layout.instances.rglob("*") if path.is_file()]


def test_the_culprit_is_refused_and_the_others_are_kept(archive, poisoned):
    group_ = [sent(sop="1.2.3.1"), sent(sop=POISON), sent(sop=POISON), sent(sop="1.2.3.2")]
    with archive.hold("test") as lease:
        results = accept(archive, lease, [spooled(archive, each) for each in group_])
        assert [results[0], results[3]] == [Outcome.RECORDED] * 2
        assert {type(result) for result in results[1:3]} == {CannotRecord}
        assert results[1].dimse_status == 0x0110
        assert set(kept(archive)) == {"1.2.3.1", "1.2.3.2"}
        assert len(files(archive)) == 2
        assert not list(archive.layout.incoming.iterdir())
        (study,) = worklist.studies(archive.index)
        assert study.instance_count == 2
        poisoned.undo()
        assert accept(archive, lease, [spooled(archive, sent(sop=POISON))]) == [Outcome.RECORDED]


def test_a_culprit_in_the_journal_does_not_keep_the_service_from_starting(archive, poisoned):
    archive.layout.incoming.mkdir(exist_ok=True)
    parts = [spooled(archive, sent(sop=uid)).content for uid in ("1.2.3.1", POISON, "1.2.3.2")]
    for part in parts:
        part.sync()
        part.seal()
    with archive.hold("test") as lease:
        Line(archive, lease).close()
    assert set(kept(archive)) == {"1.2.3.1", "1.2.3.2"}
    assert not list(archive.layout.incoming.iterdir())
    (aside,) = archive.layout.quarantine.iterdir()
    assert data_set_bytes(aside) == sent(sop=POISON).data_set


def test_what_fails_after_the_commit_is_kept_and_told(archive, monkeypatch):
    calls = []

    def remember(group):
        calls.append(group)
        if len(calls) == 1:
            raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(group.Group, "_remember_places", remember)
    with archive.hold("test") as lease:
        results = accept(archive, lease, [spooled(archive, sent(sop=f"1.{number}")) for number in range(3)])
    assert results == [Outcome.DUPLICATE] * 3
    assert set(kept(archive)) == {"1.0", "1.1", "1.2"}
    assert len(files(archive)) == 3


def test_a_disk_that_fills_while_the_culprit_is_looked_for_does_not_take_back_what_was_kept(
    archive, poisoned
):
    record, turns = recording.record, []

    def recording_(index, records, **options):
        turns.append(len(records))
        if turns[1:] == [1, 1]:
            raise sqlite3.OperationalError("database or disk is full")
        return record(index, records, **options)

    def through_the_index(index, records, **options):
        from archive.index.database import _refusal

        try:
            return recording_(index, records, **options)
        except sqlite3.OperationalError as error:
            raise _refusal(error) from error

    poisoned.setattr(group, "record", through_the_index)
    with archive.hold("test") as lease:
        group_ = [sent(sop="1.2.3.1"), sent(sop="1.2.3.2"), sent(sop=POISON)]
        results = accept(archive, lease, [spooled(archive, each) for each in group_])
    assert results[0] is Outcome.RECORDED
    assert [result.dimse_status for result in results[1:]] == [0xA700, 0xA700]
    assert set(kept(archive)) == {"1.2.3.1"}
    assert len(files(archive)) == 1
