import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rich.cells import cell_len

from noctis_tui.graphics.cell_strips import strips_of
from noctis_tui.graphics.halfcell import halves, label_cells
from noctis_tui.graphics.picture import Label, Picture

sides = st.integers(1, 12)


@given(arrays(np.uint8, st.tuples(sides, sides, st.just(3))))
@settings(max_examples=50, deadline=None)
def test_every_pixel_is_half_a_cell(pixels):
    strips = strips_of(halves(Picture(pixels)), ())
    seen = []
    for strip in strips:
        styles = [segment.style for segment in strip]
        seen.append([style.color.triplet for style in styles])
        seen.append([style.bgcolor.triplet for style in styles])
    assert (np.array(seen)[: len(pixels)] == pixels).all()


def test_labels_are_text():
    labels = (
        Label("R", "left", 2),
        Label("Im: 3\nW 400", "bottom-right"),
        Label("one", "top-left"),
        Label("two", "top-left"),
    )
    strips = strips_of(halves(Picture(np.full((20, 30), 200, np.uint8), None, labels)), labels)
    text = [strip.text.replace("▀", ".") for strip in strips]
    assert text[0].startswith("one.")
    assert text[1].startswith("two.")
    assert text[-2].endswith("Im: 3")
    assert text[-1].endswith("W 400")
    assert any(line.startswith("R.") for line in text)
    assert all(strip.cell_length == 30 for strip in strips)


@given(st.text(max_size=40), st.integers(1, 20), st.integers(1, 10))
def test_labels_never_leave_the_picture(text, columns, rows):
    for row, column in label_cells((Label(text, "bottom-right"),), columns, rows):
        assert 0 <= row < rows
        assert 0 <= column < columns


@given(st.text(max_size=30), st.sampled_from(["top-left", "right", "bottom"]))
@settings(max_examples=60, deadline=None)
def test_wide_and_zero_width_letters_keep_the_row_as_wide_as_it_is(text, anchor):
    picture = Picture(np.zeros((6, 16), np.uint8), None, (Label(text, anchor),))
    for strip in strips_of(halves(picture), picture.labels):
        assert sum(cell_len(segment.text) for segment in strip) == 16
