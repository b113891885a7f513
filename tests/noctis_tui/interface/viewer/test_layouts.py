import pytest
from textual import events
from viewing import files_in, reading, settled, take_in

from archive.local_archive import LocalArchive
from noctis_tui.interface.viewer.layout_chooser import LayoutDialog
from noctis_tui.reading.grid import GRIDS, Grid


@pytest.fixture
def archive():
    with LocalArchive.temporary() as temporary:
        yield temporary


@pytest.fixture
def ct(archive, shared_data):
    take_in(archive, files_in(shared_data / "volumes" / "ct_chest_cmb_crc")[:12])
    return archive


async def _press(pilot, screen, *keys):
    await pilot.press(*keys)
    await pilot.pause()
    await settled(pilot, screen)


@pytest.mark.parametrize("grid", [grid for grid in GRIDS if grid.count > 1], ids=str)
async def test_every_grid_shows_its_panes_where_they_belong(ct, grid):
    async with reading(ct, size=(120, 40)) as (pilot, screen):
        await _press(pilot, screen, "F", str(grid.rows), str(grid.columns))
        shown = screen.shown_panes
        assert screen.grid == grid
        assert len(shown) == grid.count == sum(pane.display for pane in screen.panes if pane.is_attached)
        corners = {(pane.region.x, pane.region.y) for pane in shown}
        assert len({x for x, _ in corners}) == grid.columns
        assert len({y for _, y in corners}) == grid.rows
        assert len({pane.picture._canvas for pane in shown}) == grid.count


async def test_keys_typed_ahead_go_to_the_dialog_and_those_behind_it_to_the_viewer(ct):
    async with reading(ct, size=(120, 40)) as (pilot, screen):
        for key in ("F", "enter", "enter", "G", "k"):
            pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))
        for _ in range(500):
            await pilot.pause(0.01)
            if screen.active.state.frame_index:
                break
        await settled(pilot, screen)
        assert pilot.app.screen is screen
        assert screen.active.state.frame_index == 10


async def test_only_one_pane_is_there_until_a_layout_needs_more(ct):
    async with reading(ct, size=(120, 40)) as (pilot, screen):
        assert [pane.is_attached for pane in screen.panes].count(True) == 1
        await _press(pilot, screen, "f")
        assert [pane.is_attached for pane in screen.panes].count(True) == 4


async def test_the_chooser_begins_at_what_is_shown_and_goes_by_cursor_too(ct):
    async with reading(ct, size=(120, 40)) as (pilot, screen):
        await pilot.press("F")
        await pilot.pause()
        dialog = pilot.app.screen
        assert isinstance(dialog, LayoutDialog)
        assert dialog.list.row.name == "1x1"
        await _press(pilot, screen, "j", "enter")
        assert screen.grid == Grid(1, 2)
        await _press(pilot, screen, "F")
        await _press(pilot, screen, "escape")
        assert screen.grid == Grid(1, 2)


async def test_f_goes_between_one_pane_and_the_last_grid_and_keeps_what_was_there(ct):
    async with reading(ct, size=(120, 40)) as (pilot, screen):
        await _press(pilot, screen, "F", "1", "3")
        await _press(pilot, screen, "tab", "j", "f")
        assert screen.grid == Grid(1, 1)
        assert screen.shown_panes == (screen.active,)
        places = [pane.state.frame_index for pane in screen.panes[:3]]
        await _press(pilot, screen, "f")
        assert screen.grid == Grid(1, 3)
        assert [pane.state.frame_index for pane in screen.shown_panes] == places


async def test_the_active_pane_stays_in_view_when_there_are_fewer(ct):
    async with reading(ct, size=(160, 50)) as (pilot, screen):
        await _press(pilot, screen, "F", "3", "3")
        await _press(pilot, screen, "shift+tab")
        active = screen.active
        assert active is screen.panes[8]
        await _press(pilot, screen, "F", "1", "2")
        assert screen.shown_panes == (screen.panes[0], active)
        assert screen.active is active


async def test_panes_that_are_too_small_are_said_to_be(ct):
    async with reading(ct, size=(80, 24)) as (pilot, screen):
        await _press(pilot, screen, "F", "3", "3")
        assert any("too small" in toast.message for toast in pilot.app._notifications)
        assert len(screen.shown_panes) == 9


async def test_a_larger_grid_keeps_the_series_and_fills_the_new_panes(archive, shared_data):
    names = ("mr_head_sag_prone_HFP", "mr_oblique_hitachi", "rgb_series", "mr_rescale_per_slice")
    take_in(archive, files_in(*(shared_data / "volumes" / name for name in names)))
    from archive.index.worklist import studies

    study = max(studies(archive.index), key=lambda study: study.series_count)
    async with reading(archive, study, size=(120, 40)) as (pilot, screen):
        await _press(pilot, screen, "i", "F", "2", "2")
        assert screen.active.state.view.inverted
