import gc
import weakref

import numpy as np
import pytest
from volume_phantoms import CORONAL, Grid, ramp, sampled_volume

from archive.progress import Cancelled, CancelToken
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.imaging.turning.half_size import half_size


@pytest.mark.parametrize("shape", [(8, 10, 12), (9, 11, 13), (1, 6, 7)])
def test_the_values_are_where_they_were(shape):
    grid = Grid(shape, spacing_mm=(1.5, 0.8, 1.0), orientation=CORONAL, first_mm=(5, -6, 7))
    volume = sampled_volume(grid, ramp((2, -3, 5)))
    half = half_size(volume)
    assert half.shape == tuple((size + 1) // 2 for size in shape)
    for k, j, i in np.ndindex(*(size // 2 for size in shape)):
        x, y, z = half.patient_point(k, j, i)
        assert half.stored_values[k, j, i] == pytest.approx(2 * x - 3 * y + 5 * z, abs=1e-3)


def test_long_voxels_are_not_made_longer():
    volume = sampled_volume(Grid((8, 10, 12), spacing_mm=(5.0, 0.8, 0.8)), ramp((2, -3, 5)))
    half = half_size(volume)
    assert half.shape == (8, 5, 6)
    assert half.spacing_mm == pytest.approx((5.0, 1.6, 1.6))


@pytest.mark.parametrize(("projection", "reduce"), [(Projection.MAX, np.max), (Projection.MIN, np.min)])
@pytest.mark.parametrize("slope", [1.0, -1.0])
def test_the_thin_is_kept(projection, reduce, slope):
    stored = np.random.default_rng(6).integers(-500, 500, (6, 8, 10))
    grid = Grid(stored.shape)
    volume = sampled_volume(grid, lambda _: stored * slope, np.int16, rescale_slope=slope)
    half = half_size(volume, projection)
    blocks = (stored * slope).reshape(3, 2, 4, 2, 5, 2)
    np.testing.assert_array_equal(half.stored_values * slope, reduce(blocks, axis=(1, 3, 5)))


def test_what_is_still_being_filled_is_halved_as_it_is_now():
    volume = sampled_volume(Grid((4, 4, 4)), ramp((0, 0, 0)))
    assert half_size(volume, Projection.MAX).stored_values.max() == 0
    volume.stored_values[3] = 7
    assert half_size(volume, Projection.MAX).stored_values.max() == 7


@pytest.mark.parametrize("projection", [Projection.MAX, Projection.MIN, Projection.MEAN])
@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_padding_counts_for_nothing_beside_values(projection, dtype):
    stored = np.random.default_rng(6).choice(np.array([-2000, 40], dtype), (6, 8, 10), p=(0.6, 0.4))
    stored[2:4] = -2000
    volume = sampled_volume(Grid(stored.shape), lambda _: stored, dtype, padding_range=(-2000, -2000))
    seen = half_size(volume, projection).stored_values
    has_any = (stored == 40).reshape(3, 2, 4, 2, 5, 2).any(axis=(1, 3, 5))
    np.testing.assert_array_equal(seen, np.where(has_any, 40, -2000))


def test_it_is_made_once_and_goes_with_its_volume():
    volume = sampled_volume(Grid((4, 4, 4)), ramp((1, 1, 1)))
    volume.stored_values.setflags(write=False)
    assert half_size(volume) is half_size(volume, Projection.NONE)
    assert half_size(volume) is not half_size(volume, Projection.MAX)
    half = weakref.ref(half_size(volume))
    del volume
    gc.collect()
    assert half() is None


def test_asked_to_stop_it_keeps_nothing():
    volume = sampled_volume(Grid((4, 4, 4)), ramp((1, 1, 1)))
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        half_size(volume, token=token)
    assert half_size(volume).shape == (2, 2, 2)
