import numpy as np
import pytest
from volume_phantoms import Grid, ramp, sampled_volume, write_series

from archive.pixels.voi_lut import Window
from noctis_tui.reading.frame_reading import read_frame
from noctis_tui.reading.reconstruction.volume_window import view_of_volume, window_of_volume
from noctis_tui.reading.viewport import ViewState

GRID = Grid((40, 24, 20))


def test_all_of_the_volume_counts():
    volume = sampled_volume(GRID, ramp((0, 0, 20)), np.int16, rescale_slope=2.0, rescale_intercept=-100.0)
    window = window_of_volume(volume)
    assert (window.center, window.width) == pytest.approx((390, 780), rel=0.1)


def test_what_somebody_chose_is_kept(tmp_path):
    volume = sampled_volume(GRID, ramp((0, 0, 20)), np.int16)
    silent, speaking = (
        read_frame(write_series(tmp_path / name, GRID, ramp((0, 0, 20)), **window)[0])
        for name, window in {"a": {}, "b": {"WindowCenter": "40", "WindowWidth": "400"}}.items()
    )
    assert view_of_volume(ViewState(), speaking, volume) == ViewState()
    seen = view_of_volume(ViewState(), silent, volume)
    assert silent.voi(seen) == window_of_volume(volume)
    chosen = ViewState().with_window(Window(1, 2))
    assert silent.voi(view_of_volume(chosen, silent, volume)) == Window(1, 2)
