"""Padding and gaps are as good as outside: in slabs, projections and planes."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from compiled_reslicing import IMPLEMENTATIONS, PROJECTIONS, using
from hypothesis import given, settings
from hypothesis import strategies as st
from sampled_volumes import axis_grid, grid_through, noise, volume_of

from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.imaging.planes.reslicing import reslice
from noctis_tui.imaging.planes.slab_projection import project

TYPES = (np.int16, np.uint16, np.uint8, np.float32)
PROJECTED = (Projection.MAX, Projection.MIN, Projection.MEAN)
REDUCED = {Projection.MAX: np.nanmax, Projection.MIN: np.nanmin, Projection.MEAN: np.nanmean}
OBLIQUE = ((10, 0, 0), (0, 35, 0), (20, -40, 65), (-71, 12, 150))
SPACING_MM = (2.5, 0.7, 0.9)


@pytest.fixture(params=IMPLEMENTATIONS, scope="module", autouse=True)
def implementation(request):
    """Everything below holds for numpy and for the compiled loops."""
    with using(request.param):
        yield request.param


def padded(volume, low, high, *, is_final=False):
    """Declare stored values from low to high as padding."""
    if is_final:
        volume.stored_values.setflags(write=False)
    ends = sorted((volume.modality_value(low), volume.modality_value(high)))
    return replace(volume, padding_range=(ends[0], ends[1]))


def measured(volume, low, high):
    """Modality values in float64, NaN for padding."""
    stored = volume.stored_values.astype(np.float64)
    stored[(stored >= low) & (stored <= high)] = np.nan
    return stored * volume.rescale_slope + volume.rescale_intercept


def reduced(values, projection, axis):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # rays without any value
        return REDUCED[projection](values, axis=axis)


def extremes(dtype):
    return (-1.5, 3e4) if dtype is np.float32 else (np.iinfo(dtype).min, np.iinfo(dtype).max)


def ranges(dtype):
    lowest, highest = extremes(dtype)
    return [(lowest, lowest), (highest, highest), (7, 7), (20, 60)]


@given(
    st.sampled_from(TYPES),
    st.sampled_from(PROJECTED),
    st.integers(0, 2),
    st.integers(0, 3),
    st.sampled_from([1.0, -2.5]),
    st.booleans(),
    st.integers(0, 1 << 30),
)
@settings(max_examples=150, deadline=None)
def test_padding_has_no_part_in_projections(dtype, projection, axis, which, slope, is_final, seed):
    random = np.random.default_rng(seed)
    low, high = ranges(dtype)[which]
    few = np.array([low, high, *extremes(dtype), 5, 30, 90], np.float64).astype(dtype)
    stored = random.choice(few, (70, 5, 6))
    stored[:, random.integers(5)] = low  # rays of nothing but padding
    stored[:, :, random.integers(6)] = low
    stored[random.integers(70)] = low
    volume = padded(volume_of(stored, slope=slope, intercept=-24), low, high, is_final=is_final)
    expected = reduced(measured(volume, low, high), projection, axis)
    np.testing.assert_allclose(project(volume, axis, projection), expected.astype(np.float32), rtol=1e-6)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("projection", PROJECTED)
@pytest.mark.parametrize("is_final", [True, False])
def test_padding_has_no_part_in_slabs(dtype, projection, is_final):
    stored = noise((70, 11, 13), dtype)
    stored[np.random.default_rng(3).random(stored.shape) < 0.4] = 17
    stored[:, 2:4] = 17
    volume = padded(volume_of(stored, (1.5, 0.5, 0.75), "sagittal", (11, 5, -8)), 17, 17, is_final=is_final)
    truth = measured(volume, 17, 17)
    for at, count in ((35, 41), (5, 3), (60, 25)):
        grid = axis_grid(volume, 0, at)
        seen = reslice(volume, grid, slab_thickness_mm=(count - 1) * 1.5, projection=projection)
        layers = slice(max(at - count // 2, 0), at + count // 2 + 1)
        expected = reduced(truth[layers], projection, 0)
        np.testing.assert_allclose(seen, expected.astype(np.float32), rtol=1e-6)
        assert np.isnan(seen[2:4]).all()


@pytest.mark.parametrize("degrees", OBLIQUE)
@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("slab", [(0.0, Projection.MAX), *((9.0, each) for each in PROJECTED)])
def test_a_volume_in_a_shell_of_padding_is_that_volume(degrees, dtype, slab):
    inner = volume_of(
        np.minimum(noise((16, 20, 24), dtype), 250 if dtype is np.uint8 else 4000),
        SPACING_MM,
        "coronal",
        (11, 5, -8),
    )
    value = np.iinfo(dtype).max if dtype is not np.float32 else -1024.0001
    around = np.pad(inner.stored_values, ((2, 3), (4, 1), (3, 2)), constant_values=value)
    affine = inner.index_to_patient.copy()
    affine[:3, 3] = inner.patient_point(-2, -4, -3)
    outer = padded(replace(inner, stored_values=around, index_to_patient=affine), value, value)
    thickness, projection = slab
    grid = grid_through(inner, degrees, (60, 70), 0.61, (0.3, -0.2, 0.15))
    bare, seen = (
        reslice(each, grid, slab_thickness_mm=thickness, projection=projection) for each in (inner, outer)
    )
    assert np.isnan(bare).any()
    assert not np.isnan(bare).all()
    np.testing.assert_array_equal(np.isnan(bare), np.isnan(seen))
    np.testing.assert_allclose(seen, bare, rtol=1e-6, atol=1e-3)


@given(st.sampled_from(TYPES), st.floats(0, 1), st.sampled_from(PROJECTED), st.sampled_from(OBLIQUE))
@settings(max_examples=40, deadline=None)
def test_compiled_loops_and_numpy_sample_to_the_same_bits(dtype, share, projection, degrees):
    stored = noise((12, 14, 16), dtype)
    stored[np.random.default_rng(5).random(stored.shape) < share] = 9
    volume = padded(volume_of(stored, SPACING_MM), 9, 12)
    grid = grid_through(volume, degrees)
    found = []
    for each in IMPLEMENTATIONS:
        with using(each):
            found += [
                reslice(volume, grid),
                reslice(volume, grid, slab_thickness_mm=6, projection=projection),
            ]
    assert np.array_equal(found[0], found[2], equal_nan=True)
    assert np.array_equal(found[1], found[3], equal_nan=True)


def test_a_sample_has_a_value_where_its_nearest_voxel_has_one():
    stored = np.full((2, 2, 9), 50, np.int16)
    stored[:, :, 4] = -2000
    volume = padded(volume_of(stored), -2000, -2000)
    grid = axis_grid(volume, 0, 0.3)
    fine = replace(grid, plane=replace(grid.plane, column_spacing_mm=0.25), columns=33)
    seen = reslice(volume, fine)
    assert np.isnan(seen[0, 15:18]).all()  # 3.75 to 4.25
    assert (seen[0, :15] == 50).all()
    assert (seen[0, 19:] == 50).all()


def test_padding_that_files_have_stays_on_planes_of_voxels_and_gaps_do_not():
    stored = noise((5, 6, 7), np.float32)
    stored[:, 0] = -3000
    volume = padded(volume_of(stored), -3000, -3000)
    for axis, at in ((0, 2), (1, 0), (2, 3)):
        plane = np.take(stored, at, axis)
        assert np.array_equal(reslice(volume, axis_grid(volume, axis, at)), plane)
        seen = reslice(replace(volume, has_gaps=True), axis_grid(volume, axis, at))
        assert np.array_equal(seen, np.where(plane == -3000, np.nan, plane), equal_nan=True)


def test_padding_of_a_volume_is_known_as_stored_values():
    volume = volume_of(noise((2, 3, 4)), slope=0.1, intercept=-1024)
    assert volume.stored_padding is None
    assert padded(volume, -2000, -1999).stored_padding == (-2000, -1999)
    assert padded(replace(volume, rescale_slope=-0.1), 5, 9).stored_padding == (5, 9)
    assert replace(volume, padding_range=(1e6, 2e6)).stored_padding is None
    assert replace(volume, padding_range=(-1e6, 0.0)).stored_padding == (-32768, 10240)


@pytest.mark.parametrize("padding", [(-40_000.0, -5.0), (5.0, 40_000.0)], ids=["below", "above"])
def test_compiled_loops_refuse_padding_that_no_voxel_can_be(padding):
    if PROJECTIONS is None:
        pytest.skip("installed without a compiler")
    with pytest.raises(ValueError, match="voxels are 3-D"):
        PROJECTIONS.project(np.zeros((2, 3, 4), np.int16), 0, 0, np.zeros((3, 4), np.int16), *padding)
