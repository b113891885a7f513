"""What a pane of the planes shows is written as files by a job that outlives the screen."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pydicom
import pytest
from mpr_screens import mpr_of, reading, settled, until
from receiver_process import ENVIRONMENT
from viewing import files_in, take_in
from volume_phantoms import Grid, index_ramp, write_series

from archive.job import State
from archive.jobs import jobs_of
from archive.local_archive import LocalArchive
from noctis_tui.imaging.curves.curved import curved_values
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.interface.mpr.screen import MprScreen
from noctis_tui.interface.mpr.writing import along_curve, requested
from noctis_tui.reading.reconstructing.request import CurveView as CurveWay
from noctis_tui.reading.reconstructing.request import Kind, Reconstruction
from noctis_tui.reading.reconstruction.curve_layout import CurveView
from noctis_tui.reading.reconstruction.plane_axes import Plane
from noctis_tui.reading.reconstruction.state import MprState
from noctis_tui.reading.reconstruction.volume_box import VolumeBox
from noctis_tui.reading.volume_loading import load_volumes

GRID = Grid((6, 12, 10), (3.0, 1.0, 1.5), first_mm=(-15, -12, 40))
BOX = VolumeBox(GRID.shape, (-15.0, -12.0, 40.0), ((0, 0, 1), (0, 1, 0), (1, 0, 0)), GRID.spacing_mm)


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("PYTHONPATH", ENVIRONMENT["PYTHONPATH"])
    return folder


def written(home):
    return [path for path in home.iterdir() if path.name.startswith("noctis-")]


async def test_files_outside_an_archive_are_written_too(tmp_path, home):
    paths = write_series(tmp_path / "ct", GRID, index_ramp(GRID))
    async with mpr_of(paths) as (pilot, screen):
        await pilot.press("c", "ctrl+x")
        await until(pilot, lambda: pilot.app.screen is not screen)
        await pilot.press("enter")
        await until(pilot, lambda: bool(written(home)))
    (folder,) = written(home)
    assert len(list(folder.iterdir())) == GRID.shape[1]


async def test_in_an_archive_it_is_a_job(tmp_path, home):
    write_series(tmp_path / "ct", GRID, index_ramp(GRID), SeriesDescription="Ramp")
    with LocalArchive.open(tmp_path / "archive") as archive:
        take_in(archive, files_in(tmp_path / "ct"))
        async with reading(archive, size=(120, 40)) as (pilot, _):
            pilot.app.archive = archive
            await pilot.press("m")
            await until(pilot, lambda: isinstance(pilot.app.screen, MprScreen))
            screen = pilot.app.screen
            await settled(pilot, screen)
            await until(pilot, lambda: screen.source.entry() is not None)
            await pilot.press("ctrl+x")
            await until(pilot, lambda: pilot.app.screen is not screen)
            await pilot.press("enter")
            await until(pilot, lambda: [job.state for job in jobs_of(archive.index)] == [State.DONE])
        (job,) = jobs_of(archive.index)
    (folder,) = written(home)
    assert job.outputs == (str(folder),)
    assert job.subject.endswith("Ramp")
    assert pydicom.dcmread(min(folder.iterdir())).ImageType[2] == "MPR"


def test_planes_along_the_voxels_are_named_and_others_are_not():
    state = MprState.of(BOX)
    assert requested(state, Plane.CORONAL, 0, 1) == Reconstruction(Kind.MPR, plane="coronal")
    turned = state.spun(Plane.AXIAL, 30)
    asked = requested(turned, Plane.CORONAL, 1, 3)
    assert (asked.kind, asked.plane, asked.volume) == (Kind.MPR, None, 2)
    assert asked.normal == turned.axes.normal(Plane.CORONAL)
    assert asked.up == pytest.approx((0, 0, 1))
    slab = MprState(BOX, state.crosshair_mm, state.axes, state.axes, Projection.MIN, 12.0)
    assert requested(slab, Plane.AXIAL, 0, 1) == Reconstruction(Kind.MINIP, plane="axial", slab_mm=12.0)
    assert requested(slab, None, 0, 1, Projection.MEAN) == Reconstruction(Kind.MEAN, rotate=36)


async def write_along_a_curve(pilot, down):
    """Lay a curve, turn its picture, give it the keys, and take one of what is offered."""
    await pilot.press("m")
    await until(pilot, lambda: isinstance(pilot.app.screen, MprScreen))
    screen = pilot.app.screen
    await settled(pilot, screen)
    await until(pilot, lambda: screen.source.entry() is not None)
    await pilot.press("C", "enter", "j", "j", "right", "right", "enter", "r", "escape")
    await settled(pilot, screen)
    await pilot.press("tab", "tab", "tab", "ctrl+x")
    await until(pilot, lambda: pilot.app.screen is not screen)
    view = screen.curving.view
    await pilot.press(*["down"] * down, "enter")
    return view


@pytest.mark.parametrize(("down", "names"), [(0, {".png"}), (1, {".npy", ".json"}), (2, {""}), (3, {""})])
async def test_pictures_along_a_curve_are_written_by_a_job(tmp_path, home, down, names):
    write_series(tmp_path / "ct", GRID, index_ramp(GRID), SeriesDescription="Ramp")
    with LocalArchive.open(tmp_path / "archive") as archive:
        take_in(archive, files_in(tmp_path / "ct"))
        async with reading(archive, size=(120, 40)) as (pilot, _):
            pilot.app.archive = archive
            view = await write_along_a_curve(pilot, down)
            await until(pilot, lambda: [job.state for job in jobs_of(archive.index)] == [State.DONE])
        (job,) = jobs_of(archive.index)
    assert (job.kind, job.parameters["points"]) == ("curved", 2)
    assert {path.suffix for path in written(home)} == names
    if names == {".npy", ".json"}:
        (path,) = (path for path in written(home) if path.suffix == ".npy")
        values = np.load(path)
        (volume,) = load_volumes(sorted((tmp_path / "ct").iterdir())).volumes
        np.testing.assert_allclose(values, curved_values(volume, view.grid(1.0)), atol=1e-3)
    elif down == 2:
        (file,) = written(home)[0].iterdir()
        assert pydicom.dcmread(file).ImageType[2] == "CPR"
    elif down == 3:
        sections = [pydicom.dcmread(path) for path in written(home)[0].iterdir()]
        assert len(sections) == int(view.smooth.length_mm) + 1
        assert all(len(section.ImagePositionPatient) == 3 for section in sections)


def test_a_strip_is_asked_for_as_it_is_looked_at():
    ends = (-10.0, -10.0, 42.0), (-5.0, -5.0, 50.0)
    view = replace(
        CurveView(ends, None, 35.0, 62.5), is_stretched=True, slab_mm=5.0, projection=Projection.MAX
    )
    asked = along_curve(view, 1, 2)
    assert (asked.curve_view, asked.width_mm, asked.begin_degrees) == (CurveWay.STRETCHED, 62.5, 35.0)
    assert (asked.slab_mm, asked.slab_projection, asked.volume) == (5.0, "max", 2)
    assert Reconstruction.from_json(json.loads(json.dumps(asked.to_json()))) == asked
    plain = along_curve(CurveView(ends), 0, 1)
    assert (plain.slab_mm, plain.curve_view, plain.volume) == (None, CurveWay.STRAIGHTENED, None)


async def test_without_a_curve_it_says_how_to_draw_one(tmp_path):
    async with mpr_of(write_series(tmp_path / "ct", GRID, index_ramp(GRID))) as (pilot, screen):
        await pilot.press("C", "escape", "shift+tab", "ctrl+x")
        await pilot.pause()
        assert pilot.app.screen is screen
        assert any("Two points make a curve" in str(note.message) for note in pilot.app._notifications)
