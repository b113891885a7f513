"""The index made again from the files says what the old one said."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest
from arrivals import sent, spooled
from logical_dump import logical_dump, public_ids, times

from archive.errors import ArchiveBusy, OutOfResources
from archive.importing import Mode, import_paths
from archive.index import worklist
from archive.index.changes import changed_since, current_sequence
from archive.index.quiet import pending_studies
from archive.ingest import Source, accept
from archive.local_archive import LocalArchive
from archive.progress import Cancelled, CancelToken
from archive.reindexing import rebuild
from archive.storage import succession
from archive.storage.layout import instance_path
from archive.verifying import verify_archive

SOURCE = Source("SENDER", "", "")


def everything():
    """Studies, series, a variant, a variant of another patient, and one whose first bytes say less."""
    for study in ("1.2.3", "1.2.4", "1.2.5"):
        for number in range(3):
            series = f"{study}.{number % 2}"
            attributes = {"PatientID": study, "InstanceNumber": str(number), "SeriesNumber": str(number % 2)}
            yield sent(study, series, f"{series}.{number}", pixels=bytes([number]) * 500, **attributes)
    yield sent("1.2.3", "1.2.3.0", "1.2.3.0.0", pixels=b"other", PatientID="1.2.3")
    yield sent("1.2.4", "1.2.4.0", "1.2.4.0.0", pixels=b"other", PatientID="somebody else")
    yield sent("1.2.6", "1.2.6.1", "1.2.6.1.1", StudyDescription="", AccessionNumber="")
    yield sent("1.2.6", "1.2.6.2", "1.2.6.2.1", StudyDescription="late", AccessionNumber="L")


@pytest.fixture
def archive(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "noctis.toml").write_text("[worklist]\nquiet_seconds = 0.001\n")
    with LocalArchive.open(tmp_path / "archive") as opened:
        with opened.hold("test") as lease:
            for each in everything():
                accept(opened, lease, [spooled(opened, each, source=SOURCE)])
                time.sleep(0.005)  # the kernel's clock has steps of 4 ms
            for number in range(3):
                part = spooled(opened, sent("1.2.9", "1.2.9.1", f"1.2.9.1.{number}")).content
                os.link(opened.layout.incoming / part.name, elsewhere / f"\udcff{number}.dcm")
                part.discard()
            import_paths(opened, lease, [elsewhere], mode=Mode.IN_PLACE)
        yield opened


def reindexed(archive, **options):
    with archive.hold("test") as lease:
        return rebuild(archive, lease, **options)


def forget(archive):
    archive.index.close_writer()
    for path in archive.root.glob("index.sqlite*"):
        path.unlink()


def test_a_sound_index_is_made_again_with_all_that_it_knew(archive):
    dump, when, ids = (ask(archive.layout.index) for ask in (logical_dump, times, public_ids))
    assert {name: len(rows) for name, rows in dump.items()} == {
        "studies": 5,
        "series": 9,
        "instances": 14,
        "variants": 2,
        "conflicts": 1,
    }
    result = reindexed(archive)
    assert (result.studies, result.instances, result.variants) == (5, 14, 2)
    assert (result.left_out, result.lost) == (0, 0)
    assert logical_dump(archive.layout.index) == dump
    assert times(archive.layout.index) == when
    assert public_ids(archive.layout.index) == ids
    assert logical_dump(result.set_aside) == dump


def test_without_any_index_the_files_and_the_ledger_tell_the_same(archive):
    dump, when = logical_dump(archive.layout.index), times(archive.layout.index)
    forget(archive)
    result = reindexed(archive)
    assert result.set_aside is None
    assert logical_dump(archive.layout.index) == dump
    for uid, (first, last) in times(archive.layout.index).items():
        assert first == pytest.approx(when[uid][0], abs=5)
        assert last == pytest.approx(when[uid][1], abs=5)  # a file is written before it is recorded


def test_who_follows_the_changes_sees_every_study_again(archive):
    for lose in (lambda archive: None, forget):
        before = current_sequence(archive.index)
        lose(archive)
        reindexed(archive)
        assert len(changed_since(archive.index, before).study_ids) == 5


def test_studies_that_were_announced_are_not_announced_again(archive):
    forget(archive)
    reindexed(archive)
    assert not pending_studies(archive.index, 0).studies


def test_an_open_reader_follows_the_new_file(archive):
    generation = archive.index.generation
    worklist.studies(archive.index)
    with LocalArchive.open(archive.root) as other:
        before = worklist.studies(other.index)
        reindexed(archive)
        assert [row.uuid for row in worklist.studies(other.index)] == [row.uuid for row in before]
        assert other.index.generation == 1
    worklist.studies(archive.index)
    assert archive.index.generation == generation + 1


def test_bytes_that_changed_do_not_pass_for_sound_after(archive):
    file = archive.root / instance_path("1.2.5", "1.2.5.0", "1.2.5.0.0")
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    assert verify_archive(archive).corrupt == 1
    reindexed(archive)
    result = verify_archive(archive)
    assert (result.missing, result.corrupt, result.unindexed) == (0, 1, 0)


def test_a_variant_that_changed_is_known_by_its_name(archive):
    (file, _) = sorted(archive.layout.variants.rglob("*.dcm"))
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    forget(archive)
    reindexed(archive)
    assert verify_archive(archive).corrupt == 1


def test_what_is_gone_is_named(archive):
    (archive.root / instance_path("1.2.5", "1.2.5.0", "1.2.5.0.0")).unlink()
    told = []
    result = reindexed(archive, tell=told.append)
    assert (result.instances, result.lost) == (13, 1)
    assert "1.2.5.0.0 of study 1.2.5" in told[0].what


def test_other_bytes_whose_first_ones_are_gone_become_the_instance(archive):
    (archive.root / instance_path("1.2.3", "1.2.3.0", "1.2.3.0.0")).unlink()
    result = reindexed(archive)
    assert (result.instances, result.variants, result.lost) == (14, 1, 0)
    counts = verify_archive(archive)
    assert counts.is_clean


def test_what_holds_no_instance_or_lies_where_it_does_not_belong_is_left_out(archive, tmp_path):
    folder = (archive.root / instance_path("1.2.3", "1.2.3.0", "1.2.3.0.0")).parent
    (folder / "note.txt").write_text("hello")
    (folder / "copy.dcm").write_bytes((folder / "note.txt").read_bytes())
    first = min(folder.glob("*.dcm"))
    (folder / ("0" * 32 + ".dcm")).write_bytes(first.read_bytes())
    (folder / ("1" * 32 + ".dcm")).symlink_to(first)
    os.mkfifo(folder / "pipe")
    dump = logical_dump(archive.layout.index)
    result = reindexed(archive)
    assert result.left_out == 5
    assert logical_dump(archive.layout.index) == dump
    assert verify_archive(archive).unindexed == 5


def test_files_in_place_from_before_there_was_a_ledger(archive):
    dump = logical_dump(archive.layout.index)
    archive.layout.places.unlink()
    reindexed(archive)
    assert logical_dump(archive.layout.index) == dump


def test_it_needs_the_lease_and_can_be_cancelled(archive):
    dump = logical_dump(archive.layout.index)
    lease = archive.hold("test")
    lease.release()
    with pytest.raises(ArchiveBusy):
        rebuild(archive, lease)
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        reindexed(archive, token=token)
    assert logical_dump(archive.layout.index) == dump
    assert not succession.is_decided(archive.layout.index)


def test_a_disk_that_refuses_leaves_the_old_index(archive, monkeypatch):
    dump = logical_dump(archive.layout.index)

    def full(*args):
        raise OutOfResources("The archive's disk is full.")

    monkeypatch.setattr(sys.modules["archive.reindexing.rebuild"], "record", full)
    with pytest.raises(OutOfResources):
        reindexed(archive)
    monkeypatch.undo()
    assert logical_dump(archive.layout.index) == dump
    with archive.hold("test") as lease:
        accept(archive, lease, [spooled(archive, sent(sop="1.9"))])


STEPS = ("building", "decide", "_set_aside", "finish", "record", "restore_facts", "analyze")
KILLED = """
import os, signal, sys
from pathlib import Path
from archive.local_archive import LocalArchive
from archive.reindexing import rebuild as _
from archive.storage import succession
module = sys.modules["archive.reindexing.rebuild"]
name, when = sys.argv[2:4]
owner = succession if hasattr(succession, name) else module
original = getattr(owner, name)
def dying(*args, **kwargs):
    if when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    original(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(owner, name, dying)
with LocalArchive.open(Path(sys.argv[1])) as archive, archive.hold("dying") as lease:
    module.rebuild(archive, lease)
"""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_it_leaves_the_old_index_or_the_new_one(archive, step, when):
    dump, when_received = logical_dump(archive.layout.index), times(archive.layout.index)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(archive.root), step, when],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert killed.returncode == -9, killed.stderr
    with LocalArchive.open(archive.root) as other:
        if archive.layout.index.exists():
            assert len(worklist.studies(other.index)) == 5
        with other.hold("next") as lease:
            accept(other, lease, [spooled(other, sent("1.2.3", "1.2.3.0", "1.2.3.0.0", PatientID="x"))])
    assert not archive.layout.index.with_name("index.sqlite.rebuilt").exists()
    after = logical_dump(archive.layout.index)
    assert after["instances"] == dump["instances"]
    assert len(after["variants"]) == len(dump["variants"]) + 1
    assert {uid: first for uid, (first, _) in times(archive.layout.index).items()} == {
        uid: first for uid, (first, _) in when_received.items()
    }
