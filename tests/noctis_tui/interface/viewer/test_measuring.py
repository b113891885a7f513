import math
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file
from textual.widgets import Static
from viewing import reading, settled, take_in

from archive.annotations.annotation import Kind
from archive.local_archive import LocalArchive
from noctis_tui.interface.viewer.measuring_actions import CHOSEN, DRAWING, WORDS
from noctis_tui.reading.marks import Handle, Heading, Note, Stroke
from noctis_tui.reading.viewport import OverlayLevel

SPACING_MM = 0.661468  # of CT_small, rows and columns


@pytest.fixture
def archive():
    with LocalArchive.temporary() as temporary:
        take_in(temporary, [Path(get_testdata_file("CT_small.dcm"))])
        yield temporary


def footer(screen):
    return str(screen.query_one("#viewer-footer", Static).content)


def drawn(screen):
    return screen.measuring.editing.kept.annotations


def marks(screen):
    pane = screen.active
    return screen.measuring.desk.marks.marks(pane.frame, pane.shown_ref, pane.state.view)


def notes(screen):
    return [mark.text for mark in marks(screen) if isinstance(mark, Note)]


async def press(pilot, screen, *keys):
    await pilot.press(*keys)
    await settled(pilot, screen)


async def test_a_length_is_measured_by_the_keys_alone(archive):
    async with reading(archive) as (pilot, screen):
        await press(pilot, screen, "d")
        assert "one end" in footer(screen)
        await press(pilot, screen, "enter", *["L"] * 3, "l", "right", "enter")
        (shape,) = drawn(screen)
        assert (shape.kind, shape.points) == (Kind.LENGTH, ((64, 64), (96, 64)))
        assert notes(screen) == [f"{32 * SPACING_MM:.1f} mm"]
        assert screen.mode == DRAWING
        await press(pilot, screen, "escape")
        assert (screen.mode, screen.active.state.view.probe) == ("", None)


async def test_the_length_is_told_while_it_is_drawn(archive):
    async with reading(archive) as (pilot, screen):
        await press(pilot, screen, "d", "enter", "J")
        assert notes(screen) == [f"{10 * SPACING_MM:.2f} mm"]
        assert "the other end" in footer(screen)
        await press(pilot, screen, "backspace")
        assert notes(screen) == []


async def test_arrows_move_as_the_picture_lies(archive):
    async with reading(archive) as (pilot, screen):
        await press(pilot, screen, "r", "d", "enter", *["right"] * 4, "enter")
        ((x, y), (u, v)) = drawn(screen)[0].points
        assert (u - x, v - y) == (0, -4)


@pytest.mark.parametrize(
    ("key", "kind", "steps"),
    [
        ("a", Kind.ANGLE, ["L", "J"]),
        ("A", Kind.COBB, ["L", "J", "H"]),
        ("e", Kind.ELLIPSE, ["L"]),
        ("b", Kind.RECTANGLE, ["J"]),
        ("P", Kind.POLYLINE, ["L", "J", ""]),
        ("y", Kind.POLYGON, ["L", "J", ""]),
        ("Y", Kind.FREEHAND, ["L", "J", "H"]),
    ],
)
async def test_every_shape_is_drawn_by_the_keys_alone(archive, key, kind, steps):
    async with reading(archive) as (pilot, screen):
        await press(pilot, screen, key, "enter")
        for step in steps:
            await press(pilot, screen, *([step] if step else []))
            if kind is not Kind.FREEHAND:
                await press(pilot, screen, "enter")
        if kind is Kind.FREEHAND:
            await press(pilot, screen, "enter")
        assert [shape.kind for shape in drawn(screen)] == [kind]


async def test_leaving_a_tool_keeps_what_is_a_shape_and_gives_up_what_is_none(archive):
    async with reading(archive) as (pilot, screen):
        await press(pilot, screen, "y", "enter", "L", "enter", "J", "enter", "escape")
        assert [shape.kind for shape in drawn(screen)] == [Kind.POLYGON]
        await press(pilot, screen, "a", "enter", "L", "enter", "escape")
        assert len(drawn(screen)) == 1
        assert not any(isinstance(mark, Handle) for mark in marks(screen))


async def test_another_tool_key_changes_the_tool_and_the_same_one_puts_it_away(archive):
    async with reading(archive) as (pilot, screen):
        await press(pilot, screen, "d", "a")
        assert screen.measuring.tool is Kind.ANGLE
        assert "Angle" in footer(screen)
        await press(pilot, screen, "a")
        assert (screen.measuring.tool, screen.mode) == (None, "")


async def test_words_are_typed_with_accents_and_wide_letters(archive):
    async with reading(archive) as (pilot, screen):
        await press(pilot, screen, "T", "enter")
        assert screen.mode == WORDS
        await press(pilot, screen, "G", "r", "ö", "ß", "e", "space", "大", "q", "enter")
        assert drawn(screen)[0].text == "Größe 大q"
        assert notes(screen) == ["Größe 大q"]
        assert screen.mode == DRAWING
        await press(pilot, screen, "escape", "n", "enter", "backspace", "enter")
        assert drawn(screen)[0].text == "Größe 大"


async def test_words_that_are_given_up_leave_no_text(archive):
    async with reading(archive) as (pilot, screen):
        await press(pilot, screen, "T", "enter", "a", "escape")
        assert (drawn(screen), screen.mode) == ((), "")
        assert screen.query_one("#viewer-footer").display
        await press(pilot, screen, "B", "enter", "L", "enter", "enter", "escape")
        assert [shape.kind for shape in drawn(screen)] == [Kind.ARROW]


async def test_a_mark_is_chosen_moved_undone_and_deleted_by_the_keys(archive):
    async with reading(archive) as (pilot, screen):
        await press(pilot, screen, "d", "enter", "L", "enter", "escape", "n")
        assert screen.mode == CHOSEN
        assert "Length" in footer(screen)
        await press(pilot, screen, "tab", "j", "J")
        assert drawn(screen)[0].points == ((64, 75), (74, 64))
        await press(pilot, screen, "tab", "h")
        assert drawn(screen)[0].points == ((64, 75), (73, 64))
        await press(pilot, screen, "u")
        assert drawn(screen)[0].points == ((64, 75), (74, 64))
        await press(pilot, screen, "u")
        assert drawn(screen)[0].points == ((64, 64), (74, 64))
        await press(pilot, screen, "ctrl+r", "x")
        assert (drawn(screen), screen.mode) == ((), "")
        await press(pilot, screen, "u")
        assert drawn(screen)[0].points == ((64, 75), (74, 64))


async def test_nothing_is_moved_out_of_the_image(archive):
    async with reading(archive) as (pilot, screen):
        await press(pilot, screen, "d", "enter", "L", "enter", "escape", "n", *["H"] * 9)
        assert drawn(screen)[0].points == ((-0.5, 64), (9.5, 64))


async def test_a_region_tells_its_mean_and_its_area(archive):
    async with reading(archive) as (pilot, screen):
        await press(pilot, screen, "b", "enter", "L", "J", "enter")
        (note,) = notes(screen)
        assert "HU ±" in note
        assert note.endswith("mm²")


async def test_the_probe_leaves_its_value(archive):
    async with reading(archive) as (pilot, screen):
        await press(pilot, screen, "p", "enter", "escape")
        (note,) = notes(screen)
        assert note.endswith(" HU")
        assert drawn(screen)[0].kind is Kind.PROBE


async def test_a_key_image_is_marked_over_its_picture(archive):
    async with reading(archive) as (pilot, screen):
        await press(pilot, screen, "asterisk")
        assert any(isinstance(mark, Heading) for mark in marks(screen))
        await press(pilot, screen, "asterisk")
        assert not marks(screen)


async def test_without_text_only_what_is_being_drawn_is_shown(archive):
    async with reading(archive) as (pilot, screen):
        await press(pilot, screen, "d", "enter", "L", "enter", "escape", "space", "space")
        assert screen.active.state.view.overlay is OverlayLevel.NONE
        assert marks(screen) == ()
        await press(pilot, screen, "d", "enter", "J")
        assert len([mark for mark in marks(screen) if isinstance(mark, Stroke)]) == 1


async def test_nothing_is_drawn_where_there_is_no_image(archive):
    async with reading(archive) as (pilot, screen):
        screen.active.say("No image.")
        await pilot.press("d")
        assert screen.mode == ""


# ---- the mouse


async def _drag(pilot, widget, start, end):
    await pilot.mouse_down(widget, offset=start)
    await pilot.hover(widget, offset=((start[0] + end[0]) // 2, (start[1] + end[1]) // 2))
    await pilot.hover(widget, offset=end)
    await pilot.mouse_up(widget, offset=end)


async def test_two_presses_and_one_drag_both_make_a_length(archive):
    async with reading(archive) as (pilot, screen):
        picture = screen.active.picture
        await press(pilot, screen, "d")
        await pilot.click(picture, offset=(30, 10))
        await pilot.click(picture, offset=(40, 10))
        await _drag(pilot, picture, (30, 5), (40, 5))
        await settled(pilot, screen)
        lengths = [math.dist(*shape.points) for shape in drawn(screen)]
        assert len(lengths) == 2
        assert lengths[0] == pytest.approx(lengths[1])


async def test_a_double_press_ends_a_polygon_and_does_not_maximise(archive, monkeypatch):
    async with reading(archive) as (pilot, screen):
        picture = screen.active.picture
        maximised = []
        monkeypatch.setattr(screen, "action_maximise", lambda: maximised.append(1))
        await press(pilot, screen, "y")
        for place in ((25, 3), (45, 3)):
            await pilot.click(picture, offset=place)
        await pilot.click(picture, offset=(45, 15), times=2)
        await settled(pilot, screen)
        assert [len(shape.points) for shape in drawn(screen)] == [3]
        assert not maximised


async def test_a_region_is_drawn_by_hand_in_one_drag(archive):
    async with reading(archive) as (pilot, screen):
        picture = screen.active.picture
        await press(pilot, screen, "Y")
        await pilot.mouse_down(picture, offset=(30, 5))
        for place in ((40, 5), (40, 15), (30, 15)):
            await pilot.hover(picture, offset=place)
        await pilot.mouse_up(picture, offset=(30, 15))
        await settled(pilot, screen)
        assert [len(shape.points) for shape in drawn(screen)] == [4]


async def test_a_press_on_a_line_takes_hold_of_it_and_elsewhere_it_windows(archive):
    async with reading(archive) as (pilot, screen):
        pane = screen.active
        await press(pilot, screen, "d")
        await pilot.click(pane.picture, offset=(30, 10))
        await pilot.click(pane.picture, offset=(50, 10))
        await press(pilot, screen, "escape")
        before, window = drawn(screen)[0].points, pane.state.view.window
        await _drag(pilot, pane.picture, (40, 10), (40, 14))
        await settled(pilot, screen)
        after = drawn(screen)[0].points
        assert screen.mode == CHOSEN
        assert all(b[1] - a[1] > 5 and b[0] == a[0] for a, b in zip(before, after, strict=True))
        assert pane.state.view.window == window
        await _drag(pilot, pane.picture, (30, 14), (35, 14))
        moved = drawn(screen)[0].points
        assert moved[0][0] > after[0][0]
        assert moved[1] == after[1]
        await _drag(pilot, pane.picture, (40, 3), (44, 3))
        await settled(pilot, screen)
        assert screen.mode == ""
        assert pane.state.view.window != window
        assert drawn(screen)[0].points == moved


async def test_a_mark_moves_as_the_picture_lies(archive):
    async with reading(archive) as (pilot, screen):
        await press(pilot, screen, "d", "enter", "L", "enter", "escape", "r", "n", "right")
        assert drawn(screen)[0].points == ((64, 63), (74, 63))


async def test_a_tool_stops_the_pictures(archive, monkeypatch):
    async with reading(archive) as (pilot, screen):
        stopped = []
        monkeypatch.setattr(screen, "stop_playing", lambda: stopped.append(1))
        await press(pilot, screen, "d")
        assert stopped
