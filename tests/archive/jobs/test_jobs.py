"""Jobs are recorded by whoever holds the archive, outlive their process, are seen and cancelled by others."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import time
from dataclasses import replace

import pytest
from receiver_process import ReceiverProcess
from recorded_jobs import NOW, a_job, another_process

from archive.errors import ArchiveBusy, BadInput, NotFound
from archive.index.changes import current_sequence
from archive.index.job_rows import KEPT_SECONDS, MOST_KEPT
from archive.job import LONGEST_PARAMETERS, MOST_OUTPUTS, State, job_from_json, job_to_json
from archive.jobs import cancel_job, find_job, jobs_of, keep_job
from archive.jobs.following import follow_jobs
from archive.local_archive import LocalArchive
from archive.progress import Progress
from archive.reindexing import rebuild


@pytest.fixture
def archive(tmp_path):
    with LocalArchive.open(tmp_path / "archive") as opened:
        yield opened


def test_a_job_is_kept_as_it_was_told_and_gets_a_number(archive):
    job = a_job(progress=Progress(3, 10, "slice 3"), started_at=NOW + 1)
    keep_job(archive, job)
    assert jobs_of(archive.index) == [replace(job, number=1)]
    keep_job(archive, replace(job, progress=Progress(7, 10, "slice 7")))
    (seen,) = jobs_of(archive.index)
    assert (seen.number, seen.progress.done) == (1, 7)


def test_jobs_outlive_the_process_and_the_newest_comes_first(archive):
    done = a_job().ended(State.DONE, NOW + 9, outputs=("/tmp/a.npy", "/tmp/a.json"))
    failed = a_job().ended(State.FAILED, NOW + 9, error="The disk is full.")
    for job in (done, failed):
        keep_job(archive, job)
    with LocalArchive.open(archive.root) as other:
        assert jobs_of(other.index) == [replace(failed, number=2), replace(done, number=1)]


def test_what_has_ended_stays_as_it_ended(archive):
    job = a_job()
    keep_job(archive, job.ended(State.CANCELLED, NOW + 2))
    keep_job(archive, job)
    assert jobs_of(archive.index)[0].state is State.CANCELLED


def test_a_job_changes_no_study(archive):
    before = current_sequence(archive.index)
    keep_job(archive, a_job())
    assert current_sequence(archive.index) == before


def test_a_job_whose_process_is_gone_was_killed(archive):
    with another_process() as process:
        job = a_job(process.pid)
        keep_job(archive, job)
        assert jobs_of(archive.index)[0].state is State.RUNNING
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert jobs_of(archive.index)[0].state is State.KILLED
    with pytest.raises(BadInput, match="over: killed"):
        cancel_job(jobs_of(archive.index)[0])


def test_a_zombie_does_nothing_any_more(archive):
    with another_process() as process:
        keep_job(archive, a_job(process.pid))
        process.kill()
        deadline = time.monotonic() + 10
        while jobs_of(archive.index)[0].state is State.RUNNING:
            assert time.monotonic() < deadline


def test_the_same_number_is_not_the_same_process(archive):
    boot, namespace, started = a_job().process.split("/")
    for other in (f"{boot}/{namespace}/{int(started) + 1}", f"another/{namespace}/{started}"):
        keep_job(archive, a_job(process=other))
        job = jobs_of(archive.index)[0]
        assert job.state is State.KILLED
    with pytest.raises(BadInput, match="not one of this machine's"):
        cancel_job(a_job(process=f"{boot}/{namespace}/{int(started) + 1}"))


def test_a_process_of_a_container_is_believed(archive):
    boot, _, started = a_job().process.split("/")
    keep_job(archive, a_job(process=f"{boot}/pid:[1]/{started}"))
    assert jobs_of(archive.index)[0].state is State.RUNNING


def test_cancelling_reaches_another_process(archive):
    code = (
        "import signal, sys, threading\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n"
        "print('ready', flush=True)\nthreading.Event().wait()"
    )
    with another_process(code) as process:
        process.stdout.readline()
        keep_job(archive, a_job(process.pid))
        cancel_job(find_job(archive.index, "1"))
        assert process.wait(10) == 7


def test_a_job_is_named_by_its_number_or_the_beginning_of_its_uuid(archive):
    jobs = [a_job(), a_job()]
    for job in jobs:
        keep_job(archive, job)
    assert find_job(archive.index, "2").uid == jobs[1].uid
    assert find_job(archive.index, jobs[0].uid[:13]).number == 1
    for name in ("3", "", "0x", "\x1b[2J", jobs[0].uid[:2]):
        with pytest.raises(NotFound, match="noctis jobs lists them"):
            find_job(archive.index, name)


def test_the_oldest_are_forgotten_and_no_number_comes_again(archive):
    keep_job(archive, a_job(created_at=NOW - KEPT_SECONDS - 10))
    for _ in range(MOST_KEPT + 3):
        keep_job(archive, a_job())
    numbers = [job.number for job in jobs_of(archive.index)]
    assert numbers == list(range(MOST_KEPT + 4, 4, -1))
    archive.index.close_writer()
    keep_job(archive, a_job(created_at=NOW + KEPT_SECONDS + 10))
    assert [job.number for job in jobs_of(archive.index)] == [MOST_KEPT + 5]


def test_the_receiver_keeps_the_records_of_others(archive):
    with ReceiverProcess(archive.root):
        job = a_job()
        keep_job(archive, job)
        keep_job(archive, job.ended(State.DONE, NOW + 5, outputs=("/tmp/x.nii.gz",)))
        assert jobs_of(archive.index) == [
            replace(job.ended(State.DONE, NOW + 5, outputs=("/tmp/x.nii.gz",)), number=1)
        ]
        with pytest.raises(BadInput, match="more about itself"):
            keep_job(archive, a_job(subject="x" * 2000))


def test_an_import_takes_no_records(archive):
    with (
        archive.hold("import"),
        LocalArchive.open(archive.root) as other,
        pytest.raises(ArchiveBusy, match="held by import"),
    ):
        keep_job(other, a_job())


def test_a_temporary_archive_keeps_its_own():
    with LocalArchive.temporary() as archive:
        job = a_job()
        keep_job(archive, job)
        assert jobs_of(archive.index) == [replace(job, number=1)]


@pytest.mark.parametrize(
    "said",
    [
        {"subject": "x" * 1001},
        {"parameters": {"x": "y" * LONGEST_PARAMETERS}},
        {"outputs": ("x",) * (MOST_OUTPUTS + 1)},
        {"created_at": float("nan")},
        {"progress": Progress(-1, None, "")},
        {"progress": Progress(1 << 63, None, "")},
    ],
)
def test_what_is_kept_has_limits(archive, said):
    with pytest.raises(BadInput):
        keep_job(archive, a_job(**said))
    assert jobs_of(archive.index) == []


def test_json_and_back():
    job = a_job(started_at=NOW, outputs=("/tmp/a b",), progress=Progress(1, 2, "three"))
    assert job_from_json(job_to_json(job)) == job
    whole = job_to_json(job)
    for wrong in (None, [], "x", {}, whole | {"state": "x"}, whole | {"uid": "x"}, whole | {"progress": 1}):
        with pytest.raises(BadInput):
            job_from_json(wrong)


def test_an_index_made_again_still_has_them(archive):
    job = a_job().ended(State.DONE, NOW + 5, outputs=("/tmp/x.png",))
    for each in (a_job(created_at=NOW - 5).ended(State.FAILED, NOW), job):
        keep_job(archive, each)
    with archive.hold("reindex") as lease:
        rebuild(archive, lease)
    assert [each.number for each in jobs_of(archive.index)] == [2, 1]
    assert jobs_of(archive.index)[0] == replace(job, number=2)
    keep_job(archive, a_job())
    assert jobs_of(archive.index)[0].number == 3


def test_progress_waits_for_no_disk(archive, monkeypatch):
    levels = []
    real = type(archive.index)._synchronize
    monkeypatch.setattr(
        type(archive.index), "_synchronize", lambda self, level: (levels.append(level), real(self, level))
    )
    keep_job(archive, a_job())
    keep_job(archive, a_job().ended(State.DONE, NOW))
    assert levels == ["NORMAL", "FULL"]


async def test_who_follows_hears_of_every_change(archive):
    def keep(job):
        with LocalArchive.open(archive.root) as other:
            keep_job(other, job)

    following = follow_jobs(archive, poll_seconds=0.2)
    assert await anext(following) == []
    job = a_job()
    await asyncio.to_thread(keep, job)
    assert (await asyncio.wait_for(anext(following), 20))[0].state is State.RUNNING
    await asyncio.to_thread(keep, job.ended(State.DONE, NOW))
    assert (await asyncio.wait_for(anext(following), 20))[0].state is State.DONE
    with another_process() as process:
        await asyncio.to_thread(keep, a_job(process.pid))
        assert (await asyncio.wait_for(anext(following), 20))[0].state is State.RUNNING
        os.kill(process.pid, signal.SIGKILL)
        assert (await asyncio.wait_for(anext(following), 20))[0].state is State.KILLED
    await following.aclose()


def test_a_record_that_does_not_read_keeps_no_rebuilding_from_going_on(archive):
    keep_job(archive, a_job())
    archive.index.close_writer()
    with sqlite3.connect(archive.layout.index) as index:
        index.execute("UPDATE job SET parameters = '{'")
    index.close()
    with archive.hold("reindex") as lease:
        rebuild(archive, lease)
    assert jobs_of(archive.index) == []
