"""Lengths on the planes, by keys and mouse."""

from math import dist

import pytest
from mpr_screens import mpr_of, settled
from volume_phantoms import Grid, index_ramp, write_series

from noctis_tui.reading.reconstruction.plane_axes import Plane
from noctis_tui.reading.reconstruction.plane_placement import point_under, px_per_mm

GRID = Grid((12, 24, 20), (3.0, 1.0, 1.5), first_mm=(-15, -12, 40))


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    return write_series(tmp_path_factory.mktemp("ct"), GRID, index_ramp(GRID))


async def press(pilot, screen, *keys):
    await pilot.press(*keys)
    await pilot.pause()
    await settled(pilot, screen)


def footer(screen):
    return str(screen.query_one("#mpr-footer").content)


def lengths(screen):
    return [length.mm for length in screen.measuring.lengths.drawn]


async def test_keys_measure_from_voxel_to_voxel_and_tell_while_drawing(series):
    async with mpr_of(series) as (pilot, screen):
        await press(pilot, screen, "d", "enter", "right", "right")
        assert "LENGTH" in footer(screen)
        assert "3.00 mm" in footer(screen)
        await press(pilot, screen, "down", "down", "down", "down", "enter")
        assert lengths(screen) == [pytest.approx(5)]
        assert "5.00 mm" in footer(screen)
        await press(pilot, screen, "c", "enter", "down", "down", "enter")
        assert lengths(screen) == [pytest.approx(5), pytest.approx(6)]  # slices are 3 mm apart
        await press(pilot, screen, "N", "N", "right", "m")
        assert lengths(screen)[0] == pytest.approx(dist((0, 0), (4.5, 4)))
        await press(pilot, screen, "x")
        assert lengths(screen) == [pytest.approx(6)]
        await press(pilot, screen, "escape", "j", ".")
        assert lengths(screen) == [pytest.approx(6)]  # kept while the screen is open
        assert "6.00 mm" not in footer(screen)
        await press(pilot, screen, "d", "enter", "right", "escape")
        assert screen.measuring.lengths.being_drawn is None
        await press(pilot, screen, "d", "X")
        assert lengths(screen) == []


async def test_oblique_planes_are_measured_as_straight_ones_are(series):
    async with mpr_of(series) as (pilot, screen):
        await press(pilot, screen, "c", "o", "shift+right", "shift+right", "shift+right", "escape", "d")
        begun = screen.state.crosshair_mm
        await press(pilot, screen, "enter", "right", "right", "right", "enter")
        assert lengths(screen) == [pytest.approx(dist(begun, screen.state.crosshair_mm))]
        assert lengths(screen)[0] > 2.5
        assert screen.state.distance_mm(Plane.CORONAL, begun) == pytest.approx(0, abs=1e-9)


async def test_the_mouse_draws_by_dragging_and_by_clicking_and_moves_ends(series):
    async with mpr_of(series) as (pilot, screen):
        pane = screen.pane_of(Plane.CORONAL)
        await press(pilot, screen, "d")
        crosshair = screen.state.crosshair_mm
        await pilot.mouse_down(pane.picture, offset=(24, 8))
        await pilot.hover(pane.picture, offset=(34, 8))
        await settled(pilot, screen)
        assert screen.measuring.lengths.being_drawn is not None
        await pilot.mouse_up(pane.picture, offset=(34, 8))
        await settled(pilot, screen)
        scale = px_per_mm(screen.state, Plane.CORONAL, pane.picture.pixel_size)
        width_px = pane.picture.pixel_size[0] / pane.picture.size.width
        assert lengths(screen) == [pytest.approx(10 * width_px / scale)]
        assert screen.state.crosshair_mm == crosshair  # measuring moves nothing else
        drawn = screen.measuring.lengths.drawn[0]
        await pilot.mouse_down(pane.picture, offset=(34, 8))
        await pilot.hover(pane.picture, offset=(29, 8))
        await pilot.mouse_up(pane.picture, offset=(29, 8))
        await settled(pilot, screen)
        assert lengths(screen) == [pytest.approx(5 * width_px / scale)]
        assert screen.measuring.lengths.drawn[0].start_mm == drawn.start_mm
        await pilot.click(pane.picture, offset=(24, 14))
        await pilot.hover(pane.picture, offset=(27, 14))
        await settled(pilot, screen)
        assert screen.measuring.lengths.latest.mm == pytest.approx(3 * width_px / scale)
        await pilot.click(pane.picture, offset=(30, 14))
        await settled(pilot, screen)
        assert lengths(screen)[1:] == [pytest.approx(6 * width_px / scale)]


async def test_the_mouse_measures_no_farther_than_the_volume_reaches(series):
    async with mpr_of(series) as (pilot, screen):
        pane = screen.pane_of(Plane.AXIAL)
        await press(pilot, screen, "d")
        await pilot.mouse_down(pane.picture, offset=(1, 2))
        await pilot.mouse_up(pane.picture, offset=(1, 2))
        await settled(pilot, screen)
        begun = screen.measuring.lengths.being_drawn.start_mm
        assert screen.state.box.contains(begun)
        outside = point_under(screen.state, Plane.AXIAL, (1.5, 5), pane.picture.pixel_size)
        assert not screen.state.box.contains(outside)


async def test_what_is_no_plane_is_not_measured(series):
    async with mpr_of(series) as (pilot, screen):
        await press(pilot, screen, "3", "d", "enter", "x", "n", "N", "m", "backspace")
        await pilot.click(screen.turned.picture, offset=(20, 8))
        await settled(pilot, screen)
        assert lengths(screen) == []
        assert screen.measuring.lengths.being_drawn is None
