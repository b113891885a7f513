from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest
from receiver_process import ENVIRONMENT
from recorded_jobs import a_job, another_process

from archive.job import State
from archive.jobs import keep_job
from archive.local_archive import LocalArchive
from archive.progress import Progress


@pytest.fixture
def archive(tmp_path):
    with LocalArchive.open(tmp_path / "archive") as opened:
        yield opened


def run(archive, *arguments, code=0):
    command = [sys.executable, "-m", "noctis_tui", "--archive", archive.root, "jobs", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False)
    assert ended.returncode == code, ended.stderr
    return ended


def test_no_jobs_are_an_empty_array(archive):
    assert json.loads(run(archive, "--json").stdout) == []
    assert run(archive).stdout == ""


def test_jobs_are_listed_newest_first(archive):
    now = time.time()
    keep_job(archive, a_job(created_at=now, progress=Progress(1, 4, "slice 1")))
    keep_job(archive, a_job(created_at=now).ended(State.FAILED, now, error="The disk is full.\x1b[2J"))
    rows = json.loads(run(archive, "--json").stdout)
    assert [(row["id"], row["state"], row["done"], row["total"]) for row in rows] == [
        (2, "failed", 0, None),
        (1, "running", 1, 4),
    ]
    assert rows[1]["parameters"] == {"plane": "coronal"}
    table = run(archive).stdout
    assert "25 %" in table
    assert "\x1b" not in table


def test_a_job_is_cancelled_by_its_number(archive):
    code = (
        "import signal, sys, threading\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))\n"
        "print('ready', flush=True)\nthreading.Event().wait()"
    )
    with another_process(code) as process:
        process.stdout.readline()
        keep_job(archive, a_job(process.pid))
        assert run(archive, "cancel", "1").stdout.startswith("Job 1 ")
        assert process.wait(10) == 130


def test_what_cannot_be_cancelled_says_why(archive):
    assert "noctis jobs lists them" in run(archive, "cancel", "7", code=2).stderr
    keep_job(archive, a_job().ended(State.DONE, 0.0))
    assert "Job 1 is over: done." in run(archive, "cancel", "1", code=2).stderr


def test_help_has_an_example(archive):
    assert "Example:" in run(archive, "--help").stdout
