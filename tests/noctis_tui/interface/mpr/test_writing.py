"""What a pane of the planes shows is written as files by a job that outlives the screen."""

from __future__ import annotations

import pydicom
import pytest
from mpr_screens import mpr_of, reading, settled, until
from receiver_process import ENVIRONMENT
from viewing import files_in, take_in
from volume_phantoms import Grid, index_ramp, write_series

from archive.job import State
from archive.jobs import jobs_of
from archive.local_archive import LocalArchive
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.interface.mpr.screen import MprScreen
from noctis_tui.interface.mpr.writing import requested
from noctis_tui.reading.reconstructing.request import Kind, Reconstruction
from noctis_tui.reading.reconstruction.plane_axes import Plane
from noctis_tui.reading.reconstruction.state import MprState
from noctis_tui.reading.reconstruction.volume_box import VolumeBox

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
