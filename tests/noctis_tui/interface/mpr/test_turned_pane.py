import numpy as np
import pytest
from mpr_screens import mpr_of, settled, until
from volume_phantoms import Grid, sphere, write_series

from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.reading.reconstruction.projected_window import HIGHEST_HU
from noctis_tui.reading.reconstruction.turned_state import Look

GRID = Grid((14, 24, 20), (3.0, 1.5, 1.5))


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    ball = sphere(GRID.center_mm, 12, 900, -1000)
    return write_series(tmp_path_factory.mktemp("ball"), GRID, ball)


async def press(pilot, screen, *keys):
    await pilot.press(*keys)
    await pilot.pause()
    await settled(pilot, screen)


def title(screen):
    return str(screen.turned._title.content).strip()


async def test_the_fourth_pane_shows_the_projection_and_arrows_turn_it(series):
    async with mpr_of(series) as (pilot, screen):
        assert title(screen).startswith("MIP")
        crosshair = screen.state.crosshair_mm
        await press(pilot, screen, "shift+tab", "right", "shift+right", "up")
        assert screen.active is screen.turned
        assert (screen.turned.state.azimuth, screen.turned.state.elevation) == (33, 3)
        assert "from 33° left, 3° up" in title(screen)
        assert screen.state.crosshair_mm == crosshair
        await press(pilot, screen, "M")
        assert screen.turned.state.projection is Projection.MIN
        assert screen.state.projection is Projection.NONE
        await press(pilot, screen, "+")
        assert screen.turned.state.zoom == pytest.approx(1.25)
        await press(pilot, screen, ".")
        assert screen.turned.state.orientation == (1, 0, 0, 0, 0, -1)


async def test_3_shows_the_surface_and_again_the_projection(series):
    async with mpr_of(series, size=(80, 24)) as (pilot, screen):
        await press(pilot, screen, "3")
        assert screen.shown_panes == (screen.turned,)
        assert screen.turned.state.look is Look.SURFACE
        assert title(screen).startswith("Surface: Bone")
        await press(pilot, screen, "}")
        assert screen.turned.level.threshold == 325
        await press(pilot, screen, "M")
        assert screen.turned.level.name == "Bone"
        await press(pilot, screen, "M")
        assert screen.turned.level.name == "Soft tissue"
        await press(pilot, screen, "3")
        assert screen.turned.state.look is Look.PROJECTION


async def test_the_projection_has_a_window_of_its_own(series):
    async with mpr_of(series) as (pilot, screen):
        of_planes = screen.state.view
        assert screen.windowing.view.window == of_planes.window
        await press(pilot, screen, "shift+tab")
        assert screen.windowing.view.window == HIGHEST_HU
        await press(pilot, screen, "w", "l", "escape")
        assert screen.turned.state.window.width > HIGHEST_HU.width
        assert screen.state.view == of_planes
        await press(pilot, screen, "i")
        assert screen.state.view.inverted
        await press(pilot, screen, "a", "1")
        assert screen.state.view.window_name
        assert screen.turned.state.window.width > HIGHEST_HU.width
        await press(pilot, screen, ".")
        assert screen.turned.state.window is None
        await press(pilot, screen, "shift+tab", "w", "l", "escape", "M")
        assert screen.turned.state.window is None, "a window for the highest values suits the lowest no more"


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_a_projection_of_mr_begins_with_the_window_of_what_is_projected(tmp_path, size):
    def field(points_mm):
        """Tissue of 100 to 200, and a vessel of 700 to 780 through it."""
        tissue = np.where(points_mm[..., 0] > 10, 100, 200)
        away = np.hypot(points_mm[..., 0] - 12, points_mm[..., 1] - 16)
        return np.where(away < 4, 700 + 2 * points_mm[..., 2], tissue)

    paths = write_series(tmp_path, GRID, field, Modality="MR", WindowCenter="150", WindowWidth="120")
    async with mpr_of(paths, size=size) as (pilot, screen):
        await press(pilot, screen, "shift+tab")
        window = screen.windowing.view.window
        assert (window.center - window.width / 2, window.center + window.width / 2) == pytest.approx(
            (100, 780), abs=110
        )
        shown = f"W {window.width:g} L {window.center:.0f}"
        assert shown in title(screen)
        assert screen.source.voi(screen.state.view).width == 120
        await press(pilot, screen, "3")
        assert shown not in title(screen), "a surface has no window"


async def test_playing_turns_the_only_volume(series):
    async with mpr_of(series) as (pilot, screen):
        await pilot.press("p")
        await until(pilot, lambda: screen.turned.state.azimuth >= 6)
        await press(pilot, screen, "p")
        azimuth = screen.turned.state.azimuth
        await pilot.pause(0.3)
        assert screen.turned.state.azimuth == azimuth


async def test_the_oblique_tool_turns_the_volume_where_that_has_the_keys(series):
    async with mpr_of(series) as (pilot, screen):
        axes = screen.state.axes
        await press(pilot, screen, "o", "shift+tab", "right", "up")
        assert (screen.turned.state.azimuth, screen.turned.state.elevation) == (3, 3)
        assert screen.state.axes == axes


async def test_a_pane_that_was_put_away_before_it_was_drawn_is_drawn_as_it_comes_back(series):
    async with mpr_of(series) as (pilot, screen):
        await pilot.press("]", "right", "enter", "c", "right", "enter", "enter", "enter")
        await settled(pilot, screen)
        assert len(screen.shown_panes) == 4


async def test_dragging_turns_and_the_wheel_magnifies(series):
    async with mpr_of(series) as (pilot, screen):
        await pilot.mouse_down(screen.turned.picture, offset=(20, 8))
        await pilot.hover(screen.turned.picture, offset=(10, 8))
        await pilot.mouse_up(screen.turned.picture, offset=(10, 8))
        await settled(pilot, screen)
        share = 10 / screen.turned.picture.size.width
        assert screen.turned.state.azimuth == pytest.approx(180 * share)
        assert np.allclose(screen.turned.state.elevation, 0)
