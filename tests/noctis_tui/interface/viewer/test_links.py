"""Panes of one patient space go together: phantoms in four orientations with one Frame of Reference."""

from math import cos, radians, sin

import pytest
from phantoms import AXIAL, CORONAL, SAGITTAL, write_oriented
from pydicom.uid import generate_uid
from textual.widgets import Static
from viewing import files_in, reading, settled, take_in

from archive.local_archive import LocalArchive
from noctis_tui.reading.linking import Tie
from noctis_tui.reading.placement import place

TILTED = (1, 0, 0, 0, cos(radians(10)), sin(radians(10)))
SIZE, SPACING = 32, 8.0
HALF = SPACING * (SIZE - 1) / 2


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Series in one space: axial up and down, tilted, sagittal, coronal; number 5 is axial in another."""
    folder = tmp_path_factory.mktemp("phantoms")
    common = {"StudyInstanceUID": generate_uid(), "FrameOfReferenceUID": generate_uid(), "Modality": "CT"}
    shape = {"size": SIZE, "spacing_mm": SPACING}
    at = (-HALF, -HALF, 100.0)
    write_oriented(folder / "1", AXIAL, at, slices=20, step_mm=5, SeriesNumber=1, **shape, **common)
    down = (-HALF, -HALF, 190.0)
    write_oriented(folder / "2", AXIAL, down, slices=10, step_mm=-10, SeriesNumber=2, **shape, **common)
    write_oriented(folder / "3", TILTED, at, slices=20, step_mm=5, SeriesNumber=3, **shape, **common)
    side = (120.0, -HALF, 100.0 + 2 * HALF)
    write_oriented(folder / "4", SAGITTAL, side, slices=25, step_mm=10, SeriesNumber=4, **shape, **common)
    other = {**common, "FrameOfReferenceUID": generate_uid()}
    write_oriented(folder / "5", AXIAL, at, slices=20, step_mm=5, SeriesNumber=5, **shape, **other)
    front = (-HALF, -100.0, 100.0 + 2 * HALF)
    write_oriented(folder / "6", CORONAL, front, slices=10, step_mm=10, SeriesNumber=6, **shape, **common)
    return files_in(folder)


@pytest.fixture
def archive(files):
    with LocalArchive.temporary() as temporary:
        take_in(temporary, files)
        yield temporary


async def _press(pilot, screen, *keys):
    await pilot.press(*keys)
    await pilot.pause()
    await settled(pilot, screen)


async def _linked(pilot, screen):
    """Wait until it is known where every pane lies."""
    for _ in range(300):
        stacks = [screen.links.scrolled(pane) for pane in screen.visible_panes]
        if all(stack.slices and stack.count for stack in stacks):
            await pilot.pause()
            return
        await pilot.pause(0.01)
    raise AssertionError("it never became known where the slices lie")


def _z(pane):
    return pane.frame.attributes.image_position_patient[2]


async def _open(pilot, screen, *layout):
    await _press(pilot, screen, "F", *layout)
    await _linked(pilot, screen)


async def test_series_of_one_frame_of_reference_scroll_by_position(archive):
    async with reading(archive, size=(160, 48)) as (pilot, screen):
        await _open(pilot, screen, "2", "3")
        up, down, tilted, sagittal, elsewhere, _ = screen.shown_panes
        assert [pane.tie for pane in screen.shown_panes[:5]] == ["", Tie.POSITION, Tie.POSITION, "", ""]
        await _press(pilot, screen, *"jjjjjj")
        assert _z(up) == 130
        assert _z(down) == 130
        # By the middle of what is seen: a tilted slice is higher there than at its first pixel.
        middle = 100 + HALF * sin(radians(10))
        assert tilted.state.frame_index == round((130 - middle) * cos(radians(10)) / 5)
        assert (sagittal.state.frame_index, elsewhere.state.frame_index) == (0, 0)
        await _press(pilot, screen, "tab", "j")
        assert (_z(down), _z(up)) == (120, 120)


async def test_a_key_lets_every_pane_scroll_by_itself_and_the_footer_says_so(archive):
    async with reading(archive, size=(200, 48)) as (pilot, screen):
        await _open(pilot, screen, "1", "2")
        footer = screen.query_one("#viewer-footer", Static)
        await pilot.pause(0.3)
        assert "⇄ scroll lines" in str(footer.content)
        opened = screen.panes[1].state.frame_index
        await _press(pilot, screen, "l", "j", "j")
        assert screen.panes[1].state.frame_index == opened
        assert screen.panes[1].tie == ""
        await pilot.pause(0.3)
        assert "scroll" not in str(footer.content).split("⇄")[1]
        await _press(pilot, screen, "l")
        assert _z(screen.panes[1]) == 110


async def test_panes_of_another_frame_of_reference_keep_the_offset_that_was_set(archive):
    async with reading(archive, size=(160, 48)) as (pilot, screen):
        await _open(pilot, screen, "2", "3")
        up, down, _, _, elsewhere, _ = screen.shown_panes
        screen.go_to(elsewhere, 4)
        screen.go_to(down, 5)
        assert up.state.frame_index == 0
        await _press(pilot, screen, "L", "j", "j")
        assert (up.state.frame_index, elsewhere.state.frame_index) == (2, 6)
        assert elsewhere.tie == Tie.OFFSET
        assert _z(down) == 150  # 10 mm from where it was registered, in its own steps
        await _press(pilot, screen, "k", "k", "k")
        assert (up.state.frame_index, elsewhere.state.frame_index) == (0, 4)


async def test_planes_that_cross_draw_lines_and_those_side_by_side_do_not(archive):
    async with reading(archive, size=(160, 48)) as (pilot, screen):
        await _open(pilot, screen, "2", "3")
        up, down, tilted, sagittal, elsewhere, _ = screen.shown_panes
        drawn = {}
        for pane in (up, down, tilted, sagittal, elsewhere):
            source = screen.links.source_of(pane)
            drawn[pane] = source.marks(pane.frame, pane.shown_ref, pane.state.view)
        assert [len(drawn[pane]) for pane in (up, down, tilted, elsewhere)] == [0, 0, 0, 0]
        assert [mark.dashed for mark in drawn[sagittal]] == [True, False]  # the active one is the lowest
        assert {mark.color_index for mark in drawn[sagittal]} == {4}
        await _press(pilot, screen, "j", "j")
        marks = screen.links.source_of(sagittal).marks(sagittal.frame, None, sagittal.state.view)
        assert [mark.dashed for mark in marks] == [True, True, False]
        row = (sagittal.frame.attributes.image_position_patient[2] - 110) / SPACING
        assert [point[1] for point in marks[-1].points] == pytest.approx([row, row])
        await _press(pilot, screen, "X")
        assert screen.links.source_of(sagittal).planes is None


async def test_the_crosshair_is_one_point_of_the_patient_in_every_pane(archive):
    async with reading(archive, size=(160, 48)) as (pilot, screen):
        await _open(pilot, screen, "2", "3")
        up, down, _, sagittal, elsewhere, _ = screen.shown_panes
        await _press(pilot, screen, "l", "j", "j", "j", "j", "H", "shift+right")
        column, row = up.state.view.probe
        x, y = -HALF + column * SPACING, -HALF + row * SPACING
        assert sagittal.frame.attributes.image_position_patient[0] == pytest.approx(x, abs=5)
        assert _z(down) == 120
        marks = screen.links.source_of(sagittal).marks(sagittal.frame, None, sagittal.state.view)
        cross = [mark for mark in marks if mark.color_index == 7]
        expected_column = (y + HALF) / SPACING
        assert any(point[0] == pytest.approx(expected_column) for mark in cross for point in mark.points)
        assert screen.links.source_of(elsewhere).marks(elsewhere.frame, None, elsewhere.state.view) == ()
        await _press(pilot, screen, "tab", "tab", "tab")
        assert screen.active is sagittal
        assert up.state.view.probe is None
        assert sagittal.state.view.probe is not None
        await _press(pilot, screen, "escape")
        assert sagittal.state.view.probe is None
        assert all(screen.links.source_of(pane).crosshair is None for pane in screen.panes)


def _scale(pane):
    """Screen pixels a millimetre."""
    placement = place(pane.frame.shape, pane.state.view, *pane.picture.pixel_size)
    return placement.scale / min(pane.frame.attributes.pixel_spacing)


async def test_window_and_zoom_go_together_when_they_are_told_to(archive):
    async with reading(archive, size=(160, 48)) as (pilot, screen):
        await _open(pilot, screen, "1", "3")
        one, two, three = screen.shown_panes
        await _press(pilot, screen, "3")
        assert two.state.view.window is None
        await _press(pilot, screen, "W")
        assert two.state.view.window_name == three.state.view.window_name == "Bone"
        await _press(pilot, screen, "2", "+")
        assert two.state.view.window_name == "Lung"
        assert (one.state.view.zoom, two.state.view.zoom) == (1.25, 1.0)
        await _press(pilot, screen, "Z")
        # The panes differ by a cell; a millimetre is as long in each.
        assert _scale(two) == pytest.approx(_scale(one))
        zoom = two.state.view.zoom
        assert zoom == pytest.approx(1.25, rel=0.05)
        await _press(pilot, screen, "W", "Z", "1", "-")
        assert (two.state.view.window_name, two.state.view.zoom) == ("Lung", zoom)


async def test_turning_on_before_a_series_came_does_not_give_it_the_view_of_another(archive):
    async with reading(archive, size=(120, 40)) as (pilot, screen):
        await _press(pilot, screen, "i", "right", "right", "right")
        assert not screen.active.state.view.inverted
        await _press(pilot, screen, "left", "left")
        assert not screen.active.state.view.inverted
        await _press(pilot, screen, "left")
        assert screen.active.state.view.inverted
