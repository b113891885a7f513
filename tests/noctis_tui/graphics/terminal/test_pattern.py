import numpy as np
import pytest

from noctis_tui.graphics.picture import OUTLINE_INDEX, OVERLAY_COLORS
from noctis_tui.graphics.terminal.pattern import STEPS, noise, pattern


@pytest.mark.parametrize("size", [(640, 170), (960, 408), (316, 48), (100, 30)])
def test_every_step_and_colour_is_there(size):
    drawn = pattern(*size)
    assert drawn.size_px == size
    greys = np.unique(drawn.pixels[round(size[1] * 0.34)])
    assert len(greys) == STEPS
    assert np.diff(greys.astype(int)).min() >= 15
    shown = set(np.unique(drawn.overlay[-1])) - {0}
    assert shown == set(range(1, len(OVERLAY_COLORS) + 1)) - {OUTLINE_INDEX}


def test_black_and_white_hold_a_patch_of_five_per_cent():
    drawn = pattern(960, 408)
    assert {13, 242} <= set(np.unique(drawn.pixels[round(408 * 0.53)]).tolist())


@pytest.mark.parametrize("size", [(640, 170), (316, 48)])
def test_the_circle_is_round(size):
    ring = pattern(*size).overlay[:, : size[1]] == 3
    rows, columns = np.nonzero(ring)
    assert np.ptp(rows) == np.ptp(columns)
    middle = (size[1] - 1) / 2
    radius = np.hypot(rows - middle, columns - middle)
    assert np.ptp(radius) <= max(size[1] / 25, 2.5)


def test_noise_is_the_same_each_time():
    np.testing.assert_array_equal(noise(64, 32).pixels, noise(64, 32).pixels)
