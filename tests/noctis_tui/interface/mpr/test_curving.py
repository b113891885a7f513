"""Curves on the screen: points by keys and mouse, moving along, kept over a restart."""

from math import dist

import pytest
from mpr_screens import mpr_of, reading, settled, until
from viewing import files_in, take_in
from volume_phantoms import Grid, index_ramp, write_series

from archive.annotating import annotations_of
from archive.local_archive import LocalArchive
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.interface.mpr.screen import MprScreen
from noctis_tui.reading.reconstruction.plane_axes import Plane
from noctis_tui.reading.reconstruction.plane_placement import screen_point
from noctis_tui.reading.reconstruction.strip_lengths import image_point

GRID = Grid((12, 24, 20), (3.0, 1.0, 1.5), first_mm=(-15, -12, 40))


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    return write_series(tmp_path_factory.mktemp("ct"), GRID, index_ramp(GRID))


@pytest.fixture
def archive(tmp_path, series):
    with LocalArchive.open(tmp_path / "archive") as opened:
        take_in(opened, files_in(series[0].parent))
        yield opened


def title(screen):
    return str(screen.curve._title.content)


async def planes(pilot):
    await pilot.press("m")
    await until(pilot, lambda: isinstance(pilot.app.screen, MprScreen))
    await settled(pilot, pilot.app.screen)
    return pilot.app.screen


async def press(pilot, screen, *keys):
    await pilot.press(*keys)
    await pilot.pause()
    await settled(pilot, screen)


def kept(archive):
    study = archive.index.fetch("SELECT study_uid FROM study")[0][0]
    return annotations_of(archive.index, study).curves


async def test_a_curve_is_drawn_moved_along_and_kept(archive):
    async with reading(archive, size=(120, 40)) as (pilot, _):
        screen = await planes(pilot)
        await press(pilot, screen, "C")
        assert [pane.name for pane in screen.shown_panes] == ["axial", "coronal", "sagittal", "curve"]
        assert "Two points make a curve" in str(screen.curve._card.content)
        first = screen.state.crosshair_mm
        await press(pilot, screen, "enter", "right", "right", "j", "j", "j", "enter")
        second = screen.state.crosshair_mm
        assert screen.curving.editing.points_mm == (first, second)
        length = screen.curving.view.smooth.length_mm
        assert f"{length:.1f} of {length:.1f} mm" in title(screen)
        await press(pilot, screen, "h", "h")
        assert f"{length - 2:.1f} of {length:.1f} mm" in title(screen)
        assert screen.curving.view.arc_length_mm == pytest.approx(length - 2)
        await press(pilot, screen, "H")
        assert screen.state.crosshair_mm == pytest.approx(first)  # the planes came along
        await press(pilot, screen, "t", "r", ")")
        view = screen.curving.view
        assert (view.is_stretched, view.rotation_degrees, view.width_mm) == (True, 5.0, 62.5)
        assert "Stretched" in title(screen)
        await until(pilot, lambda: kept(archive) == screen.curving.editing.kept.curves)
        drawn = kept(archive)[0]
        assert drawn.points_mm == (first, second)
        assert drawn.frame_of_reference_uid == screen.sampling.volume.frame_of_reference_uid != ""
    async with reading(archive, size=(120, 40)) as (pilot, _):
        screen = await planes(pilot)
        await press(pilot, screen, "C")
        await until(pilot, lambda: screen.curving.view is not None)
        assert screen.curving.editing.curve == drawn
        await press(pilot, screen, "x")
        await until(pilot, lambda: kept(archive)[0].points_mm == (first,))
        await press(pilot, screen, "u")
        await until(pilot, lambda: kept(archive)[0].points_mm == (first, second))
        await press(pilot, screen, "X")
        await until(pilot, lambda: kept(archive) == ())


async def test_points_are_chosen_moved_inserted_undone_and_the_surface_comes_back(archive):
    async with reading(archive, size=(120, 40)) as (pilot, _):
        screen = await planes(pilot)
        await press(pilot, screen, "C", "enter", "J", "enter", "right", "right", "right")
        first, last = screen.curving.editing.points_mm
        await press(pilot, screen, "m")
        moved = screen.curving.editing.points_mm[1]
        assert moved == screen.state.crosshair_mm != last
        await press(pilot, screen, "N")
        assert screen.state.crosshair_mm == first
        assert screen.curving.view.arc_length_mm == pytest.approx(0, abs=1e-3)
        await press(pilot, screen, "j", "I")
        assert len(screen.curving.editing.points_mm) == 3
        assert screen.curving.editing.selected == 1
        await press(pilot, screen, "u", "u", "ctrl+r")
        assert screen.curving.editing.points_mm == (first, moved)
        await press(pilot, screen, "escape", "M")
        assert screen.curving.view.projection is Projection.MAX
        await press(pilot, screen, "3")
        assert screen.shown_panes[0].name == "turned"
        assert not screen.curve.display
        assert screen.curving.view is None


async def test_the_mouse_sets_points_and_goes_along_the_strip(archive):
    async with reading(archive, size=(120, 40)) as (pilot, _):
        screen = await planes(pilot)
        await press(pilot, screen, "C")
        pane = screen.pane_of(Plane.CORONAL)
        for away in ((-10.0, 0.0, -12.0), (8.0, 0.0, 12.0)):
            there = tuple(a + b for a, b in zip(screen.state.box.center_mm, away, strict=True))
            at = screen_point(screen.state, Plane.CORONAL, there, pane.picture.pixel_size)
            pane.post_message(pane.Pressed(pane, 1, at))
            pane.post_message(pane.Released(pane))
            await pilot.pause()
        await settled(pilot, screen)
        points = screen.curving.editing.points_mm
        assert len(points) == 2
        assert points[1][2] - points[0][2] == pytest.approx(24, abs=3)
        width, height = screen.curve.picture.pixel_size
        screen.curve.post_message(screen.curve.Pressed(screen.curve, 1, (width / 2, height - 5)))
        await pilot.pause()
        await settled(pilot, screen)
        length = screen.curving.view.smooth.length_mm
        assert screen.curving.view.arc_length_mm == pytest.approx(length / 2, abs=3)
        assert screen.active is screen.curve
        await press(pilot, screen, "j")  # along the curve, while its pane has the keys
        assert screen.curving.view.arc_length_mm == pytest.approx(length / 2 + 1, abs=3)


async def test_without_an_archive_it_says_so(series):
    async with mpr_of(series) as (pilot, screen):
        await press(pilot, screen, "C", "enter")
        assert screen.curving.editing.curve is None


async def a_curve(pilot, screen):
    """Lay a curve of two points down through the volume, and give its pane the keys."""
    await press(pilot, screen, "C", "c", "K", "enter", "shift+down", "enter", "escape")
    while screen.active is not screen.curve:
        await press(pilot, screen, "tab")


def measured(screen):
    return [length.mm for length in screen.measuring.strip.lengths.drawn]


async def test_lengths_are_measured_along_the_strip_by_keys(archive):
    async with reading(archive, size=(120, 40)) as (pilot, _):
        screen = await planes(pilot)
        await a_curve(pilot, screen)
        points = screen.curving.editing.points_mm
        await press(pilot, screen, "d", "shift+left", "shift+left", "shift+left", "enter")
        await press(pilot, screen, "shift+right", "shift+right", "shift+right", "shift+right", "enter")
        assert measured(screen) == [pytest.approx(dist(*points), abs=0.5)]
        assert screen.measuring.lengths.drawn == (), "nothing of it is on the planes"
        await press(pilot, screen, "down", "down", "down", "enter", "up", "up", "up", "up", "enter")
        assert measured(screen)[1] == pytest.approx(4.0)
        assert "4.00 mm" in str(screen.query_one("#mpr-footer").content)
        await press(pilot, screen, "N", "up", "m")
        assert measured(screen)[1] == pytest.approx(3.0)
        await press(pilot, screen, "x")
        assert len(measured(screen)) == 1
        await press(pilot, screen, "escape", "C", "t", "escape")
        assert measured(screen) == [], "it is not a length of the stretched picture"
        await press(pilot, screen, "C", "t", "escape", "d", "X")
        assert measured(screen) == []


async def test_lengths_are_measured_along_the_strip_by_dragging(archive):
    async with reading(archive, size=(120, 40)) as (pilot, _):
        screen = await planes(pilot)
        await a_curve(pilot, screen)
        await press(pilot, screen, "d")
        layout, pane = screen.curve.layout_shown, screen.curve
        start = layout.screen_point(image_point(layout.grid, (5.0, -6.0, 0.0)))
        end = layout.screen_point(image_point(layout.grid, (14.0, 6.0, 0.0)))
        pane.post_message(pane.Pressed(pane, 1, start))
        pane.post_message(pane.Dragged(pane, 1, start, end, is_faster=False))
        pane.post_message(pane.Released(pane))
        await pilot.pause()
        await settled(pilot, screen)
        assert measured(screen) == [pytest.approx(15.0)]
        nearer = layout.screen_point(image_point(layout.grid, (5.0, 6.0, 0.0)))
        pane.post_message(pane.Pressed(pane, 1, end))
        pane.post_message(pane.Dragged(pane, 1, end, nearer, is_faster=False))
        pane.post_message(pane.Released(pane))
        await pilot.pause()
        await settled(pilot, screen)
        assert measured(screen) == [pytest.approx(12.0)], "the end that was taken hold of moves"
