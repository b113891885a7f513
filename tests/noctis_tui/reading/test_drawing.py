"""Marks land on the pixels that they name, below the picture's own overlay, whatever the view."""

from __future__ import annotations

import numpy as np
import pytest

from noctis_tui.graphics.cells.labels import label_cells
from noctis_tui.graphics.labels import draw_labels
from noctis_tui.graphics.picture import OUTLINE_INDEX, Label, Picture
from noctis_tui.reading.drawing import draw_marks
from noctis_tui.reading.marks import Handle, Mark, Note, Stroke, Wash
from noctis_tui.reading.placement import ImageShape, Placement, place
from noctis_tui.reading.viewport import ViewState

SHAPE = ImageShape(rows=20, columns=40)
SIZE_PX = (400, 200)
LINE_PX = 10
COLOR = 4


def drawn(*marks: Mark, view: ViewState | None = None, below: Picture | None = None) -> Picture:
    picture = below or Picture(np.full((200, 400), 90, np.uint8))
    return draw_marks(picture, marks, placed(view), LINE_PX)


def placed(view: ViewState | None = None) -> Placement:
    return place(SHAPE, view or ViewState(), *SIZE_PX)


def overlay_of(picture: Picture) -> np.ndarray:
    assert picture.overlay is not None
    return picture.overlay


def test_nothing_to_draw_leaves_the_picture_as_it_is() -> None:
    picture = Picture(np.zeros((200, 400), np.uint8))
    assert draw_marks(picture, (), placed(), LINE_PX) is picture


def test_a_line_runs_through_the_centres_of_the_pixels_it_names() -> None:
    overlay = overlay_of(drawn(Stroke(((0, 5), (39, 5)), COLOR)))
    rows, columns = np.nonzero(overlay == COLOR)
    assert set(rows) == {55}
    assert (columns.min(), columns.max()) == (5, 395)


def test_a_line_has_a_dark_outline() -> None:
    overlay = overlay_of(drawn(Stroke(((10, 5), (30, 5)), COLOR)))
    assert overlay[54, 200] == overlay[56, 200] == OUTLINE_INDEX


def test_a_closed_line_returns_to_its_first_point() -> None:
    corners = ((5.0, 5.0), (15.0, 5.0), (15.0, 15.0))
    closed, open_ = (overlay_of(drawn(Stroke(corners, COLOR, closed=c))) for c in (True, False))
    assert closed[105, 105] == COLOR
    assert open_[105, 105] != COLOR


def test_a_dashed_line_has_gaps_and_both_ends() -> None:
    overlay = overlay_of(drawn(Stroke(((0, 5), (39, 5)), COLOR, dashed=True)))
    line = overlay[55] == COLOR
    assert 0.3 < line[5:395].mean() < 0.8
    assert line[5]


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_marks_turn_with_the_image(turns: int, mirrored: bool) -> None:
    view = ViewState(quarter_turns=turns, mirrored=mirrored)
    overlay = overlay_of(drawn(Handle((12, 7), COLOR, active=True), view=view))
    rows, columns = np.nonzero(overlay == COLOR)
    x, y = placed(view).screen_point(12.5, 7.5)
    assert abs(columns.mean() - x) <= 1
    assert abs(rows.mean() - y) <= 1


def test_the_picture_s_own_overlay_stays_above() -> None:
    own = np.zeros((200, 400), np.uint8)
    own[55, 200] = 1
    below = Picture(np.zeros((200, 400), np.uint8), own)
    overlay = overlay_of(drawn(Stroke(((0, 5), (39, 5)), COLOR), below=below))
    assert overlay[55, 200] == 1
    assert overlay[55, 100] == COLOR


def test_a_line_that_leaves_the_picture_by_far_is_cut() -> None:
    overlay = overlay_of(drawn(Stroke(((5, 5), (1e12, 5)), COLOR)))
    assert overlay[55, 399] == COLOR


def test_a_wash_colours_only_what_it_covers() -> None:
    rgba = np.zeros((20, 40, 4), np.uint8)
    rgba[5:10, 5:10] = (255, 0, 0, 128)
    pixels = drawn(Wash(rgba)).pixels
    assert pixels.shape == (200, 400, 3)
    assert tuple(pixels[20, 20]) == (90, 90, 90)
    red, green, blue = (int(part) for part in pixels[75, 75])
    assert red == pytest.approx((90 + 255) / 2, abs=2)
    assert green == blue == pytest.approx(45, abs=2)


def test_an_empty_wash_leaves_greys_exact() -> None:
    assert drawn(Wash(np.zeros((20, 40, 4), np.uint8))).pixels.ndim == 2


def test_a_note_stands_beside_its_point_in_pixels_and_in_cells() -> None:
    picture = drawn(Note("7 mm", (10, 10), COLOR))
    inked = np.argwhere(overlay_of(draw_labels(picture, 10)) == COLOR)
    assert inked.min(axis=0)[0] >= 105
    assert 105 <= inked.min(axis=0)[1] < 140
    cells = label_cells(picture.labels, 400, 100)
    assert "".join(cells[key][0] for key in sorted(cells)) == "7 mm"
    assert min(cells) == (53, 110)


def test_a_note_near_the_border_is_moved_inside_and_one_beyond_it_is_not_written() -> None:
    inside, outside = (drawn(Note("words", (column, 10), COLOR)) for column in (38.0, 80.0))
    assert (overlay_of(draw_labels(inside, 10)) == COLOR).any()
    assert not overlay_of(draw_labels(outside, 10)).any()
    assert label_cells(outside.labels, 400, 100) == {}


def test_labels_at_borders_do_not_move_for_notes() -> None:
    label = Label("corner", "top-left", 1)
    alone = label_cells((label,), 80, 24)
    beside = label_cells((Label("note", "top-left", 1, (40, 40)), label), 80, 24)
    assert alone.items() <= beside.items()
