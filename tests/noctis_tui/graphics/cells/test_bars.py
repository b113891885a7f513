import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from noctis_tui.graphics.cells.bars import BARS, FIRST_LEFT, FIRST_LOWER, best_bars
from noctis_tui.graphics.cells.canvas import cell_rows
from noctis_tui.graphics.picture import Picture
from noctis_tui.graphics.terminal.cell_terminals import Cells

WITH_BARS = Cells("sextants", "true", bars=True)
FROM_FONT = Cells("quadrants", "true", bars=True)


def only_cell(pixels, cells=WITH_BARS):
    (row,) = cell_rows(Picture(pixels), (8, 16), cells)
    return row.letters[0], row.front[0] & 0xFF, row.back[0] & 0xFF


@pytest.mark.parametrize("eighths", [1, 2, 3, 5, 6, 7])
def test_an_edge_at_an_eighth_is_shown_there(eighths):
    pixels = np.full((16, 8), 20, np.uint8)
    pixels[16 - 2 * eighths :] = 200
    assert only_cell(pixels) == ("_▁▂▃▄▅▆▇"[eighths], 200, 20)
    assert only_cell(255 - pixels) == ("_▁▂▃▄▅▆▇"[eighths], 55, 235)
    pixels = np.full((16, 8), 20, np.uint8)
    pixels[:, :eighths] = 200
    assert only_cell(pixels) == ("_▏▎▍▌▋▊▉"[eighths], 200, 20)


def test_halves_and_quadrants_stay_blocks():
    pixels = np.full((16, 8), 20, np.uint8)
    pixels[:8, 4:] = 200
    assert only_cell(pixels, FROM_FONT)[0] in "▝▙"
    pixels[:8] = 200
    assert only_cell(pixels, FROM_FONT)[0] in "▀▄"


def test_a_bar_from_a_font_has_to_be_worth_its_seam():
    pixels = np.full((16, 8), 20, np.uint8)
    pixels[6:] = 200
    assert only_cell(pixels, FROM_FONT)[0] == "▅"
    pixels[6:8] = 130
    assert only_cell(pixels)[0] == "▅"
    assert only_cell(pixels, FROM_FONT)[0] == "▀"


@given(arrays(np.float32, (3, 8, 2), elements=st.integers(0, 255).map(float)), st.booleans())
@settings(max_examples=80, deadline=None)
def test_no_other_line_comes_nearer(eighths, is_lying):
    flat = np.repeat(eighths.mean(axis=1, keepdims=True), 8, axis=1)
    bars = best_bars(*((eighths, flat) if is_lying else (flat, eighths)))
    for cell, code, gain in zip(eighths.astype(float), bars.codes, bars.gains, strict=True):
        errors = [spread(cell[:cut]) + spread(cell[cut:]) for cut in range(1, 8)]
        assert (spread(cell) - min(errors)) / 8 == pytest.approx(gain, abs=0.01, rel=1e-4)
        if gain > 0.1:
            assert (code < FIRST_LEFT) == is_lying
        assert BARS[code - FIRST_LOWER] != " "


def spread(values):
    return ((values - values.mean(axis=0)) ** 2).sum()


def test_no_dark_bar_from_a_font_lies_over_what_is_bright():
    """Its seam would be a bright line in the dark."""
    pixels = np.full((16, 8), 200, np.uint8)
    pixels[6:] = 20
    assert only_cell(pixels)[0] == "▅"
    assert only_cell(pixels, FROM_FONT)[0] == "▀"
    assert only_cell(pixels.T.repeat(2, axis=0)[:, :8], FROM_FONT)[1] > 150
