import pytest
from textual.widgets import Static
from viewing import files_in, reading, settled, take_in

from archive.index.worklist import series_of, studies
from archive.local_archive import LocalArchive
from noctis_tui.reading.card import UnreadableFrame
from noctis_tui.reading.viewport import OverlayLevel


@pytest.fixture
def archive():
    with LocalArchive.temporary() as temporary:
        yield temporary


@pytest.fixture
def ct(archive, shared_data):
    """An archive with twelve slices of a chest CT."""
    take_in(archive, files_in(shared_data / "volumes" / "ct_chest_cmb_crc")[:12])
    return archive


def _footer(screen):
    return str(screen.query_one("#viewer-footer", Static).content)


def _header(screen):
    return str(screen.query_one("#viewer-header", Static).content)


async def _press(pilot, screen, *keys):
    await pilot.press(*keys)
    await settled(pilot, screen)


async def test_it_opens_at_the_first_image_and_says_what_it_is(ct):
    async with reading(ct) as (_, screen):
        pane = screen.active
        assert pane.state.frame_index == 0
        assert len(pane.state.stack) == 12
        assert pane.picture.display
        assert "CMB-CRC-MSB-01068" in _header(screen)
        assert "help" in _footer(screen)
        assert pane.frame.caption.instance_number == str(pane.state.frame.instance_number)


async def test_scrolling(ct):
    async with reading(ct) as (pilot, screen):
        seen = []
        for key in ("j", "down", "J", "k", "up", "K", "G", "g", "end", "home", "shift+down", "shift+up"):
            await _press(pilot, screen, key)
            seen.append(screen.active.state.frame_index)
        assert seen == [1, 2, 11, 10, 9, 0, 11, 0, 11, 0, 10, 0]


async def test_window_keys_presets_full_range_and_the_files_own(ct):
    async with reading(ct) as (pilot, screen):
        pane = screen.active
        own = pane.frame.own_vois[0]
        await _press(pilot, screen, "2")
        assert (pane.state.view.window.center, pane.state.view.window_name) == (-600, "Lung")
        await _press(pilot, screen, "0")
        values = pane.frame.stored_values
        assert pane.state.view.window.width > 1000
        assert pane.state.view.window.width <= float(values.max()) - float(values.min())
        await _press(pilot, screen, "~")
        assert pane.frame.voi(pane.state.view) == own
        await _press(pilot, screen, "w", "l")
        assert pane.state.view.window.width > own.width
        await _press(pilot, screen, "k")
        assert pane.state.view.window.center < own.center
        await _press(pilot, screen, "H", "J", "escape", "j")
        assert pane.state.view.window.width < own.width
        assert pane.state.frame_index == 1


async def test_placing_keys(ct):
    async with reading(ct) as (pilot, screen):
        pane = screen.active
        await _press(pilot, screen, "r", "v", "i")
        view = pane.state.view
        assert (view.quarter_turns, view.mirrored, view.inverted) == (3, True, True)
        await _press(pilot, screen, "+", "+", "t", "l", "escape")
        assert pane.state.view.zoom > 1.5
        assert pane.state.view.center != (0.5, 0.5)
        await _press(pilot, screen, "=")
        assert (pane.state.view.zoom, pane.state.view.center) == (1.0, (0.5, 0.5))
        await _press(pilot, screen, ".")
        assert pane.state.view == pane.state.view.reset()
        assert pane.state.view.quarter_turns == 0


async def test_space_goes_through_the_overlays(ct):
    async with reading(ct) as (pilot, screen):
        levels = []
        for _ in range(3):
            await _press(pilot, screen, "space")
            levels.append(screen.active.state.view.overlay)
        assert levels == [OverlayLevel.MINIMAL, OverlayLevel.NONE, OverlayLevel.ALL]


async def test_the_probe_tells_hounsfield_units_of_the_pixel_it_is_on(ct):
    async with reading(ct) as (pilot, screen):
        pane = screen.active
        await _press(pilot, screen, "p", "right", "right", "shift+down")
        column, row = pane.state.view.probe
        assert (column, row) == (258, 266)
        stored = int(pane.frame.stored_values[row, column])
        rescale = pane.frame.attributes.rescale
        expected = f"{rescale.slope * stored + rescale.intercept:.0f} HU".replace("-", "−")
        assert expected in _footer(screen)
        await _press(pilot, screen, "r", "right")
        assert pane.state.view.probe == (258, 265)
        await _press(pilot, screen, "escape")
        assert pane.state.view.probe is None


async def test_the_mouse_tells_the_value_under_it(ct):
    async with reading(ct) as (pilot, screen):
        await pilot.hover(screen.active.picture, offset=(40, 10))
        await pilot.pause()
        assert "HU" in _footer(screen)
        await pilot.hover(screen.active.picture, offset=(1, 1))
        await pilot.pause()
        assert "HU" not in _footer(screen)


async def test_dragging_right_widens_and_up_lowers_the_centre(ct):
    async with reading(ct) as (pilot, screen):
        pane = screen.active
        own = pane.frame.own_vois[0]
        await pilot.mouse_down(pane.picture, offset=(30, 10))
        await pilot.hover(pane.picture, offset=(40, 5))
        await pilot.mouse_up(pane.picture, offset=(40, 5))
        await settled(pilot, screen)
        window = pane.state.view.window
        assert window.width > own.width
        assert window.center < own.center
        await pilot.hover(pane.picture, offset=(10, 10))
        assert pane.state.view.window == window


@pytest.mark.parametrize(("button", "changed"), [(2, "center"), (3, "zoom")])
async def test_other_buttons_pan_and_zoom(ct, button, changed):
    async with reading(ct) as (pilot, screen):
        pane = screen.active
        before = pane.state.view
        await pilot.mouse_down(pane.picture, offset=(30, 10), button=button)
        await pilot.hover(pane.picture, offset=(35, 5))
        await pilot.mouse_up(pane.picture, offset=(35, 5))
        assert getattr(pane.state.view, changed) != getattr(before, changed)
        assert pane.state.view.window == before.window


async def test_one_series_fills_four_panes_with_even_steps(ct):
    async with reading(ct, size=(120, 36)) as (pilot, screen):
        await _press(pilot, screen, "f")
        assert [pane.state.frame_index for pane in screen.panes[:4]] == [0, 4, 7, 11]
        assert all(pane.display for pane in screen.panes[:4])
        await _press(pilot, screen, "tab", "j")
        assert [pane.state.frame_index for pane in screen.panes[:4]] == [0, 5, 7, 11]
        await _press(pilot, screen, "enter")
        assert [pane.display for pane in screen.panes[:4]] == [False, True, False, False]
        await _press(pilot, screen, "enter", "f")
        assert sum(pane.display for pane in screen.panes[:4]) == 1


async def test_series_keys_and_four_series(archive, shared_data):
    names = ("mr_head_sag_prone_HFP", "mr_oblique_hitachi", "rgb_series", "mr_rescale_per_slice")
    take_in(archive, files_in(*(shared_data / "volumes" / name for name in names)))
    async with reading(archive) as (pilot, screen):
        count = len(screen.shelf)
        assert count >= 4
        seen = [screen.active.entry.series.id]
        for _ in range(count):
            await _press(pilot, screen, "right")
            seen.append(screen.active.entry.series.id)
        assert seen[:-1] == [entry.series.id for entry in screen.shelf.entries]
        assert seen[-1] == seen[-2]  # the end holds
        await _press(pilot, screen, "pageup")
        assert screen.active.entry.series.id == seen[count - 2]


async def test_what_was_done_to_a_series_is_there_when_it_comes_back(archive, shared_data):
    names = ("mr_head_sag_prone_HFP", "mr_oblique_hitachi")
    take_in(archive, files_in(*(shared_data / "volumes" / name for name in names)))
    async with reading(archive) as (pilot, screen):
        await _press(pilot, screen, "j", "i", "right")
        assert not screen.active.state.view.inverted
        await _press(pilot, screen, "left")
        assert screen.active.state.view.inverted
        assert screen.active.state.frame_index == 1


async def test_a_series_without_a_window_keeps_the_greys_of_its_middle(archive, shared_data):
    take_in(archive, files_in(shared_data / "volumes" / "mr_head_t1_defaced")[:9])
    async with reading(archive) as (pilot, screen):
        pane = screen.active
        for _ in range(100):
            if pane.pinning is None:
                break
            await pilot.pause(0.01)
        pinned = pane.state.view.automatic_window
        assert pinned is not None
        await _press(pilot, screen, "j", "j")
        assert pane.frame.voi(pane.state.view) == pinned
        await _press(pilot, screen, ".")
        assert pane.frame.voi(pane.state.view) == pinned


async def test_cine_plays_a_clip_and_leaves_the_keys_alone(archive, shared_data):
    take_in(archive, [shared_data / "single" / "us_cine_palette_rle_10f.dcm"])
    async with reading(archive) as (pilot, screen):
        await pilot.press("c")
        seen = set()
        for _ in range(300):
            await pilot.pause(0.01)
            seen.add(screen.active.state.frame_index)
            if len(seen) == 10:
                break
        assert seen == set(range(10))
        assert "▶" in _footer(screen)
        await pilot.press("c")
        await pilot.pause()
        assert "▶" not in _footer(screen)
        still = screen.active.state.frame_index
        await pilot.pause(0.2)
        assert screen.active.state.frame_index == still


async def test_what_has_no_picture_has_a_card(archive, shared_data):
    single = shared_data / "single"
    take_in(archive, [single / "ct_elscint_private_rle.dcm"])
    async with reading(archive) as (_, screen):
        assert isinstance(screen.active.shown, UnreadableFrame)
        card = str(screen.active.query_one(".pane-card", Static).content)
        assert "in a private element" in card
        assert not screen.active.picture.display


async def test_a_series_that_still_arrives_grows_and_the_frame_in_view_stays(archive, shared_data):
    files = files_in(shared_data / "volumes" / "ct_chest_cmb_crc")[:20]
    take_in(archive, files[10:14])
    async with reading(archive) as (pilot, screen):
        await _press(pilot, screen, "j")
        here = screen.active.state.frame
        take_in(archive, files)
        for _ in range(400):
            if len(screen.active.state.stack) == 20:
                break
            await pilot.pause(0.01)
        assert len(screen.active.state.stack) == 20
        assert screen.active.state.frame == here


async def test_an_archive_without_studies_says_so_and_opens_what_comes(archive, shared_data):
    from noctis_tui.graphics.terminal.detection import TerminalGraphics
    from noctis_tui.interface.app import NoctisApp
    from noctis_tui.interface.viewer.screen import ViewerScreen
    from noctis_tui.preferences import Preferences

    screen = ViewerScreen(archive, None)
    app = NoctisApp(archive, TerminalGraphics("blocks", 1, 2, 0, ""), Preferences(), lambda: screen)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.1)
        assert "Nothing to read yet" in str(screen.active.query_one(".pane-card", Static).content)
        take_in(archive, files_in(shared_data / "volumes" / "mr_oblique_hitachi"))
        await settled(pilot, screen)
        assert screen.active.frame is not None


async def test_a_preview_is_shown_before_anything_is_indexed(archive, shared_data):
    files = files_in(shared_data / "volumes" / "ct_chest_cmb_crc")[:6]
    async with reading(archive, preview=files[3]) as (pilot, screen):
        assert screen.active.frame is not None
        assert len(screen.active.state.stack) == 1
        take_in(archive, files)
        for _ in range(400):
            if len(screen.active.state.stack) == 6:
                break
            await pilot.pause(0.01)
        await settled(pilot, screen)
        assert screen.active.state.frame_index == 0


async def test_a_terminal_that_is_too_small_says_so(ct):
    async with reading(ct) as (pilot, screen):
        await pilot.resize_terminal(30, 8)
        await pilot.pause()
        assert "40x10" in str(screen.query_one("#too-small", Static).content)
        assert not screen.query_one("#panes").display
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert screen.query_one("#panes").display


async def test_a_chosen_study_and_series_open(archive, shared_data):
    names = ("mr_head_sag_prone_HFP", "mr_oblique_hitachi")
    take_in(archive, files_in(*(shared_data / "volumes" / name for name in names)))
    for study in studies(archive.index):
        for series in series_of(archive.index, study.id):
            async with reading(archive, study, series) as (_, screen):
                assert screen.active.entry.series == series
                assert {entry.study.id for entry in screen.shelf.entries} == {study.id}


async def test_keys_before_the_index_knows_the_series_are_not_undone(archive, shared_data):
    files = files_in(shared_data / "volumes" / "ct_chest_cmb_crc")[:6]
    other = files_in(shared_data / "volumes" / "mr_oblique_hitachi")
    async with reading(archive, preview=files[3]) as (pilot, screen):
        await _press(pilot, screen, "i", "2")
        here = screen.active.state.frame
        take_in(archive, [*other, *files])
        for _ in range(400):
            if len(screen.active.state.stack) == 6:
                break
            await pilot.pause(0.01)
        await settled(pilot, screen)
        assert screen.active.state.view.inverted
        assert screen.active.state.view.window_name == "Lung"
        assert screen.active.state.frame == here


async def test_four_panes_of_one_series_keep_the_window(ct):
    async with reading(ct, size=(120, 36)) as (pilot, screen):
        await _press(pilot, screen, "3", "f")
        assert {pane.state.view.window_name for pane in screen.panes[:4]} == {"Bone"}


async def test_dragging_the_wheel_and_double_clicks_act_on_the_pane_under_the_mouse(ct):
    async with reading(ct, size=(120, 36)) as (pilot, screen):
        await _press(pilot, screen, "f")
        await pilot.click(screen.panes[3].picture, offset=(5, 5))
        assert screen.active is screen.panes[3]
        await pilot.click(screen.panes[2].picture, offset=(5, 5), times=2)
        await settled(pilot, screen)
        assert [pane.display for pane in screen.panes[:4]] == [False, False, True, False]


async def test_four_panes_of_a_single_image_do_not_repeat_it(archive, shared_data):
    take_in(archive, [shared_data / "single" / "us_rgb_planar.dcm"])
    async with reading(archive, size=(120, 36)) as (pilot, screen):
        await pilot.press("f")
        await pilot.pause()
        assert [len(pane.state.stack) for pane in screen.panes[:4]] == [1, 0, 0, 0]
        assert "No further images" in str(screen.panes[3].query_one(".pane-card", Static).content)
