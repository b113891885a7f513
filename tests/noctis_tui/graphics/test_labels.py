import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noctis_tui.graphics.labels import draw_labels, overlay_rgb
from noctis_tui.graphics.picture import OUTLINE_INDEX, OVERLAY_COLORS, Label, Picture

ANCHORS = ("top-left", "top-right", "bottom-left", "bottom-right", "top", "bottom", "left", "right")


def inked(anchor, text="Im: 12/120", size=(200, 300)):
    overlay = draw_labels(Picture(np.zeros(size, np.uint8), None, (Label(text, anchor),)), 16).overlay
    rows, columns = np.nonzero(overlay)
    return rows.min(), rows.max(), columns.min(), columns.max()


@pytest.mark.parametrize("anchor", ANCHORS)
def test_text_stands_at_its_anchor(anchor):
    top, bottom, left, right = inked(anchor)
    vertical, _, side = anchor.partition("-")
    if vertical in {"left", "right"}:
        vertical, side = "", vertical
    middle_row, middle_column = (top + bottom) / 2, (left + right) / 2
    assert (bottom < 40) == (vertical == "top")
    assert (top > 160) == (vertical == "bottom")
    assert (left < 20) == (side == "left")
    assert (right > 280) == (side == "right")
    assert vertical or abs(middle_row - 100) < 10
    assert side or abs(middle_column - 150) < 10


def test_labels_at_one_anchor_stand_below_each_other():
    both = Picture(
        np.zeros((200, 300), np.uint8), None, (Label("one", "top-left", 1), Label("two", "top-left", 2))
    )
    overlay = draw_labels(both, 16).overlay
    first, second = (np.nonzero((overlay & 15) == index)[0] for index in (1, 2))
    assert first.max() < second.min()


def test_ink_is_surrounded_by_the_outline():
    overlay = draw_labels(Picture(np.zeros((60, 200), np.uint8), None, (Label("H", "left"),)), 20).overlay
    ink = (overlay > 0) & (overlay != OUTLINE_INDEX)
    rows, columns = np.nonzero(ink)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            assert (overlay[rows + dy, columns + dx] > 0).all()


def test_the_given_picture_is_not_changed():
    overlay = np.zeros((40, 100), np.uint8)
    draw_labels(Picture(np.zeros((40, 100), np.uint8), overlay, (Label("text", "left"),)), 16)
    assert not overlay.any()


@given(
    st.text(max_size=60),
    st.sampled_from(ANCHORS),
    st.integers(1, 50),
    st.integers(1, 50),
    st.integers(9, 40),
)
@settings(max_examples=60, deadline=None)
def test_any_text_fits_any_picture(text, anchor, rows, columns, font_px):
    picture = draw_labels(Picture(np.zeros((rows, columns), np.uint8), None, (Label(text, anchor),)), font_px)
    assert picture.overlay.shape == (rows, columns)
    assert picture.labels == ()


def test_shades_go_from_the_color_to_black():
    assert overlay_rgb(2) == OVERLAY_COLORS[1]
    assert sum(overlay_rgb(2)) > sum(overlay_rgb(2 | 1 << 4)) > sum(overlay_rgb(2 | 2 << 4)) > 0
    assert overlay_rgb(0) == overlay_rgb(15) == (0, 0, 0)


@pytest.mark.parametrize("name", ["Jörg Novák", "Ηλιάδης", "Люкceмбypг", "שרון", "قباني", "Nguyễn"])
def test_names_are_written_in_their_own_letters(name):
    unknown = drawn("\N{CJK UNIFIED IDEOGRAPH-738B}")
    for letter in name.replace(" ", ""):
        assert not np.array_equal(drawn(letter), unknown), letter


def drawn(text: str):
    picture = Picture(np.zeros((40, 40), np.uint8), None, (Label(text, "top-left"),))
    return draw_labels(picture, 14).overlay
