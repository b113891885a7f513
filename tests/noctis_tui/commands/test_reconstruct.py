"""`noctis reconstruct` and its job: recorded, listed, stopped by others and by Ctrl+C, killed, in turns."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from contextlib import contextmanager
from uuid import uuid4

import numpy as np
import pydicom
import pytest
from click.testing import CliRunner
from pseudo_terminals import PseudoTerminal
from receiver_process import ENVIRONMENT, ReceiverProcess, noctis, run_noctis
from reconstructed_series import GRID, PATIENT
from volume_phantoms import Grid, index_ramp, sphere, write_series

from archive.importing import Mode, import_paths
from archive.job import State
from archive.jobs import jobs_of
from archive.local_archive import LocalArchive
from noctis_tui.cli import noctis as command_line

LONG = ("--kind", "mip", "--rotate", "3000", "--spacing", "0.05")


@pytest.fixture
def source(tmp_path):
    write_series(tmp_path / "source", GRID, index_ramp(GRID), **PATIENT)
    return tmp_path / "source"


@pytest.fixture
def archive(tmp_path, source):
    with LocalArchive.open(tmp_path / "archive") as opened, opened.hold("test") as lease:
        import_paths(opened, lease, [source], mode=Mode.COPY)
    return tmp_path / "archive"


@pytest.fixture
def series(source):
    return str(pydicom.dcmread(next(source.iterdir()), stop_before_pixels=True).SeriesInstanceUID)


def jobs(archive):
    with LocalArchive.open(archive) as opened:
        return jobs_of(opened.index)


def states(archive):
    return [job.state.value for job in jobs(archive)]


@contextmanager
def begun(archive, *arguments):
    """Run a long reconstruction until its job runs."""
    command = noctis(archive, "reconstruct", *arguments)
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
    )
    try:
        deadline = time.monotonic() + 60
        while not any(job.pid == process.pid and job.progress.done > 400 for job in jobs(archive)):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_series_of_the_archive_becomes_a_job(archive, series, tmp_path):
    ran = run_noctis(
        archive, "reconstruct", series, "--kind", "mpr", "--plane", "coronal", "--out", tmp_path / "out"
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == f"12 files in {tmp_path / 'out'}\n"
    assert ran.stderr == ""
    (job,) = json.loads(run_noctis(archive, "jobs", "--json").stdout)
    said = ("id", "state", "kind", "subject", "done", "total", "error", "outputs", "series_instance_uid")
    assert [job[name] for name in said] == [
        *(1, "done", "mpr", "CT Thorax 3.0", 1000, 1000, "", [str(tmp_path / "out")], series)
    ]
    assert job["parameters"] == {"plane": "coronal", "format": "dicom", "out": str(tmp_path / "out")}
    assert job["created_at"] <= job["started_at"] <= job["finished_at"]


def test_what_goes_out_is_audited(archive, series, tmp_path):
    run_noctis(archive, "reconstruct", series, "--kind", "mip", "--out", tmp_path / "x.npy")
    assert "mip as npy" in run_noctis(archive, "audit", "--json").stdout


def test_a_folder_needs_no_archive(source, tmp_path):
    nowhere = tmp_path / "nowhere"
    ran = run_noctis(nowhere, "reconstruct", source, "--kind", "mip", "--out", tmp_path / "x.npy", "--json")
    assert json.loads(ran.stdout) == {"outputs": [str(tmp_path / "x.npy"), str(tmp_path / "x.json")]}
    np.testing.assert_array_equal(
        np.load(tmp_path / "x.npy"), np.rint(index_ramp(GRID)(GRID.points_mm())).max(axis=0)
    )
    assert not nowhere.exists()


def test_a_refusal_is_one_sentence_and_a_failed_job(archive, series, tmp_path):
    arguments = ("--kind", "mpr", "--from", "99", "--out", tmp_path / "out")
    ran = run_noctis(archive, "reconstruct", series, *arguments)
    sentence = "There is no plane from 99 to 24 mm: the volume is from 0 to 24 mm."
    assert (ran.returncode, ran.stderr) == (2, f"noctis: {sentence}\n")
    (job,) = jobs(archive)
    assert (job.state, job.error, job.outputs) == (State.FAILED, sentence, ())
    assert not (tmp_path / "out").exists()


def test_ctrl_c_stops_it_and_leaves_nothing(archive, series, tmp_path):
    with begun(archive, series, *LONG, "--out", tmp_path / "out") as process:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert said == "noctis: It was stopped; nothing was written.\n"
    assert states(archive)[0] == "cancelled"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive", "source"]


STOPPED_WHEN = """
import os, signal, sys
class Stopper:
    def find_spec(self, name, *_):
        if name == "{}":
            os.kill(os.getpid(), signal.SIGTERM)
sys.meta_path.insert(0, Stopper())
from noctis_tui.__main__ import main
main()
"""


@pytest.mark.parametrize("when", ["noctis_tui.cli", "noctis_tui.preferences", "archive.local_archive"])
def test_what_is_stopped_while_it_starts_ends_the_same(archive, series, tmp_path, when):
    command = noctis(archive, "reconstruct", series, "--kind", "mip", "--out", tmp_path / "x.npy")
    command[1:3] = ["-c", STOPPED_WHEN.format(when)]
    ran = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, timeout=60, check=False)
    assert (ran.returncode, ran.stdout) == (130, "")
    assert ran.stderr.strip() in {"", "noctis: It was stopped."}
    assert not (tmp_path / "x.npy").exists()


def test_another_process_cancels_it(archive, series, tmp_path):
    with begun(archive, series, *LONG, "--out", tmp_path / "out") as process:
        assert run_noctis(archive, "jobs", "cancel", "1").stdout == "Job 1 is cancelled.\n"
        assert process.wait(30) == 130
    assert states(archive)[0] == "cancelled"


def test_a_killed_job_is_shown_as_such(archive, series, tmp_path):
    with begun(archive, series, *LONG, "--out", tmp_path / "out") as process:
        process.kill()
        process.communicate()
        stranger = tmp_path / f".noctis-writing-{process.pid}-1-{uuid4()}"
        stranger.mkdir()
        assert len(list(tmp_path.glob(".noctis-writing-*"))) == 2
        assert json.loads(run_noctis(archive, "jobs", "--json").stdout)[0]["state"] == "killed"
        assert list(tmp_path.glob(".noctis-writing-*")) == [stranger]  # who writes there next removes it
    ran = run_noctis(archive, "reconstruct", series, "--kind", "mip", "--out", tmp_path / "x.npy")
    assert ran.returncode == 0
    assert states(archive) == ["done", "killed"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive", "source", "x.json", "x.npy"]


def test_jobs_of_an_archive_take_turns(archive, series, tmp_path):
    with begun(archive, series, *LONG, "--out", tmp_path / "out") as first:
        command = noctis(archive, "reconstruct", series, "--kind", "mip", "--out", tmp_path / "x.npy")
        with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL) as second:
            deadline = time.monotonic() + 30
            while states(archive) != ["queued", "running"]:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            first.send_signal(signal.SIGTERM)
            assert second.wait(30) == 0
    assert states(archive) == ["done", "cancelled"]


def test_a_job_that_waits_can_be_stopped(archive, series, tmp_path):
    with begun(archive, series, *LONG, "--out", tmp_path / "out"):
        command = noctis(archive, "reconstruct", series, "--kind", "mip", "--out", tmp_path / "x.npy")
        with subprocess.Popen(command, env=ENVIRONMENT, stderr=subprocess.DEVNULL) as second:
            deadline = time.monotonic() + 30
            while len(jobs(archive)) < 2:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            run_noctis(archive, "jobs", "cancel", "2")
            assert second.wait(30) == 130
    assert states(archive)[0] == "cancelled"


def test_a_receiver_keeps_the_records(archive, series, tmp_path):
    with ReceiverProcess(archive):
        ran = run_noctis(archive, "reconstruct", series, "--kind", "mip", "--out", tmp_path / "x.npy")
        assert (ran.returncode, ran.stderr) == (0, "")
        assert states(archive) == ["done"]


def test_an_import_that_holds_the_archive_keeps_nobody_from_reconstructing(archive, series, tmp_path):
    with LocalArchive.open(archive) as opened, opened.hold("import"):
        ran = run_noctis(archive, "reconstruct", series, "--kind", "mip", "--out", tmp_path / "x.npy")
    assert ran.returncode == 0
    assert "The record of this job could not be kept. The archive is held by import" in ran.stderr
    assert (tmp_path / "x.npy").exists()


def test_progress_is_shown_on_a_terminal_only(source, tmp_path):
    command = noctis(tmp_path / "a", "reconstruct", source, "--kind", "mpr", "--out", tmp_path / "out")
    with PseudoTerminal(command, environment=ENVIRONMENT) as terminal:
        terminal.process.wait(60)
        shown = terminal.written
    assert b"%" in shown
    assert b"9 files in" in shown


POINTS = "0 0 0\n1 1 1\n"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("--kind curved --out x.png", "--kind curved needs --points FILE"),
        ("--kind mip --points {points} --out x.png", "--points does not go with --kind mip"),
        ("--kind mpr --rotate 3 --out x", "--rotate does not go with --kind mpr"),
        ("--kind mpr --plane oblique --out x", "--plane oblique needs its --normal"),
        ("--kind mpr --plane axial --normal 1 0 0 --out x", "has a normal of its own"),
        ("--kind mip --rotate 3 --plane axial --out x", "leave the options of planes"),
        ("--kind mip --arc 90 --out x", "--arc goes with --rotate"),
        ("--kind mip --from 3 --out x", "give --slab"),
        ("--kind curved --points {points} --every 3 --out x", "--every goes with --view sections"),
        ("--kind curved --points {points} --projection max --out x", "give --slab"),
        ("--kind mip --begin 30 --out x", "--begin does not go with --kind mip"),
        ("--kind curved --points {points} --view sections --rotate 3 --out x", "--rotate goes with"),
        ("--kind mpr --slab nan --out x", "--slab"),
        ("--kind mpr --center 1e9 0 0 --normal 1 0 0 --out x", "Numbers are between"),
        ("--kind mpr --out x.jpg", "ends in none of"),
        ("--kind mpr --format npy --out x.png", "The name of NPY ends in .npy"),
        ("--kind mpr --out x.stl", "say --kind surface"),
        ("--kind surface --out x.png", "A surface is written to a file"),
        ("--kind surface --plane axial --out x.stl", "--plane does not go with --kind surface"),
        ("--kind surface --threshold 3 --preset bone --out x.stl", "both say where a surface is"),
        ("--kind surface --preset skin --out x.stl", "There is no surface skin: there are"),
        ("--kind curved --points {source} --out x", "File"),
        ("--kind mpr --window 1 0 --out x", "width greater than 0"),
        ("--kind mpr --preset nothing --out x", "There is no preset"),
    ],
)
def test_contradictions_are_wrong_usage(source, tmp_path, monkeypatch, said, sentence):
    monkeypatch.chdir(tmp_path)
    points = tmp_path / "points.txt"
    points.write_text(POINTS)
    words = said.format(points=points, source=source).split()
    ran = run_noctis(tmp_path / "a", "reconstruct", source, *words)
    assert ran.returncode == 2
    assert sentence in ran.stderr
    assert "Traceback" not in ran.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["points.txt", "source"]


def test_points_of_a_curve_come_from_a_file(source, tmp_path):
    points = tmp_path / "points.csv"
    points.write_text("x,y,z\n-28, 16, 95 # the first\n\n-26,17,100\n-27;16.5;107\n")
    arguments = ("--kind", "curved", "--points", points, "--width", "4", "--out", tmp_path / "x.dcm")
    ran = run_noctis(tmp_path / "a", "reconstruct", source, *arguments)
    assert ran.returncode == 0, ran.stderr
    assert list(pydicom.dcmread(tmp_path / "x.dcm").ImageType) == ["DERIVED", "SECONDARY", "CPR"]
    points.write_text("[[-28, 16, 95], [-26, 17]]")
    ran = run_noctis(tmp_path / "a", "reconstruct", source, *arguments[:-1], tmp_path / "y.dcm")
    assert (ran.returncode, ran.stderr) == (2, "noctis: Point 2 of points.csv is no point: x y z in mm.\n")


@pytest.mark.parametrize("suffix", ["stl", "ply", "obj", "glb"])
def test_a_surface_is_watertight_and_lies_where_the_ball_is(tmp_path, suffix):
    trimesh = pytest.importorskip("trimesh")
    grid = Grid((20, 24, 28), spacing_mm=(1.5, 1.0, 1.0), first_mm=(-40.0, 20.0, 7.0))
    write_series(tmp_path / "ball", grid, sphere(grid.center_mm, 8), **PATIENT)
    arguments = ("--kind", "surface", "--threshold", "500", "--smooth", "3", "--largest", "1")
    out = tmp_path / f"x.{suffix}"
    ran = run_noctis(tmp_path / "a", "reconstruct", tmp_path / "ball", *arguments, "--out", out)
    assert (ran.returncode, ran.stdout) == (0, f"1 file in {out}\n"), ran.stderr
    mesh = trimesh.load(out, force="mesh")
    assert mesh.is_watertight
    if suffix != "glb":  # which stands upright, in metres
        np.testing.assert_allclose(mesh.center_mass, grid.center_mm, atol=0.3)
        assert mesh.volume == pytest.approx(4 / 3 * np.pi * 8**3, rel=0.1)


def test_help_has_an_example():
    assert "Example: noctis reconstruct" in CliRunner().invoke(command_line, ["reconstruct", "--help"]).output
