from __future__ import annotations

import numpy as np
import pytest
import volume_phantoms as vp

from archive.progress import Cancelled, CancelToken
from noctis_tui.reading.volume_loading import load_volumes

OBLIQUE = vp.turned(vp.turned(vp.CORONAL, (0, 0, 1), 20), (1, 0, 0), 12)


@pytest.mark.parametrize("orientation", [vp.AXIAL, vp.CORONAL, vp.SAGITTAL, OBLIQUE])
def test_a_series_becomes_the_volume_that_was_written(tmp_path, orientation):
    grid = vp.Grid((7, 12, 9), (2.5, 0.7, 0.9), orientation, (-20.5, 31, 12))
    field = vp.index_ramp(grid)
    paths = vp.write_series(tmp_path, grid, field, rescale=lambda _: (0.5, -1000.0))

    series = load_volumes(reversed(paths))

    (volume,) = series.volumes
    assert series.names == ("",)
    assert series.refusals == ()
    assert np.allclose(volume.index_to_patient, grid.index_to_patient, atol=1e-9)
    assert volume.stored_values.dtype == np.int16
    assert volume.stored_values.flags.c_contiguous
    values = volume.stored_values * volume.rescale_slope + volume.rescale_intercept
    assert np.abs(values - vp.sampled(grid, field)).max() < 1e-9


def test_a_cancelled_load_stops(tmp_path):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        load_volumes(vp.write_series(tmp_path, vp.Grid((4, 5, 6)), vp.ramp((1, 0, 0))), token=token)
