import time

import numpy as np
import pytest
from mpr_screens import mpr_of, reading, settled, until
from viewing import files_in, take_in
from volume_phantoms import CORONAL, Grid, index_ramp, write_phases, write_series

from archive.local_archive import LocalArchive
from archive.pixels.voi_lut import Window
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.interface.mpr.screen import MprScreen
from noctis_tui.interface.viewer.screen import ViewerScreen
from noctis_tui.reading.reconstruction.plane_axes import PATIENT_AXES, Plane
from noctis_tui.reading.reconstruction.plane_picture import plane_picture
from noctis_tui.reading.reconstruction.plane_placement import px_per_mm, screen_point
from noctis_tui.reading.viewport import ViewState

GRID = Grid((12, 24, 20), (3.0, 1.0, 1.5), first_mm=(-15, -12, 40))
MIDDLE = (0.0, 0.0, 58.0)


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    return write_series(tmp_path_factory.mktemp("ct"), GRID, index_ramp(GRID))


@pytest.fixture(scope="module")
def phases(tmp_path_factory):
    fields = [index_ramp(GRID, first=first) for first in (-200, 0, 300)]
    return [path for phase in write_phases(tmp_path_factory.mktemp("4d"), GRID, fields) for path in phase]


async def press(pilot, screen, *keys):
    await pilot.press(*keys)
    await pilot.pause()
    await settled(pilot, screen)


def footer(screen):
    return str(screen.query_one("#mpr-footer").content)


def title(screen, plane):
    return str(screen.pane_of(plane)._title.content).strip()


def card(screen):
    return str(screen.query_one("#mpr-card").content)


def voxel(screen):
    return screen.state.box.nearest_voxel(screen.state.crosshair_mm)


async def test_three_planes_are_shown_through_the_window_of_the_viewer(series):
    view = ViewState().with_window(Window(60, 350), "Abdomen")
    async with mpr_of(series, view=view) as (_, screen):
        assert [pane.name for pane in screen.shown_panes] == ["axial", "coronal", "sagittal", "turned"]
        assert screen.state.crosshair_mm == pytest.approx(MIDDLE, abs=1.5)
        assert screen.state.view.window == Window(60, 350)
        assert [title(screen, plane) for plane in Plane] == ["Axial", "Coronal", "Sagittal"]


async def test_arrows_move_the_crosshair_by_voxels_of_the_active_pane(series):
    async with mpr_of(series) as (pilot, screen):
        k, j, i = voxel(screen)
        await press(pilot, screen, "right", "right", "up")
        assert voxel(screen) == (k, j - 1, i + 2)
        await press(pilot, screen, "c", "down")  # coronal: the feet are below
        assert voxel(screen) == (k - 1, j - 1, i + 2)
        await press(pilot, screen, "shift+left")
        assert voxel(screen) == (k - 1, j - 1, i - 8)
        await press(pilot, screen, "s", "left")  # sagittal: the front is on the left
        assert voxel(screen) == (k - 1, j - 2, i - 8)


async def test_the_footer_tells_the_value_of_the_voxel_at_the_crosshair(series):
    async with mpr_of(series) as (pilot, screen):
        await press(pilot, screen, "right", "down", "j")
        k, j, i = voxel(screen)
        value = 31 * k - 7 * j + 5 * i - 200
        assert f"{value} HU".replace("-", "−") in footer(screen)
        x, y, z = GRID.point_mm(k, j, i)
        assert f"{'L' if x >= 0 else 'R'}{abs(x):.1f}" in footer(screen)
        assert f"{'P' if y >= 0 else 'A'}{abs(y):.1f} H{z:.1f} mm" in footer(screen)


async def test_slices_scroll_along_the_normal_and_stop_at_the_ends(series):
    async with mpr_of(series) as (pilot, screen):
        k, j, i = voxel(screen)
        await press(pilot, screen, "j", "j", "k")
        assert voxel(screen) == (k + 1, j, i)
        await press(pilot, screen, "G")
        assert voxel(screen) == (11, j, i)
        await press(pilot, screen, "g")
        assert voxel(screen) == (0, j, i)
        await press(pilot, screen, "c", "G")
        assert voxel(screen) == (0, 23, i)


async def test_a_small_terminal_begins_with_one_pane_and_keys_go_through_them(series):
    async with mpr_of(series, size=(80, 24)) as (pilot, screen):
        assert screen.shown_panes == (screen.pane_of(Plane.AXIAL),)
        await press(pilot, screen, "c")
        assert screen.shown_panes == (screen.pane_of(Plane.CORONAL),)
        assert screen.pane_of(Plane.CORONAL).size.height == 22
        await press(pilot, screen, "tab")
        assert screen.plane is Plane.SAGITTAL
        await press(pilot, screen, "enter")
        assert len(screen.shown_panes) > 1
        assert screen.pane_of(Plane.SAGITTAL).has_class("-active")


async def test_planes_beside_each_other_have_panes_of_one_size_and_so_one_scale(series):
    async with mpr_of(series, size=(121, 41)) as (pilot, screen):
        for size in ((121, 41), (120, 40), (121, 40), (120, 41)):
            await pilot.resize_terminal(*size)
            await settled(pilot, screen)
            sizes = {pane.picture.pixel_size for pane in screen.shown_panes}
            assert len(sizes) == 1
            scales = {px_per_mm(screen.state, plane, *sizes) for plane in Plane}
            assert len(scales) == 1
        await press(pilot, screen, "c", "enter")
        assert screen.pane_of(Plane.CORONAL).size.height == 39
        assert px_per_mm(screen.state, Plane.CORONAL, screen.active.picture.pixel_size) > max(scales)


async def test_a_terminal_that_is_too_small_says_so(series):
    async with mpr_of(series) as (pilot, screen):
        await pilot.resize_terminal(38, 9)
        await pilot.pause()
        assert "38x9" in str(screen.query_one("#too-small").content)
        assert not screen.query_one("#mpr-panes").display
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert screen.query_one("#mpr-panes").display


async def test_slabs_go_through_projections_and_thicknesses(series):
    async with mpr_of(series) as (pilot, screen):
        await press(pilot, screen, "M")
        assert screen.state.projection is Projection.MAX
        assert title(screen, Plane.AXIAL).split() == ["Axial", "MIP", "10", "mm"]
        await press(pilot, screen, "}", "}", "{", "M")
        assert (screen.state.projection, screen.state.slab_mm) == (Projection.MIN, 15)
        await press(pilot, screen, "M", "M")
        assert screen.state.projection is Projection.NONE
        assert title(screen, Plane.AXIAL) == "Axial"


async def test_the_oblique_tool_turns_and_esc_puts_it_away(series):
    async with mpr_of(series) as (pilot, screen):
        await press(pilot, screen, "o", "right", "shift+right")
        assert "OBLIQUE" in footer(screen)
        assert title(screen, Plane.CORONAL) == "Coronal, oblique"
        angle = np.degrees(np.arccos(screen.state.axes.normal(Plane.CORONAL)[1]))
        assert angle == pytest.approx(11)
        assert screen.state.axes.of(Plane.AXIAL) == PATIENT_AXES.of(Plane.AXIAL)
        await press(pilot, screen, "up", "<")
        assert screen.state.axes.of(Plane.AXIAL) != PATIENT_AXES.of(Plane.AXIAL)
        await press(pilot, screen, "escape", "right")
        assert pilot.app.screen is screen
        await press(pilot, screen, ".")
        assert screen.state.axes == PATIENT_AXES


async def test_planes_along_the_acquisition_and_back(tmp_path):
    tilted = Grid((8, 20, 20), (3, 1, 1), orientation=(1, 0, 0, 0, 0.8, 0.6))
    paths = write_series(tmp_path / "tilted", tilted, index_ramp(tilted))
    async with mpr_of(paths) as (pilot, screen):
        assert not screen.state.is_along_voxels
        await press(pilot, screen, "A")
        assert screen.state.is_along_voxels
        await press(pilot, screen, "A")
        assert screen.state.axes == PATIENT_AXES


async def test_window_keys_and_presets_are_the_viewers(series):
    async with mpr_of(series) as (pilot, screen):
        await press(pilot, screen, "1")
        first = screen.state.view.window
        assert screen.state.view.window_name
        await press(pilot, screen, "w", "l", "escape")
        assert screen.state.view.window.width > first.width
        await press(pilot, screen, "0")
        low, high = -200 - 7 * 23, -200 + 31 * 11 + 5 * 19
        assert screen.state.view.window.center == pytest.approx((low + high) / 2)
        assert screen.state.view.window.width == pytest.approx(high - low)
        await press(pilot, screen, "i", "~")
        assert screen.state.view.inverted
        assert screen.state.view.window is None


async def test_zoom_and_pan_are_of_the_active_pane(series):
    async with mpr_of(series) as (pilot, screen):
        await press(pilot, screen, "+", "t", "l", "escape")
        assert screen.state.zoom_of(Plane.AXIAL).zoom == pytest.approx(1.25)
        assert screen.state.zoom_of(Plane.AXIAL).right_mm < 0
        assert screen.state.zoom_of(Plane.CORONAL).zoom == 1
        await press(pilot, screen, "=")
        assert screen.state.zoom_of(Plane.AXIAL).zoom == 1


async def test_a_magnified_plane_follows_the_crosshair(series):
    async with mpr_of(series) as (pilot, screen):
        await press(pilot, screen, *["+"] * 8, *["right"] * 9)
        size = screen.active.picture.pixel_size
        x, y = screen_point(screen.state, Plane.AXIAL, screen.state.crosshair_mm, size)
        assert 0 <= x <= size[0]
        assert 0 <= y <= size[1]
        assert screen.state.zoom_of(Plane.AXIAL).right_mm > 0


async def test_a_click_puts_the_crosshair_there_and_a_drag_takes_it_along(series):
    async with mpr_of(series) as (pilot, screen):
        pane = screen.pane_of(Plane.CORONAL)
        await pilot.mouse_down(pane.picture, offset=(20, 10))
        await settled(pilot, screen)
        assert screen.plane is Plane.CORONAL
        size, clicked = pane.picture.pixel_size, screen.state.crosshair_mm
        x, y = screen_point(screen.state, Plane.CORONAL, clicked, size)
        assert abs(x - 20.5) < 2.5
        assert abs(y - 21) < 5  # slices are 3 mm apart
        await pilot.hover(pane.picture, offset=(30, 10))
        await pilot.mouse_up(pane.picture, offset=(30, 10))
        await settled(pilot, screen)
        moved = np.subtract(screen.state.crosshair_mm, clicked)
        assert moved[0] > 1
        assert abs(moved[1]) < 1e-9


async def test_a_double_click_maximises_and_the_wheel_scrolls_the_pane_below_it(series):
    async with mpr_of(series) as (pilot, screen):
        await pilot.click(screen.pane_of(Plane.SAGITTAL).picture, times=2)
        await settled(pilot, screen)
        assert screen.shown_panes == (screen.pane_of(Plane.SAGITTAL),)


async def test_phases_are_stepped_chosen_and_played_at_the_same_place(phases):
    async with mpr_of(phases) as (pilot, screen):
        assert len(screen.names) == 3
        place = screen.state.crosshair_mm
        value = screen.sampling.value_at(place)
        await press(pilot, screen, "]")
        assert (screen.number, screen.state.crosshair_mm) == (1, place)
        assert screen.sampling.value_at(place) == value + 200
        await press(pilot, screen, "[", "[")
        assert screen.number == 2
        await pilot.press("p")
        await until(pilot, lambda: screen.number == 1)
        await press(pilot, screen, "p")
        number = screen.number
        await pilot.pause(0.3)
        assert screen.number == number


async def test_a_series_that_is_no_volume_says_why_in_the_place_of_the_pictures(tmp_path):
    paths = write_series(tmp_path / "gap", GRID, index_ramp(GRID))
    async with mpr_of([*paths[:5], *paths[6:]]) as (pilot, screen):
        assert "1 slice is missing" in card(screen)
        assert not screen.query_one("#mpr-panes").display
        await pilot.press(
            "3",
            "w",
            "l",
            "escape",
            "a",
            "right",
            "M",
            "1",
            "0",
            "~",
            "o",
            "right",
            "escape",
            "A",
            ".",
            "]",
            "p",
            "+",
            "i",
        )
        assert pilot.app.screen is screen
        assert screen.query_one("#mpr-card").display


async def test_more_of_an_arriving_series_is_taken_up(series):
    from mpr_screens import MprSource, NoctisApp, Preferences, read_frame
    from viewing import BLOCKS

    come = list(series[:1])
    source = MprSource(lambda: tuple(come), read_frame(series[0], 0), ViewState())
    screen = MprScreen(source)
    async with NoctisApp(None, BLOCKS, Preferences(), lambda: screen).run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "single image" in card(screen))
        come.extend(series[1:])
        await until(pilot, lambda: screen.state is not None)
        await settled(pilot, screen)
        assert not screen.has_class("-refused")
        assert screen.state.box.shape == GRID.shape


@pytest.fixture
def archive(series):
    with LocalArchive.temporary() as temporary:
        take_in(temporary, files_in(series[0].parent))
        yield temporary


async def test_m_opens_the_planes_at_the_slice_in_view_and_esc_goes_back(archive):
    async with reading(archive, size=(120, 40)) as (pilot, viewer):
        await pilot.press("j", "j", "m")
        await until(pilot, lambda: isinstance(pilot.app.screen, MprScreen))
        screen = pilot.app.screen
        await settled(pilot, screen)
        assert voxel(screen)[0] == 2
        assert "Test" in str(screen.query_one("#mpr-header").content)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is viewer)
        assert isinstance(pilot.app.screen, ViewerScreen)
        await pilot.press("m")
        await until(pilot, lambda: isinstance(pilot.app.screen, MprScreen))
        await pilot.press("q")
        await until(pilot, lambda: pilot.app.screen is viewer)


async def test_coronal_slices_make_the_same_three_planes(tmp_path):
    grid = Grid((10, 24, 20), (3.0, 1.0, 1.5), CORONAL, (-15, -12, 40))
    async with mpr_of(write_series(tmp_path / "coronal", grid, index_ramp(grid))) as (pilot, screen):
        k, j, i = voxel(screen)
        await press(pilot, screen, "j")  # axial: one row up, to the head
        assert voxel(screen) == (k, j - 1, i)
        await press(pilot, screen, "c", "j")
        assert voxel(screen) == (k + 1, j - 1, i)


async def test_a_file_that_vanishes_while_loading_leaves_no_half_volume_standing(tmp_path):
    fields = [index_ramp(GRID, first=first) for first in (-200, 0, 300)]
    paths = [path for phase in write_phases(tmp_path, GRID, fields) for path in phase]
    broken = paths[GRID.shape[0] + 4]
    broken.write_bytes(broken.read_bytes()[:-20])
    async with mpr_of(paths) as (pilot, screen):
        await until(pilot, lambda: screen.progress is None and screen._loading.failure(1))
        await press(pilot, screen, "]")
        await until(pilot, lambda: screen.has_class("-refused"))
        assert screen.number == 1
        assert broken.name in card(screen)
        await pilot.pause(0.15)
        assert "volume" in footer(screen)
        assert "crosshair" not in footer(screen)
        await press(pilot, screen, "]")
        await until(pilot, lambda: screen.number == 2 and not screen.has_class("-refused"))
        assert screen.query_one("#mpr-panes").display


async def test_keys_that_come_faster_than_pictures_draw_only_what_can_be_seen(series, monkeypatch):
    drawn = []

    def slow(sampled, state, plane, *args, **kwargs):
        drawn.append((plane, state.crosshair_mm))
        time.sleep(0.02)  # a pane takes longer than the time between two repeated keys
        return plane_picture(sampled, state, plane, *args, **kwargs)

    async with mpr_of(series) as (pilot, screen):
        monkeypatch.setattr("noctis_tui.interface.mpr.plane_pane.plane_picture", slow)
        for turn in range(60):
            screen.change(screen.state.moved(Plane.AXIAL, right=1 if turn % 20 < 10 else -1))
            if turn % 10 == 9:
                await pilot.pause(0.01)
        await press(pilot, screen, "right")
        await until(pilot, lambda: {(plane, screen.state.crosshair_mm) for plane in Plane} <= set(drawn))
        assert len(drawn) < 3 * 30


async def test_the_panes_are_laid_out_again_when_the_terminal_changes_its_size(series):
    async with mpr_of(series, size=(120, 40)) as (pilot, screen):

        async def resized(width, height):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            await settled(pilot, screen)
            return len(screen.shown_panes)

        assert len(screen.shown_panes) == 4
        assert await resized(80, 24) == 1
        assert await resized(90, 26) == 1
        await pilot.press("enter")
        assert await resized(84, 25) == 4, "the reader asked for all"
        assert await resized(130, 40) == 4
        await pilot.press("enter")
        assert await resized(140, 42) == 1, "the reader asked for one"
        assert await resized(80, 24) == 1
        assert await resized(120, 40) == 4
