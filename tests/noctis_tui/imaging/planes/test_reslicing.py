"""Planes and slabs out of a volume, against SimpleITK, VTK and float64."""

import warnings

import numpy as np
import pytest
from compiled_reslicing import COMPILED, IMPLEMENTATIONS, using
from hypothesis import given, settings
from hypothesis import strategies as st
from sampled_volumes import AXES, axis_grid, by_scipy, by_simpleitk, grid_through, noise, volume_of

from archive.progress import Cancelled, CancelToken
from noctis_tui.imaging.patient_space import ImagePlane
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.imaging.planes.reslicing import coarser, reslice
from noctis_tui.imaging.slices import Slice

SHAPE = (24, 30, 36)
ANISOTROPIC = (2.5, 0.7, 0.9)
TYPES = (np.int16, np.uint16, np.uint8, np.float32)
OBLIQUE = ((10, 0, 0), (0, 35, 0), (20, -40, 65), (90, 0, 33), (-71, 12, 150))


@pytest.fixture(params=IMPLEMENTATIONS, scope="module", autouse=True)
def implementation(request):
    """Everything below holds for numpy and for the compiled loops."""
    with using(request.param):
        yield request.param


def exact(volume, values):
    return (values.astype(np.float64) * volume.rescale_slope + volume.rescale_intercept).astype(np.float32)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize(("slope", "intercept"), [(1, -1024), (0.0123, 0.7)])
def test_pixels_that_are_voxels_are_these_voxels(dtype, axes, axis, slope, intercept):
    volume = volume_of(noise(SHAPE, dtype), ANISOTROPIC, axes, (11, 5, -8), slope, intercept)
    seen = reslice(volume, axis_grid(volume, axis, 7))
    expected = exact(volume, np.take(volume.stored_values, 7, axis))
    assert seen.dtype == np.float32
    assert np.array_equal(seen, expected) or (dtype is np.float32 and np.allclose(seen, expected, rtol=1e-6))


def test_a_slice_is_its_own_grid():
    volume = volume_of(noise(SHAPE), ANISOTROPIC, "sagittal", (3, 2, 1))
    assert np.array_equal(reslice(volume, volume.slice_at(5)), volume.stored_values[5])


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_turned_mirrored_and_thinned_grids_on_voxels_are_exact(data):
    volume = volume_of(noise(SHAPE), ANISOTROPIC, data.draw(st.sampled_from(list(AXES))), (11, 5, -8))
    down, right, axis = data.draw(st.permutations(range(3)))
    signs = [data.draw(st.sampled_from([-1, 1])) for _ in range(2)]
    strides = [data.draw(st.integers(1, 3)) for _ in range(2)]
    corner = [data.draw(st.integers(-5, count + 4)) for count in SHAPE]
    rows, columns = data.draw(st.integers(1, 50)), data.draw(st.integers(1, 50))
    directions = volume.index_to_patient[:3, :3] / volume.spacing_mm
    plane = ImagePlane(
        volume.patient_point(*corner),
        (*(directions[:, right] * signs[1]), *(directions[:, down] * signs[0])),
        volume.spacing_mm[down] * strides[0],
        volume.spacing_mm[right] * strides[1],
    )
    seen = reslice(volume, Slice(plane, rows, columns))
    index = np.empty((3, rows, columns), int)
    index[axis] = corner[axis]
    index[down] = corner[down] + (np.arange(rows) * signs[0] * strides[0])[:, None]
    index[right] = corner[right] + np.arange(columns) * signs[1] * strides[1]
    inside = ((index >= 0) & (index < np.reshape(SHAPE, (3, 1, 1)))).all(axis=0)
    assert np.array_equal(np.isnan(seen), ~inside)
    assert np.array_equal(seen[inside], volume.stored_values[tuple(index[:, inside])])


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("degrees", OBLIQUE)
def test_oblique_planes_are_simpleitks_and_those_of_float64(dtype, axes, degrees):
    volume = volume_of(noise(SHAPE, dtype), ANISOTROPIC, axes, (11, 5, -8), 1, -24)
    grid = grid_through(volume, degrees, (60, 70), off_mm=(1.3, -0.4, 0.2))
    seen, peer, true = reslice(volume, grid), by_simpleitk(volume, grid), by_scipy(volume, grid)
    inside = ~np.isnan(seen)
    assert 0.1 < inside.mean() < 1
    assert np.array_equal(inside, peer > -1e8)
    assert np.abs(seen - peer)[inside].max() <= 1e-3
    assert np.abs(seen - true)[inside].max() <= 1e-3


def test_whole_numbers_are_almost_everywhere_those_of_float64():
    volume = volume_of(noise(SHAPE), ANISOTROPIC)
    differences = []
    for degrees in OBLIQUE:
        grid = grid_through(volume, degrees, (200, 200), 0.15)
        seen = reslice(volume, grid)
        inside = ~np.isnan(seen)
        differences.append(np.rint(seen[inside]) - np.rint(by_scipy(volume, grid)[inside]))
    assert np.abs(np.concatenate(differences)).max() <= 1
    assert (np.concatenate(differences) != 0).mean() <= 2e-4


def test_grids_between_slices_and_voxels_are_interpolated():
    volume = volume_of(noise(SHAPE), ANISOTROPIC)
    half = reslice(volume, axis_grid(volume, 0, 7.5))
    assert np.array_equal(half, volume.stored_values[7:9].mean(axis=0, dtype=np.float64))
    quarter = coarser(axis_grid(volume, 0, 7), 2)
    blocks = volume.stored_values[7].reshape(15, 2, 18, 2).mean(axis=(1, 3))
    assert np.array_equal(reslice(volume, quarter), blocks)


angles = st.tuples(*[st.floats(-180, 180)] * 3)
gradient = st.tuples(*[st.floats(-20, 20)] * 3)


@given(angles, angles, gradient, st.sampled_from(list(AXES)))
@settings(max_examples=60, deadline=None)
def test_a_ramp_comes_out_as_the_ramp_that_it_is(lie, degrees, gradient, axes):
    k, j, i = np.indices(SHAPE)
    volume = volume_of(np.zeros(SHAPE, np.float32), ANISOTROPIC, axes, lie)
    x, y, z = np.einsum("ab,bkji->akji", volume.index_to_patient[:3, :3], np.stack([k, j, i]))
    volume.stored_values[:] = gradient[0] * x + gradient[1] * y + gradient[2] * z
    grid = grid_through(volume, degrees, (20, 25), 0.5)
    rows, columns = np.mgrid[:20, :25]
    points = np.stack(grid.plane.patient_point(columns, rows)) - volume.index_to_patient[:3, 3].reshape(
        3, 1, 1
    )
    truth = np.tensordot(gradient, points, 1)
    index = np.einsum("ab,brc->arc", volume.patient_to_index[:3, :3], points)
    within = ((index > 0) & (index < np.reshape(SHAPE, (3, 1, 1)) - 1)).all(axis=0)
    assert reslice(volume, grid)[within] == pytest.approx(truth[within], abs=2e-3)


def test_the_outermost_voxels_reach_half_a_voxel_further_and_nothing_does_beyond():
    volume = volume_of(noise((4, 4, 4)), (1, 1, 1))
    grid = axis_grid(volume, 0, -0.4)
    assert np.array_equal(reslice(volume, grid), volume.stored_values[0])
    assert np.isnan(reslice(volume, axis_grid(volume, 0, -0.6))).all()
    assert np.isnan(reslice(volume, axis_grid(volume, 0, -1))).all()
    assert np.isnan(reslice(volume, axis_grid(volume, 0, 3.6))).all()


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 8, 9), (7, 1, 9), (7, 8, 1), (2, 1, 1)])
@pytest.mark.parametrize("degrees", [(0, 0, 0), (20, -40, 65)])
def test_volumes_a_voxel_thick_are_sampled_too(shape, degrees):
    volume = volume_of(noise(shape), (2, 1, 1.5), degrees=degrees)
    for plane in ((0, 0, 0), (17, 5, 30)):
        grid = grid_through(volume, plane, (21, 21), 0.37)
        seen, peer = reslice(volume, grid), by_simpleitk(volume, grid)
        inside = ~np.isnan(seen)
        assert inside.any()
        assert np.array_equal(inside, peer > -1e8)
        assert np.abs(seen - peer)[inside].max() <= 1e-3


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("projection", [Projection.MAX, Projection.MIN, Projection.MEAN])
def test_a_negative_slope_turns_no_maximum_into_a_minimum(axis, projection):
    volume = volume_of(noise(SHAPE), ANISOTROPIC, slope=-1, intercept=10)
    reduced = getattr(exact(volume, volume.stored_values).astype(np.float64), projection.value)(axis=axis)
    seen = reslice(volume, axis_grid(volume, axis, 4), slab_thickness_mm=1000, projection=projection)
    assert np.array_equal(seen, reduced.astype(np.float32))


def test_none_is_the_plane_alone_however_thick_the_slab():
    volume = volume_of(noise(SHAPE), ANISOTROPIC)
    seen = reslice(volume, axis_grid(volume, 0, 4), slab_thickness_mm=20, projection=Projection.NONE)
    assert np.array_equal(seen, volume.stored_values[4])


@pytest.mark.parametrize("degrees", OBLIQUE)
@pytest.mark.parametrize("projection", [Projection.MAX, Projection.MIN, Projection.MEAN])
def test_oblique_slabs_are_planes_behind_each_other_a_smallest_spacing_apart(degrees, projection):
    volume = volume_of(noise(SHAPE), ANISOTROPIC, "coronal", (11, 5, -8))
    grid = grid_through(volume, degrees, (30, 40))
    planes = []
    for step in range(-3, 4):
        off = 0.7 * step * np.array(grid.plane.normal)
        plane = ImagePlane(tuple(np.array(grid.plane.position_mm) + off), grid.plane.orientation, 0.9, 0.9)
        planes.append(reslice(volume, Slice(plane, grid.rows, grid.columns)).astype(np.float64))
    with warnings.catch_warnings(action="ignore"):  # where all are NaN
        expected = getattr(np, f"nan{projection.value}")(planes, axis=0)
    seen = reslice(volume, grid, slab_thickness_mm=4.3, projection=projection)
    assert np.allclose(seen, expected, rtol=0, atol=1e-3, equal_nan=True)


def test_drafts_have_the_size_of_the_grid_and_come_near():
    k, j, i = np.indices(SHAPE)
    volume = volume_of((10 * k + 7 * j + 3 * i).astype(np.int16))
    grid = grid_through(volume, (20, -40, 65), (21, 25), 0.5)
    draft, full = reslice(volume, grid, draft=True), reslice(volume, grid)
    assert draft.shape == full.shape == (21, 25)
    assert np.nanmax(np.abs(draft - full)) < 10


def test_a_cancelled_plane_is_given_up():
    token = CancelToken()
    token.cancel()
    volume = volume_of(noise(SHAPE))
    with pytest.raises(Cancelled):
        reslice(volume, grid_through(volume, (20, -40, 65)), token=token)
    with pytest.raises(Cancelled):
        reslice(volume, axis_grid(volume, 0, 4), slab_thickness_mm=20, token=token)


def of(implementation, volume, grid, **how):
    with using(implementation):
        return reslice(volume, grid, **how)


@given(
    st.sampled_from(TYPES),
    angles,
    angles,
    st.tuples(*[st.integers(1, 9)] * 3),
    st.tuples(*[st.floats(-6, 6)] * 3),
    st.floats(0, 8),
    st.sampled_from([Projection.MAX, Projection.MIN, Projection.MEAN]),
    st.sampled_from([None, np.nan, np.inf]),
)
@settings(max_examples=80, deadline=None)
def test_compiled_loops_and_numpy_find_the_same_bits(
    dtype, lie, degrees, shape, off_mm, slab_mm, projection, extraordinary
):
    stored = noise(shape, dtype)
    if dtype is np.float32 and extraordinary:
        stored.reshape(-1)[::3] = extraordinary
    volume = volume_of(stored, ANISOTROPIC, degrees=lie)
    grid = grid_through(volume, degrees, (9, 300), 0.05, off_mm)
    how = {"slab_thickness_mm": slab_mm, "projection": projection}
    with np.errstate(invalid="ignore"):
        one, other = (of(each, volume, grid, **how) for each in IMPLEMENTATIONS)
    assert np.array_equal(one, other, equal_nan=True)


STORED, ORIGINS, STEPS = np.zeros((2, 3, 4), np.int16), np.zeros((1, 3)), np.zeros((2, 3))
OUT = np.zeros((2, 3), np.float32)


@pytest.mark.parametrize(
    "arguments",
    [
        (STORED[0], ORIGINS, STEPS, 0, 0, OUT),
        (STORED.astype(np.int32), ORIGINS, STEPS, 0, 0, OUT),
        (STORED[:, :, :1].copy(), ORIGINS, STEPS, 0, 0, OUT),
        (STORED[:0], ORIGINS, STEPS, 0, 0, OUT),
        (STORED, ORIGINS[:, :2].copy(), STEPS, 0, 0, OUT),
        (STORED, ORIGINS.astype(np.float32), STEPS, 0, 0, OUT),
        (STORED, ORIGINS, STEPS[:1], 0, 0, OUT),
        (STORED, ORIGINS, STEPS, -1, 0, OUT),
        (STORED, ORIGINS, STEPS, 0, 3, OUT),
        (STORED, ORIGINS, STEPS, 0, 0, OUT.astype(np.float64)),
        (STORED, ORIGINS, STEPS, 0, 0, OUT[0]),
    ],
)
def test_compiled_loops_refuse_what_they_cannot_read(arguments):
    if COMPILED is None:
        pytest.skip("installed without a compiler")
    with pytest.raises(ValueError, match="voxels are 3-D"):
        COMPILED.sample(*arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        (STORED[:, :, ::2], ORIGINS, STEPS, 0, 0, OUT),
        (STORED, ORIGINS, STEPS, 0, 0, OUT.T),
        (STORED, ORIGINS, STEPS, 0, 0, bytes(24)),
        (None, ORIGINS, STEPS, 0, 0, OUT),
    ],
)
def test_compiled_loops_refuse_what_is_scattered_or_read_only(arguments):
    if COMPILED is None:
        pytest.skip("installed without a compiler")
    with pytest.raises((TypeError, ValueError, BufferError)):
        COMPILED.sample(*arguments)


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 1e300, -1e300, 2.0**31, -(2.0**63)])
def test_compiled_loops_read_nothing_beside_the_volume(number):
    if COMPILED is None:
        pytest.skip("installed without a compiler")
    for where in range(9):
        numbers = np.full(9, 0.7)
        numbers[where] = number
        out = np.zeros((2, 300), np.float32)
        COMPILED.sample(STORED, numbers[:3].reshape(1, 3).copy(), numbers[3:].reshape(2, 3).copy(), 0, 0, out)
        assert np.isin(out[~np.isnan(out)], [0]).all()
