"""The jobs screen as a person meets it: empty, busy, live, stopped, failed, killed, small and large."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from interface_apps import NoReception, running, screen_text, settled
from interface_apps import worklist_app as app_over
from recorded_jobs import a_job, another_process

from archive.job import State
from archive.jobs import keep_job
from archive.local_archive import LocalArchive
from archive.progress import Progress
from noctis_tui.interface.app import NoctisApp
from noctis_tui.interface.jobs.rows import bar, duration, job_cells, job_titles
from noctis_tui.interface.jobs.screen import JobsScreen
from noctis_tui.interface.keyed_screen import KeyedScreen

NOTIFIED: list[str] = []
COPIED: list[str] = []


@pytest.fixture(autouse=True)
def _hear(monkeypatch):
    NOTIFIED.clear()
    COPIED.clear()
    monkeypatch.setattr(KeyedScreen, "notify", lambda _, message, **_options: NOTIFIED.append(message))
    monkeypatch.setattr(NoctisApp, "copy_to_clipboard", lambda _, text: COPIED.append(text))


@pytest.fixture
def archive(tmp_path):
    with LocalArchive.open(tmp_path / "archive") as opened:
        yield opened


@pytest.fixture
def opened(archive):
    return lambda size=(120, 30): running(app_over(archive, NoReception()), size)


def now_job(**said):
    return a_job(**({"created_at": time.time(), "started_at": time.time()} | said))


async def test_an_empty_list_says_what_would_fill_it(opened):
    async with opened() as pilot:
        await pilot.press("J")
        await settled(pilot, lambda: "No jobs." in screen_text(pilot.app))
        assert "noctis reconstruct SERIES" in screen_text(pilot.app)
        await pilot.press("q")
        assert not isinstance(pilot.app.screen, JobsScreen)


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_what_happens_elsewhere_is_shown_as_it_happens(archive, opened, size):
    job = now_job(progress=Progress(1, 4, "reconstructing"))
    async with opened(size) as pilot:
        await pilot.press("J")
        keep_job(archive, job)
        await settled(pilot, lambda: " 25 %" in screen_text(pilot.app))
        assert "█" in screen_text(pilot.app)
        assert "1 running" in screen_text(pilot.app)
        keep_job(archive, replace(job, progress=Progress(3, 4, "reconstructing")))
        await settled(pilot, lambda: " 75 %" in screen_text(pilot.app))
        keep_job(archive, job.ended(State.DONE, time.time(), outputs=("/tmp/somewhere/mip.png",)))
        await settled(pilot, lambda: "✓ done" in screen_text(pilot.app))
        assert screen_text(pilot.app).count("/tmp/somewhere/mip.png") == 2
        assert "plane coronal" in screen_text(pilot.app)


async def test_a_job_is_stopped_by_its_key(archive, opened):
    code = (
        "import signal, sys, threading\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))\n"
        "print('ready', flush=True)\nthreading.Event().wait()"
    )
    with another_process(code) as process:
        process.stdout.readline()
        keep_job(archive, now_job(pid=process.pid))
        async with opened() as pilot:
            await pilot.press("J")
            await settled(pilot, lambda: "▶ running" in screen_text(pilot.app))
            await pilot.press("x")
            await settled(pilot, lambda: NOTIFIED == ["Job 1 has been asked to stop."])
            assert process.wait(10) == 130
            await settled(pilot, lambda: "✗ killed" in screen_text(pilot.app))  # it wrote no record
            await pilot.press("x")
            await settled(pilot, lambda: NOTIFIED[-1] == "Job 1 is over: killed.")


async def test_failures_say_why_and_paths_are_copied(archive, opened):
    done = now_job(subject="CT 3 Thorax").ended(
        State.DONE, time.time(), outputs=("/tmp/a.npy", "/tmp/a.json")
    )
    failed = now_job().ended(State.FAILED, time.time(), error="The disk is full.\x1b[31m")
    for job in (done, failed):
        keep_job(archive, job)
    async with opened() as pilot:
        await pilot.press("J")
        await settled(pilot, lambda: screen_text(pilot.app).count("The disk is full.") == 2)
        assert "\x1b" not in screen_text(pilot.app)
        await pilot.press("y")
        assert COPIED == []
        assert NOTIFIED == ["This job has written nothing."]
        await pilot.press("j", "y")
        assert COPIED == ["/tmp/a.npy"]
        assert "/tmp/a.npy and 1 more" in screen_text(pilot.app)


async def test_the_cursor_stays_on_its_job(archive, opened):
    jobs = [now_job(subject=f"CT {number}") for number in range(3)]
    for job in jobs:
        keep_job(archive, job)
    async with opened() as pilot:
        await pilot.press("J")
        await settled(pilot, lambda: "CT 0" in screen_text(pilot.app))
        await pilot.press("j")
        assert pilot.app.screen.rows.row.subject == "CT 1"
        keep_job(archive, now_job(subject="CT 9"))
        await settled(pilot, lambda: "CT 9" in screen_text(pilot.app))
        assert pilot.app.screen.rows.row.subject == "CT 1"


def test_rows_fill_their_width_whatever_they_hold():
    jobs = [
        now_job(number=7, progress=Progress(5, 4, "x" * 90)),
        now_job(number=12_345, subject="\u202eevil\x1b[2J", progress=Progress(0, None, "")),
        now_job(state=State.QUEUED),
        now_job().ended(State.CANCELLED, time.time()),
        now_job().ended(State.DONE, time.time(), outputs=("/x" * 300,)),
    ]
    for width in (40, 79, 120, 200):
        assert len(job_titles(width)) == max(width, 40)
        for job in jobs:
            text = "".join(text for text, _ in job_cells(job, width, time.time()))
            assert len(text) == max(width, 40), (width, text)
            assert "\x1b" not in text


def test_a_bar_is_as_long_as_it_says():
    for share in (0.0, 0.01, 0.5, 0.999, 1.0):
        done, rest = bar(share, 20)
        assert len(done + rest) == 20
    assert bar(0.0, 4) == ("", "····")
    assert bar(1.0, 4) == ("████", "")


def test_times_are_short():
    assert [duration(each) for each in (0, 59.9, 60, 3_599, 7_200, 200_000)] == [
        *("0 s", "59 s", "1 min", "59 min", "2 h", "2 d"),
    ]
