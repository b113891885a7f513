"""What a thread does for longer than half a second has a record, and others can stop it."""

import time
from pathlib import Path

import pytest

from archive.errors import BadInput
from archive.job import Job, State
from archive.jobs import cancel_job, jobs_of
from archive.jobs.lasting import LASTS_SECONDS, LastingJob
from archive.local_archive import LocalArchive
from archive.process_identity import is_alive
from archive.progress import Cancelled, CancelToken, Progress

UID = "11111111-2222-3333-4444-555555555555"


def waiting():
    return Job(UID, "export", "this study", "1.2", "", {"format": "png"}, State.QUEUED, time.time(), 0, "")


@pytest.fixture
def archive(tmp_path):
    with LocalArchive.open(tmp_path / "archive") as opened:
        yield opened


def recorded(archive, seconds=20.0):
    """Wait for a record."""
    end = time.monotonic() + seconds
    while not jobs_of(archive.index):
        assert time.monotonic() < end
        time.sleep(0.02)
    return jobs_of(archive.index)[0]


def test_what_is_soon_done_leaves_no_record(archive):
    with LastingJob(archive, waiting(), CancelToken()) as lasting:
        lasting.heard(Progress(1, 2, "writing"))
    time.sleep(LASTS_SECONDS + 0.2)
    assert jobs_of(archive.index) == []


def test_what_lasts_is_recorded_while_it_does_and_as_it_ended(archive):
    with LastingJob(archive, waiting(), CancelToken()) as lasting:
        lasting.heard(Progress(1, 2, "writing"))
        running = recorded(archive)
        assert (running.state, running.progress.done) == (State.RUNNING, 1)
        assert is_alive(running.pid, running.process)
        lasting.wrote(Path("/somewhere/out.png"))
    (done,) = jobs_of(archive.index)
    assert (done.state, done.outputs, done.uid) == (State.DONE, ("/somewhere/out.png",), UID)
    assert not is_alive(running.pid, running.process)


def work_until(token, archive, then):
    """Be a lasting job until the token says stop, or for too long."""
    with LastingJob(archive, waiting(), token):
        then(recorded(archive))
        end = time.monotonic() + 20
        while time.monotonic() < end:
            token.check()
            time.sleep(0.01)


def test_who_cancels_it_stops_the_work_and_not_the_process(archive):
    with pytest.raises(Cancelled):
        work_until(CancelToken(), archive, cancel_job)
    assert [job.state for job in jobs_of(archive.index)] == [State.CANCELLED]


def test_what_fails_says_why(archive):
    def fail(_job):
        raise BadInput("There is no room.")

    with pytest.raises(BadInput):
        work_until(CancelToken(), archive, fail)
    (job,) = jobs_of(archive.index)
    assert (job.state, job.error) == (State.FAILED, "There is no room.")
