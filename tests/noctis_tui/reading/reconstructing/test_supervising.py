"""The work is done in a process of its own: whatever becomes of it, nothing is left and somebody says so."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from mounts import TinyDisk, can_mount_tiny_disks
from receiver_process import ENVIRONMENT, run_noctis
from reconstructed_series import GRID, PATIENT
from volume_phantoms import index_ramp, write_series

from archive.job import State
from archive.progress import CancelToken
from noctis_tui.reading.reconstructing.order import Order
from noctis_tui.reading.reconstructing.request import Kind, Reconstruction
from noctis_tui.reading.reconstructing.supervising import supervise
from noctis_tui.reading.reconstruction_output.formats import OutputFormat
from noctis_tui.reading.reconstruction_output.target import Output

LONG = Reconstruction(Kind.MIP, rotate=3000, spacing_mm=0.05)
"""Takes minutes."""


@pytest.fixture(autouse=True)
def _importable(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", ENVIRONMENT["PYTHONPATH"])


@pytest.fixture
def files(tmp_path):
    return tuple(write_series(tmp_path / "source", GRID, index_ramp(GRID), **PATIENT))


def order(files, out, asked=LONG, what=OutputFormat.DICOM):
    return Order(files, asked, Output(out, what))


def left_in(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != "source")


@contextmanager
def under_way(files, out):
    """Run a long reconstruction in a thread until it writes; yield its token and where its end will be."""
    token, ended, writes = CancelToken(), [], threading.Event()
    work = threading.Thread(
        target=lambda: ended.append(
            supervise(
                order(files, out),
                token=token,
                listener=lambda progress: progress.what == "writing" and writes.set(),
            )
        )
    )
    work.start()
    try:
        assert writes.wait(60)
        yield token, ended, work
    finally:
        token.cancel()
        work.join()


def workers(pid="self"):
    """Return the processes that reconstruct for another one."""
    found = [
        child
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]
    return [
        int(each) for each in found if b"reconstructing.worker" in Path(f"/proc/{each}/cmdline").read_bytes()
    ]


def test_what_was_made_is_told(files, tmp_path):
    heard = []
    asked = Reconstruction(Kind.MPR, plane="coronal")
    outcome = supervise(order(files, tmp_path / "out", asked), listener=heard.append)
    assert (outcome.state, outcome.outputs) == (State.DONE, (tmp_path / "out",))
    assert len(list((tmp_path / "out").iterdir())) == GRID.shape[1]
    assert heard


def test_cancelling_kills_the_work_and_what_it_had_begun(files, tmp_path):
    with under_way(files, tmp_path / "out") as (token, ended, work):
        assert [name.startswith(".noctis-writing-") for name in left_in(tmp_path)] == [True]
        (worker,) = workers()
        token.cancel()
        work.join(20)
    assert ended[0].state is State.CANCELLED
    assert ended[0].exit_code == 130
    assert left_in(tmp_path) == []
    assert not Path(f"/proc/{worker}").exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_crash_is_a_failure_with_a_sentence(files, tmp_path, number):
    with under_way(files, tmp_path / "out") as (_, ended, work):
        (worker,) = workers()
        os.kill(worker, number)
        work.join(20)
    assert ended[0].state is State.FAILED
    assert ended[0].exit_code == 2
    assert ("memory ran out" if number == signal.SIGKILL else "SIGSEGV") in ended[0].error
    assert left_in(tmp_path) == []


def test_refusals_come_through(files, tmp_path):
    asked = Reconstruction(Kind.MPR, plane="axial", from_mm=99.0)
    outcome = supervise(order(files, tmp_path / "out", asked))
    assert (outcome.state, outcome.exit_code) == (State.FAILED, 2)
    assert "There is no plane from 99 to 24 mm" in outcome.error
    assert left_in(tmp_path) == []


def test_a_folder_that_may_not_be_written_to_is_said(files, tmp_path):
    (tmp_path / "file").write_text("")
    outcome = supervise(order(files, tmp_path / "file" / "out"))
    assert outcome.state is State.FAILED
    assert "cannot be written" in outcome.error


@pytest.mark.parametrize("what", ["npy", "nii", "dicom", "png"])
def test_a_full_disk_is_said_in_one_sentence_and_nothing_is_left(files, tmp_path, what):
    if not can_mount_tiny_disks():
        pytest.skip("needs a tmpfs in a namespace of our own")
    name = {"npy": "x.npy", "nii": "x.nii"}.get(what, "out")
    said = ["--format", what] if name == "out" else []
    with TinyDisk(tmp_path / "disk", "size=24k") as disk:
        asked = ["--kind", "mpr", "--spacing", "0.05", *said, "--out", tmp_path / "disk" / name]
        ran = run_noctis(tmp_path, "reconstruct", files[0].parent, *asked, within=disk.within)
        assert ran.returncode == 2, ran
        assert "cannot be written: No space left on device." in ran.stderr
        assert list(disk.path.iterdir()) == []


WATCHER = """
import json, sys
from noctis_tui.reading.reconstructing.order import Order
from noctis_tui.reading.reconstructing.supervising import supervise
supervise(Order.from_json(json.loads(sys.stdin.read())), listener=lambda each: print(each.what, flush=True))
"""


def test_the_work_ends_with_whoever_watches_over_it(files, tmp_path):
    command = [sys.executable, "-c", WATCHER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as watcher:
        watcher.stdin.write(json.dumps(order(files, tmp_path / "out").to_json()))
        watcher.stdin.close()
        while watcher.stdout.readline() != "writing\n":
            assert watcher.poll() is None
        (worker,) = workers(watcher.pid)
        watcher.kill()
        watcher.wait()
        deadline = time.monotonic() + 20
        while Path(f"/proc/{worker}").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
    assert len(left_in(tmp_path)) == 1  # who writes there next removes it
    supervise(order(files, tmp_path / "other", Reconstruction(Kind.MIP, plane="axial")))
    assert left_in(tmp_path) == ["other"]
