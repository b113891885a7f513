from dataclasses import replace

import numpy as np
from volume_phantoms import Grid, index_ramp, sampled_volume

from noctis_tui.reading.reconstruction.volume_range import full_range

GRID = Grid((3, 4, 5))


def test_the_ends_are_modality_values_whichever_way_the_rescale_turns_them():
    volume = sampled_volume(GRID, index_ramp(GRID, (10, 1, 0.5), 0))
    assert full_range(volume) == (0, 25)
    assert full_range(replace(volume, rescale_slope=-2.0, rescale_intercept=5.0)) == (-45, 5)


def test_padding_and_what_is_no_number_count_for_nothing():
    volume = sampled_volume(GRID, index_ramp(GRID, (10, 1, 0.5), 0))
    values = volume.stored_values.copy()
    values[0, 0, :2] = -3000, np.nan
    padded = replace(volume, stored_values=values, padding_range=(-3000.0, -3000.0))
    assert full_range(padded) == (1, 25)
    assert full_range(replace(padded, stored_values=np.full_like(values, np.nan))) == (0, 1)
