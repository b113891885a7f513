"""Exporting from the screen writes what the command writes, stops when told, and says what went wrong."""

import json
import time

import numpy as np
import phantoms
import pytest
from interface_apps import arrive, open_archive, running, screen_text, worklist_app
from interface_apps import settled as quiet
from PIL import Image
from textual import events
from viewing import files_in, reading, settled, take_in

from archive.job import State
from archive.jobs import cancel_job, jobs_of
from archive.local_archive import LocalArchive
from archive.pixels.voi_lut import Window
from archive.progress import Cancelled, Progress
from noctis_tui.cli import main
from noctis_tui.interface.exporting.dialog import ExportDialog
from noctis_tui.interface.exporting.offers import OFFERS, suggested_name
from noctis_tui.reading.export.formats import Format


@pytest.fixture
def archive(tmp_path):
    volume = np.random.default_rng(1).integers(0, 1000, (7, 24, 32)).astype(np.int16)
    phantoms.write_planes(tmp_path / "series", volume, spacing_mm=(2, 1, 1))
    with LocalArchive.open(tmp_path / "archive") as opened:
        take_in(opened, files_in(tmp_path / "series"))
        yield opened


async def _dialog(pilot, screen):
    await pilot.press("ctrl+x")
    dialog = await _there(pilot)
    await quiet(pilot, lambda: dialog._found is not None)
    return dialog


async def _there(pilot):
    await quiet(pilot, lambda: isinstance(pilot.app.screen, ExportDialog))
    return pilot.app.screen


async def _written(pilot, dialog, path):
    dialog.path.value = str(path)
    await pilot.press("enter")
    await quiet(pilot, lambda: pilot.app.screen is not dialog)


def _down_to(what: Format) -> list[str]:
    return ["j"] * next(place for place, offer in enumerate(OFFERS) if offer.format is what)


async def test_the_image_in_view_goes_out_as_it_is_windowed(archive, tmp_path, monkeypatch):
    out, same = tmp_path / "one.png", tmp_path / "same.png"
    async with reading(archive, size=(100, 30)) as (pilot, screen):
        await pilot.press("j", "j")
        await settled(pilot, screen)
        screen.change(screen.active.state.view.with_window(Window(300, 100)))
        shown = screen.active.state.frame.path
        dialog = await _dialog(pilot, screen)
        assert "This image   1 image, 1 file" in screen_text(pilot.app)
        await pilot.press("enter")
        assert dialog.path.value.startswith("~/noctis-")
        assert dialog.path.value.endswith(".png")
        await _written(pilot, dialog, out)
    render = ["noctis", "render", str(shown), "--window", "300", "100", "--out", str(same)]
    monkeypatch.setattr("sys.argv", render)
    main()
    assert list(Image.open(out).getdata()) == list(Image.open(same).getdata())


async def test_a_series_goes_out_as_dicom_and_the_audit_says_so(archive, tmp_path):
    out = tmp_path / "files"
    async with reading(archive, size=(100, 30)) as (pilot, screen):
        dialog = await _dialog(pilot, screen)
        await pilot.press("tab")
        await quiet(pilot, lambda: dialog._images == 7)
        await pilot.press(*_down_to(Format.DICOM), "enter")
        await _written(pilot, dialog, out)
    assert sorted(path.read_bytes() for path in out.iterdir()) == sorted(
        path.read_bytes() for path in files_in(tmp_path / "series")
    )
    exported = [json.loads(line) for line in _audit(archive) if '"exported"' in line]
    assert exported


def _audit(archive):
    return [line for path in archive.layout.root.rglob("*.jsonl") for line in path.read_text().splitlines()]


async def test_what_is_there_is_not_written_over(archive, tmp_path):
    out = tmp_path / "one.png"
    out.write_text("precious")
    async with reading(archive, size=(100, 30)) as (pilot, screen):
        dialog = await _dialog(pilot, screen)
        await pilot.press("enter")
        dialog.path.value = str(out)
        await pilot.press("enter")
        await quiet(pilot, lambda: dialog._token is None)
        assert pilot.app.screen is dialog
        assert out.read_text() == "precious"
        await pilot.press("escape")
        assert not dialog.path.display
        await pilot.press("escape")
        await quiet(pilot, lambda: pilot.app.screen is screen)


async def test_keys_typed_ahead_choose_a_format(archive):
    async with reading(archive) as (pilot, _screen):
        for key in ("ctrl+x", *"jjjjjjjj"):
            pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))
        for _ in range(500):
            await pilot.pause(0.01)
            dialog = pilot.app.screen
            if isinstance(dialog, ExportDialog) and dialog.list.cursor == len(OFFERS) - 1:
                return
        pytest.fail("keys were lost")


async def test_burning_in_is_said_before_it_is_done(archive):
    async with reading(archive, size=(100, 30)) as (pilot, screen):
        await _dialog(pilot, screen)
        assert "patient and drawings left out" in screen_text(pilot.app)
        await pilot.press("b")
        await quiet(pilot)
        assert "patient and drawings burned in" in screen_text(pilot.app)


async def test_de_identified_copies_name_nobody(archive, tmp_path):
    out = tmp_path / "free"
    async with reading(archive, size=(100, 30)) as (pilot, screen):
        dialog = await _dialog(pilot, screen)
        await pilot.press("b", "a")
        await quiet(pilot)
        assert "de-identified" in screen_text(pilot.app)
        assert "burned in" not in screen_text(pilot.app)
        await pilot.press("tab", *_down_to(Format.DICOM), "enter")
        await quiet(pilot, lambda: dialog.path.display)
        await _written(pilot, dialog, out)
    copies = [path.read_bytes() for path in out.iterdir()]
    assert len(copies) == 7
    assert all(b"Test^Truth" not in copy and b"T-1" not in copy for copy in copies)
    assert any('"dicom, de-identified"' in line for line in _audit(archive))


async def test_the_worklist_exports_the_study_under_the_cursor(tmp_path):
    with open_archive(tmp_path / "archive") as (archive, lease):
        arrive(archive, lease, 1, instances=2)
        async with running(worklist_app(archive)) as pilot:
            await quiet(pilot, lambda: pilot.app.screen.table.study is not None)
            await pilot.press("e")
            dialog = await _there(pilot)
            await quiet(pilot, lambda: dialog._found is not None)
            assert "This study" in screen_text(pilot.app)
            await pilot.press(*_down_to(Format.DICOM), "enter")
            await _written(pilot, dialog, tmp_path / "out")
    assert len(list((tmp_path / "out").iterdir())) == 2


@pytest.mark.parametrize(
    ("what", "images", "series", "suffix"),
    [
        (Format.PNG, 1, 1, ".png"),
        (Format.PNG, 2, 1, ""),
        (Format.GIF, 9, 1, ".gif"),
        (Format.NIFTI, 9, 2, ""),
        (Format.DICOM, 1, 1, ""),
        (Format.ZIP, 9, 2, ".zip"),
        (Format.CSV, 9, 2, ".csv"),
    ],
)
def test_a_name_fits_what_is_written(what, images, series, suffix):
    assert suggested_name(what, images=images, series=series, stamp="now") == f"noctis-now{suffix}"


async def test_an_error_of_a_library_ends_the_export_and_not_the_application(archive, tmp_path, monkeypatch):
    def fails(*_arguments, **_options):
        raise ValueError("of a library")

    monkeypatch.setattr("noctis_tui.reading.export.run.export", fails)
    async with reading(archive, size=(100, 30)) as (pilot, screen):
        dialog = await _dialog(pilot, screen)
        await pilot.press("enter")
        dialog.path.value = str(tmp_path / "one.png")
        await pilot.press("enter")
        await quiet(pilot, lambda: dialog._token is None)
        assert pilot.app.screen is dialog
        assert pilot.app.is_running


async def test_leaving_stops_what_is_written(archive, tmp_path, monkeypatch):
    tokens = []

    def waits(*_arguments, token, **_options):
        tokens.append(token)
        while not token.cancelled:
            time.sleep(0.01)
        raise Cancelled

    monkeypatch.setattr("noctis_tui.reading.export.run.export", waits)
    async with reading(archive, size=(100, 30)) as (pilot, screen):
        dialog = await _dialog(pilot, screen)
        await pilot.press("enter")
        dialog.path.value = str(tmp_path / "one.png")
        await pilot.press("enter")
        await quiet(pilot, lambda: bool(tokens))
        pilot.app.exit()
    assert tokens[0].cancelled


async def test_an_export_that_lasts_is_a_job_that_others_can_stop(archive, tmp_path, monkeypatch):
    def waits(*_arguments, token, listener, **_options):
        listener(Progress(3, 7, "writing"))
        while not token.cancelled:
            time.sleep(0.01)
        raise Cancelled

    monkeypatch.setattr("noctis_tui.reading.export.run.export", waits)
    async with reading(archive, size=(100, 30)) as (pilot, screen):
        dialog = await _dialog(pilot, screen)
        await pilot.press("enter")
        dialog.path.value = str(tmp_path / "one.png")
        await pilot.press("enter")
        await quiet(pilot, lambda: bool(jobs_of(archive.index)))
        (job,) = jobs_of(archive.index)
        assert (job.kind, job.subject, job.state) == ("export", "this image", State.RUNNING)
        assert (job.parameters["out"], job.progress.done) == (str(tmp_path / "one.png"), 3)
        cancel_job(job)
        await quiet(pilot, lambda: jobs_of(archive.index)[0].state is State.CANCELLED)
        await quiet(pilot, lambda: dialog._token is None)
        assert pilot.app.screen is dialog, "the interface goes on"
