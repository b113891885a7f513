"""The disk and the index refuse: A700, no trace, and it recovers by itself."""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
from arrivals import journalled, sent, spooled

from archive.errors import FailingDisk, OutOfResources
from archive.index import database, worklist
from archive.ingest import Line, Outcome, accept
from archive.local_archive import LocalArchive


@pytest.fixture
def archive(tmp_path):
    with LocalArchive.open(tmp_path / "archive") as opened:
        yield opened


def is_untouched(archive) -> bool:
    files = [path for path in archive.layout.instances.rglob("*") if path.is_file()]
    return not files and not worklist.studies(archive.index) and not list(archive.layout.incoming.iterdir())


def test_a_locked_index_is_waited_for_then_refused_and_rolled_back(archive, monkeypatch):
    archive.index.database.timeout = 0.2
    with archive.hold("test") as lease:
        other = sqlite3.connect(archive.layout.index, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        (result,) = accept(archive, lease, [spooled(archive, sent())])
        assert isinstance(result, OutOfResources)
        assert result.dimse_status == 0xA700
        assert is_untouched(archive)
        other.execute("ROLLBACK")
        other.close()
        assert accept(archive, lease, [spooled(archive, sent())]) == [Outcome.RECORDED]


def test_an_index_that_cannot_be_opened_is_refused_without_a_trace(archive, monkeypatch):
    def unable():
        raise sqlite3.OperationalError("unable to open database file")

    with archive.hold("test") as lease:
        accept(archive, lease, [])  # what a crash left is adopted before
        monkeypatch.setattr(archive.index._writer, "_connect", unable)
        (result,) = accept(archive, lease, [spooled(archive, sent())])
        assert isinstance(result, OutOfResources)
        monkeypatch.undo()
    assert is_untouched(archive)


def test_the_index_is_waited_for_as_long_as_the_fault_table_says():
    assert database.BUSY_SECONDS == 5


def test_little_space_is_refused_early(tmp_path, monkeypatch):
    (tmp_path / "noctis.toml").write_text("[storage]\nminimum_free_percent = 90.0\n")
    with LocalArchive.open(tmp_path) as archive:
        disk = os.statvfs(tmp_path)
        nearly_full = os.statvfs_result([*disk[:2], 100, 89, 89, *disk[5:]])
        monkeypatch.setattr(os, "statvfs", lambda path: nearly_full)
        with pytest.raises(OutOfResources):
            archive.spool.create(b"")
        monkeypatch.undo()
    (tmp_path / "noctis.toml").write_text(f"[storage]\nminimum_free_bytes = {2**60}\n")
    with LocalArchive.open(tmp_path) as archive, pytest.raises(OutOfResources):
        archive.spool.create(b"")


def run_limited(script: str, root, limit: int) -> str:
    """Run a script in a process whose files cannot grow beyond `limit` bytes."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(root)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_file_that_may_not_grow_is_refused_without_a_trace(tmp_path):
    LocalArchive.open(tmp_path).close()
    script = """
        import sys
        from pathlib import Path
        from arrivals import journalled, sent, spooled
        from archive.errors import OutOfResources
        from archive.ingest import accept
        from archive.local_archive import LocalArchive
        with LocalArchive.open(Path(sys.argv[1])) as archive, archive.hold("test") as lease:
            try:
                spooled(archive, sent(pixels=bytes(3_000_000)))
            except OutOfResources as error:
                print(hex(error.dimse_status), error)
            print(accept(archive, lease, [spooled(archive, sent())]))
    """
    out = run_limited(script, tmp_path, 2_000_000)
    assert out.startswith("0xa700 The archive's disk is full.")
    assert "Outcome.RECORDED" in out
    assert not list((tmp_path / "incoming").iterdir())


def test_an_index_that_may_not_grow_rolls_back(tmp_path):
    (tmp_path / "noctis.toml").write_text("[storage]\nfsync = false\n")  # quicker, and nothing else
    LocalArchive.open(tmp_path).close()
    script = """
        import sys
        from pathlib import Path
        from arrivals import journalled, sent, spooled
        from archive.ingest import accept
        from archive.local_archive import LocalArchive
        with LocalArchive.open(Path(sys.argv[1])) as archive, archive.hold("test") as lease:
            for number in range(200):
                instance = sent(study=f"1.{number}", series=f"1.{number}.1", sop=f"1.{number}.1.1",
                                StudyDescription="d" * 60, PatientID=f"{number}")
                (result,) = accept(archive, lease, [spooled(archive, instance)])
                print(type(result).__name__)
    """
    said = run_limited(script, tmp_path, 200_000).split()
    kept = said.count("Outcome")
    assert 0 < kept < 200, said
    assert set(said[kept:]) <= {"OutOfResources", "FailingDisk"}
    with LocalArchive.open(tmp_path) as archive, archive.hold("test") as lease:
        Line(archive, lease).close()
        studies = worklist.studies(archive.index, limit=None)
        files = list(archive.layout.instances.rglob("*.dcm"))
        assert len(studies) == len(files) >= kept
        assert archive.index.fetch("PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("call", ["fsync", "fdatasync"])
def test_a_failing_disk_stops_the_line_and_is_never_tried_again(archive, monkeypatch, call):
    calls = []

    def failing(file):
        calls.append(file)
        raise OSError(5, "Input/output error")

    with archive.hold("test") as lease:
        line = Line(archive, lease)
        monkeypatch.setattr(os, call, failing)
        with pytest.raises(FailingDisk):
            line.submit(spooled(archive, sent())).result(10)
        assert len(calls) == 1
        monkeypatch.undo()
        with pytest.raises(FailingDisk):
            line.submit(spooled(archive, sent(sop="1.9"))).result(10)
        assert line.failure is not None
        line.close()
    assert not worklist.studies(archive.index)
    with archive.hold("next") as lease:
        Line(archive, lease).close()
    assert not [path for path in archive.layout.incoming.iterdir() if path.suffix == ".sealed"]


def test_without_fsync_nothing_is_synced(tmp_path, monkeypatch):
    (tmp_path / "noctis.toml").write_text("[storage]\nfsync = false\n")
    with LocalArchive.open(tmp_path) as archive, archive.hold("test") as lease:
        accept(archive, lease, [spooled(archive, sent())])
        for call in ("fsync", "fdatasync"):
            monkeypatch.setattr(os, call, lambda file: pytest.fail("synced"))
        assert accept(archive, lease, [spooled(archive, sent(sop="1.9"))]) == [Outcome.RECORDED]


def test_what_is_synced_before_the_answer(archive, monkeypatch):
    synced = []

    def watch(call):
        original = getattr(os, call)

        def watching(file):
            synced.append(Path(f"/proc/self/fd/{file}").readlink().name)
            original(file)

        monkeypatch.setattr(os, call, watching)

    watch("fsync")
    watch("fdatasync")
    with archive.hold("test") as lease:
        assert accept(archive, lease, [spooled(archive, sent())]) == [Outcome.RECORDED]
    assert synced[0].endswith(".sealed")
    assert synced[1] == "incoming"
    (series,) = list(archive.layout.instances.glob("*/*"))
    assert synced[2:] == ["instances", series.parent.name, series.name]


def fsync_of_places(archive, monkeypatch, instead):
    original = os.fsync

    def fsync(file):
        if archive.layout.instances in Path(f"/proc/self/fd/{file}").readlink().parents:
            instead(file)
        original(file)

    monkeypatch.setattr(os, "fsync", fsync)


def test_the_answer_does_not_wait_for_the_place(archive, monkeypatch):
    with archive.hold("test") as lease:
        accept(archive, lease, [spooled(archive, sent())])  # the series has its folder
        line = Line(archive, lease)
        answered = threading.Event()
        fsync_of_places(archive, monkeypatch, lambda file: answered.wait(10))
        assert line.submit(spooled(archive, sent(sop="1.9"))).result(5) is Outcome.RECORDED
        assert list(archive.layout.incoming.glob("*.sealed"))
        answered.set()
        line.close()
    assert not list(archive.layout.incoming.iterdir())


def test_a_disk_that_fails_after_the_answer_leaves_the_journal_and_stops_the_line(archive, monkeypatch):
    def fail(file):
        raise OSError(5, "Input/output error")

    with archive.hold("test") as lease:
        accept(archive, lease, [spooled(archive, sent())])
        line = Line(archive, lease)
        fsync_of_places(archive, monkeypatch, fail)
        assert line.submit(spooled(archive, sent(sop="1.9"))).result(10) is Outcome.RECORDED
        while line.failure is None:  # the place is synced at the next lull
            time.sleep(0.01)
        with pytest.raises(FailingDisk):
            line.submit(spooled(archive, sent(sop="1.10"))).result(10)
        line.close()
    assert len(list(archive.layout.incoming.iterdir())) == 1
    monkeypatch.undo()
    with archive.hold("next") as lease:
        Line(archive, lease).close()
    assert len(list(archive.layout.instances.glob("*/*/*.dcm"))) == 2
    assert not list(archive.layout.incoming.iterdir())


async def test_a_cancelled_submission_leaves_no_trace(archive):
    with archive.hold("test") as lease:
        line = Line(archive, lease)
        with archive.index.lock:  # the line waits at its first question
            first = line.submit(spooled(archive, sent()))
            while not first.running():
                pass
            second = asyncio.wrap_future(line.submit(spooled(archive, sent(sop="1.9"))))
            second.cancel()
            await asyncio.sleep(0)
        assert first.result(10) is Outcome.RECORDED
        line.close()
    (study,) = worklist.studies(archive.index)
    assert study.instance_count == 1
    assert not list(archive.layout.incoming.iterdir())


def test_a_closed_line_drains_what_waits_and_refuses_the_rest(archive):
    with archive.hold("test") as lease:
        line = Line(archive, lease)
        waiting = [line.submit(spooled(archive, sent(sop=f"1.{number}"))) for number in range(20)]
        line.close(30)
        assert {future.result(0) for future in waiting} == {Outcome.RECORDED}
        with pytest.raises(OutOfResources):
            line.submit(spooled(archive, sent(sop="1.99"))).result(0)
        line.close()
    assert not list(archive.layout.incoming.iterdir())


def test_a_line_past_its_drain_time_refuses(archive):
    with archive.hold("test") as lease:
        line = Line(archive, lease)
        with archive.index.lock:
            first = line.submit(spooled(archive, sent()))
            while not first.running():
                pass
            second = line.submit(spooled(archive, sent(sop="1.9")))
            line._deadline = 0
        assert first.result(10) is Outcome.RECORDED
        with pytest.raises(OutOfResources):
            second.result(10)
        line.close()


def test_what_many_threads_bring_at_once_is_kept(archive):
    with archive.hold("test") as lease:
        line = Line(archive, lease)
        outcomes = []

        def bring(number):
            outcomes.append(line.submit(journalled(archive, sent(sop=f"1.{number}"))).result(10))

        threads = [threading.Thread(target=bring, args=(number,)) for number in range(1, 41)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert outcomes == [Outcome.RECORDED] * 40
        assert line.waiting == 0
        line.close()
        with pytest.raises(OutOfResources):
            line.submit(journalled(archive, sent(sop="1.99"))).result(0)
    (study,) = worklist.studies(archive.index)
    assert study.instance_count == 40
    assert not list(archive.layout.incoming.iterdir())
