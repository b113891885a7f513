"""Slabs along the axes of a volume, with tables and without, against VTK and SimpleITK."""

import gc
import weakref

import numpy as np
import pytest
from compiled_reslicing import IMPLEMENTATIONS, PROJECTIONS, using
from hypothesis import given, settings
from hypothesis import strategies as st
from sampled_volumes import axis_grid, noise, slab_by_simpleitk, slab_by_vtk, volume_of

from archive.progress import Cancelled, CancelToken
from noctis_tui.imaging.planes import slab_projection
from noctis_tui.imaging.planes.folding import fold
from noctis_tui.imaging.planes.projection import Projection, slab_of
from noctis_tui.imaging.planes.reslicing import reslice
from noctis_tui.imaging.planes.slab_projection import project, project_layers

SHAPE = (70, 11, 13)
TYPES = (np.int16, np.uint16, np.uint8, np.float32)
PROJECTED = (Projection.MAX, Projection.MIN, Projection.MEAN)
WHOLE = (slice(None), slice(None), slice(None))


@pytest.fixture(params=IMPLEMENTATIONS, scope="module", autouse=True)
def implementation(request):
    """Everything below holds for numpy and for the compiled loops."""
    with using(request.param):
        yield request.param


def final(volume):
    volume.stored_values.setflags(write=False)
    return volume


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("projection", PROJECTED)
@pytest.mark.parametrize("has_tables", [True, False])
@pytest.mark.parametrize("slope", [1, -2.5])
def test_slabs_are_those_of_vtk_and_simpleitk(dtype, axis, projection, has_tables, slope):
    volume = volume_of(noise(SHAPE, dtype), (1.5, 0.5, 0.75), "sagittal", (11, 5, -8), slope, -24)
    if has_tables:
        final(volume)
    spacing, count = volume.spacing_mm[axis], SHAPE[axis]
    for at, thickness in ((count // 2, 5 * spacing), (count // 2 + 0.3, 41 * spacing), (2, 1000)):
        seen = reslice(
            volume, axis_grid(volume, axis, at), slab_thickness_mm=thickness, projection=projection
        )
        layers = slab_of(at, thickness, spacing, count)
        operation = projection.value.capitalize()
        tolerance = 2e-4 if dtype is np.float32 and projection is Projection.MEAN else 0
        for peer in (slab_by_vtk, slab_by_simpleitk):
            expected = peer(volume, axis, layers, operation).astype(np.float32)
            assert np.abs(seen - expected).max() <= tolerance


def test_a_slab_has_the_slices_whose_centres_lie_in_it():
    assert slab_of(10, 0, 1, 100) == range(10, 11)
    assert slab_of(10, 10, 1, 100) == range(5, 16)
    assert slab_of(10, 9.9, 1, 100) == range(6, 15)
    assert slab_of(10.5, 1, 1, 100) == range(10, 12)
    assert not slab_of(10.5, 0.9, 1, 100)
    assert slab_of(2, 10, 1, 100) == range(8)
    assert slab_of(98, 10, 1, 100) == range(93, 100)
    assert not slab_of(-9, 10, 1, 100)
    assert slab_of(10, 10, 2.5, 100) == range(8, 13)


layers = st.tuples(st.integers(0, 99), st.integers(1, 100)).map(
    lambda pair: range(pair[0], min(pair[0] + pair[1], 100))
)
signs = st.sampled_from([1, -1, 2])


@given(layers, st.sampled_from(PROJECTED), st.sampled_from(TYPES), signs, signs)
@settings(max_examples=100, deadline=None)
def test_tables_change_nothing(layers, projection, dtype, down, right):
    stored = noise((100, 6, 5), dtype)
    voxels = (slice(None), slice(None, None, down), slice(None, None, right))
    plain = project_layers(volume_of(stored), 0, layers, voxels, projection)
    tables = project_layers(final(volume_of(stored.copy())), 0, layers, voxels, projection)
    assert np.array_equal(plain, tables)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("projection", PROJECTED)
def test_all_of_a_volume_is_projected(axis, projection):
    volume = final(volume_of(noise(SHAPE), slope=2, intercept=-3))
    expected = getattr(volume.stored_values.astype(np.float64) * 2 - 3, projection.value)(axis=axis)
    assert np.array_equal(project(volume, axis, projection), expected.astype(np.float32))


def test_a_volume_that_is_still_being_filled_is_shown_as_it_is_now():
    volume = volume_of(np.zeros((64, 4, 4), np.int16))
    assert project(volume, 0, Projection.MAX).max() == 0
    volume.stored_values[:] = noise((64, 4, 4))
    assert np.array_equal(project(volume, 0, Projection.MAX), volume.stored_values.max(axis=0))


def test_tables_go_with_their_volume():
    volume = final(volume_of(noise(SHAPE)))
    project(volume, 0, Projection.MAX)
    known = weakref.ref(slab_projection._tables[volume][Projection.MAX, 3])
    del volume
    gc.collect()
    assert known() is None


def test_a_cancelled_projection_is_given_up():
    token = CancelToken()
    token.cancel()
    for volume in (volume_of(noise(SHAPE)), final(volume_of(noise(SHAPE)))):
        for axis in range(3):
            with pytest.raises(Cancelled):
                project(volume, axis, Projection.MAX, token=token)


@given(
    st.sampled_from(TYPES),
    st.sampled_from(PROJECTED),
    st.integers(0, 2),
    st.tuples(*[st.integers(1, 9)] * 3),
    st.tuples(*[signs] * 3),
    st.sampled_from([None, np.nan, np.inf]),
)
@settings(max_examples=150, deadline=None)
def test_compiled_loops_and_numpy_fold_to_the_same_bits(dtype, projection, axis, shape, steps, extraordinary):
    stored = noise(shape, dtype)
    if dtype is np.float32 and extraordinary:
        stored.reshape(-1)[::3] = extraordinary
    part = stored[:: steps[0], :: steps[1], :: steps[2]]
    found = []
    for each in IMPLEMENTATIONS:
        with using(each), np.errstate(invalid="ignore"):
            found.append(fold([part], axis, projection))
    assert found[0].dtype.kind == found[1].dtype.kind
    assert np.array_equal(*found, equal_nan=dtype is np.float32)


def test_long_lines_are_folded_in_pieces():
    stored = noise((2, 3, 70_000))
    for axis in range(3):
        assert np.array_equal(fold([stored], axis, Projection.MAX), stored.max(axis=axis))


STORED, OUT = np.zeros((2, 3, 4), np.int16), np.zeros((3, 4), np.int16)


@pytest.mark.parametrize(
    "arguments",
    [
        (STORED[0], 0, 0, OUT),
        (STORED.astype(np.int64), 0, 0, OUT),
        (STORED[:, :, ::2], 0, 0, np.zeros((3, 2), np.int16)),
        (STORED[:0], 0, 0, OUT),
        (STORED, 3, 0, OUT),
        (STORED, 0, 3, OUT),
        (STORED, 0, 2, OUT),
        (STORED, 0, 0, OUT.astype(np.int32)),
        (STORED, 1, 0, OUT),
        (STORED.astype(np.float32), 0, 2, OUT.astype(np.float32)),
        (np.broadcast_to(np.int16(1), (40_000, 1, 1)).copy(), 0, 2, np.zeros((1, 1), np.int32)),
    ],
)
def test_compiled_loops_refuse_what_they_cannot_read(arguments):
    if PROJECTIONS is None:
        pytest.skip("installed without a compiler")
    with pytest.raises(ValueError, match="voxels are 3-D"):
        PROJECTIONS.project(*arguments)
