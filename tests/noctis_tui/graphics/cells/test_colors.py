import numpy as np
import pytest
from cell_screen import xterm_rgb
from hypothesis import given
from hypothesis import strategies as st

from noctis_tui.graphics.cells.colors import dithered, nearest_colors, nearest_greys, palette_of
from noctis_tui.graphics.encoding.blue_noise import thresholds

XTERM = {number: xterm_rgb(number) for number in range(16, 256)}
GREYS = {number: rgb[0] for number, rgb in XTERM.items() if len(set(rgb)) == 1}


def test_the_greys_of_256_colours_are_the_ramp_and_the_cube_s():
    assert set(GREYS) == {16, 59, 102, 145, 188, 231, *range(232, 256)}
    values, codes = palette_of("256").greys()
    assert {int(code): int(value) for code, value in zip(codes, values, strict=True)} == GREYS


@given(st.floats(0, 255, width=32))
def test_no_grey_of_256_colours_is_nearer(value):
    code = int(nearest_greys(np.array([value], np.float32), "256")[0])
    assert abs(GREYS[code] - value) == min(abs(grey - value) for grey in GREYS.values())


@pytest.mark.parametrize("colors", ["256", "16", "8", "none"])
def test_greys_between_two_keep_their_mean(colors):
    noise = thresholds(64, 64)
    for value in range(256):
        seen = dithered(np.full((64, 64), value, np.float32), noise, colors)
        assert abs(seen.mean() - value) < 1.0
        assert len(np.unique(seen)) <= 2


@pytest.mark.parametrize("number", [*range(17, 59), 196, 226])
def test_a_colour_that_is_there_is_taken(number):
    if len(set(XTERM[number])) > 1:
        assert nearest_colors(np.array([XTERM[number]], np.float32), "256")[0] == number


def test_grey_stays_grey_among_sixteen():
    names = nearest_greys(np.array([0, 40, 60, 120, 180, 210, 255], np.float32), "8")
    assert names.tolist() == [0, 0, 8, 8, 7, 7, 15]
