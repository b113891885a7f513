from __future__ import annotations

import shutil
import time

import pytest
from arrivals import sent, spooled
from synthetic_index import fill

from archive.index import migration
from archive.index.changes import changed_since, current_sequence
from archive.index.quiet import (
    mark_all_quiet,
    mark_quiet,
    pending_query,
    pending_studies,
    quiet_bound,
    quiet_since,
)
from archive.index.records import Source
from archive.ingest import accept
from archive.local_archive import LocalArchive


@pytest.fixture
def held(tmp_path):
    with LocalArchive.open(tmp_path / "archive") as archive, archive.hold("test") as lease:
        yield archive, lease


def keep(archive, lease, number, instance=1, calling="MODALITY", series=1):
    uid = f"1.{number}"
    arrival = sent(study=uid, series=f"{uid}.{series}", sop=f"{uid}.{series}.{instance}")
    source = Source(calling, "NOCTIS_SCP", "10.0.0.1:1")
    results = accept(archive, lease, [spooled(archive, arrival, source=source)])
    assert not isinstance(results[0], Exception), results


def mark_pending(archive):
    pending = pending_studies(archive.index, quiet_bound(archive.index))
    return mark_quiet(archive.index, pending.studies, pending.bound)


def pending_uids(archive, bound=0):
    return [study.study_instance_uid for study in pending_studies(archive.index, bound).studies]


def test_a_study_is_pending_until_it_is_marked_and_again_when_more_has_come(held):
    archive, lease = held
    keep(archive, lease, 1)
    keep(archive, lease, 2)
    assert pending_uids(archive) == ["1.1", "1.2"]
    assert mark_pending(archive) == 2
    assert pending_uids(archive) == []
    keep(archive, lease, 1, instance=2)
    assert pending_uids(archive) == ["1.1"]
    assert mark_pending(archive) == 1
    assert mark_pending(archive) == 0


def test_the_same_bytes_again_make_nothing_pending(held):
    archive, lease = held
    keep(archive, lease, 1)
    mark_pending(archive)
    keep(archive, lease, 1)
    assert pending_uids(archive) == []


def test_what_something_came_for_meanwhile_is_not_marked(held):
    archive, lease = held
    keep(archive, lease, 1)
    keep(archive, lease, 2)
    pending = pending_studies(archive.index, 0)
    keep(archive, lease, 1, instance=2)
    assert mark_quiet(archive.index, pending.studies, pending.bound) == 1
    assert [mark.study_instance_uid for mark in quiet_since(archive.index, 0)] == ["1.2"]
    assert pending_uids(archive) == ["1.1"]


def test_a_mark_is_a_change_like_any_other(held):
    archive, lease = held
    keep(archive, lease, 1)
    before = current_sequence(archive.index)
    mark_pending(archive)
    changes = changed_since(archive.index, before)
    assert (changes.sequence, changes.study_ids, changes.quiet) == (before + 1, (1,), (1,))
    keep(archive, lease, 1, instance=2)
    assert changed_since(archive.index, changes.sequence).quiet == ()


def test_the_mark_tells_what_has_come_and_from_whom(held):
    archive, lease = held
    keep(archive, lease, 1)
    keep(archive, lease, 1, series=2, calling="WORKSTATION")
    keep(archive, lease, 1, series=3)
    mark_pending(archive)
    (mark,) = quiet_since(archive.index, 0)
    assert (mark.study_instance_uid, mark.series, mark.instances) == ("1.1", 3, 3)
    assert sorted(mark.calling_ae_titles) == ["MODALITY", "WORKSTATION"]
    assert mark.size_bytes > 1000
    assert abs(mark.quiet_at - time.time()) < 60
    assert quiet_since(archive.index, mark.sequence) == []


def test_the_bound_stays_below_what_is_pending_and_is_found_again(held):
    archive, lease = held
    keep(archive, lease, 1)
    mark_pending(archive)
    keep(archive, lease, 2)
    keep(archive, lease, 3)
    first, second = pending_studies(archive.index, quiet_bound(archive.index)).studies
    assert pending_studies(archive.index, 0).bound == first.change_sequence - 1
    mark_quiet(archive.index, [second], first.change_sequence - 1)
    assert quiet_bound(archive.index) == first.change_sequence - 1
    assert pending_uids(archive, quiet_bound(archive.index)) == ["1.2"]
    mark_pending(archive)
    assert pending_studies(archive.index, 0).bound == current_sequence(archive.index)


def test_a_look_reads_what_changed_lately_and_not_the_archive(tmp_path):
    with LocalArchive.open(tmp_path) as archive:
        fill(archive, 2000)
        plan = archive.index.plan(pending_query(1990))
    assert "USING INDEX study_change_seq (change_seq>?)" in plan
    assert "SCAN" not in plan
    assert "TEMP B-TREE" not in plan


def test_an_archive_of_the_first_version_announces_nothing_that_it_had(tmp_path, monkeypatch):
    folder = tmp_path / "migrations"
    folder.mkdir()
    shutil.copy(next(migration.MIGRATIONS.glob("0001*.py")), folder)
    with monkeypatch.context() as patched:
        patched.setattr(migration, "MIGRATIONS", folder)
        with LocalArchive.open(tmp_path / "archive") as archive:
            fill(archive, 20)
    with LocalArchive.open(tmp_path / "archive") as archive, archive.hold("test") as lease:
        assert pending_uids(archive, quiet_bound(archive.index)) == pending_uids(archive, 0) == []
        assert quiet_since(archive.index, 0) == []
        keep(archive, lease, 1)
        assert pending_uids(archive, quiet_bound(archive.index)) == ["1.1"]


def test_an_index_that_was_filled_anew_announces_only_what_nobody_can_have_announced(held, monkeypatch):
    archive, lease = held
    for number in range(3):
        keep(archive, lease, number)
    later = time.time() + archive.index.quiet_seconds
    with monkeypatch.context() as patched:
        patched.setattr("time.time", lambda: later)
        mark_all_quiet(archive.index)
    assert pending_uids(archive) == []
    assert quiet_bound(archive.index) == current_sequence(archive.index)
    keep(archive, lease, 1, instance=2)
    assert pending_uids(archive, quiet_bound(archive.index)) == ["1.1"]
    mark_all_quiet(archive.index)  # nothing has been silent for long enough
    assert pending_uids(archive, quiet_bound(archive.index)) == ["1.0", "1.2", "1.1"]
