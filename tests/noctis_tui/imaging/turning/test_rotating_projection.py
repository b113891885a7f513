import os
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from volume_phantoms import CORONAL, SAGITTAL, Grid, sampled_volume, sphere, turned
from volume_rays import body, ray_projection

from archive.progress import Cancelled, CancelToken
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.imaging.planes.slab_projection import project
from noctis_tui.imaging.turning import compiled_turning
from noctis_tui.imaging.turning.half_size import half_size
from noctis_tui.imaging.turning.rotating_projection import rotating_projection
from noctis_tui.imaging.turning.turned_view import filled_view, fitted_view, turned_orientation
from noctis_tui.imaging.volume import Volume

GRIDS = {
    "axial": Grid((64, 64, 64)),
    "anisotropic": Grid((40, 64, 48), spacing_mm=(1.6, 0.8, 1.1)),
    "coronal": Grid((48, 56, 64), spacing_mm=(1.2, 1, 0.9), orientation=CORONAL, first_mm=(-10, 4, 30)),
    "oblique": Grid((48, 64, 56), orientation=turned(SAGITTAL, (1, 2, 3), 25), first_mm=(5, 6, 7)),
}
# Mean and 99th percentile in HU, against rays of 0.25 mm: the nearest voxels, and values between four.
TOLERANCES = {"numpy": (27, 250), "compiled": (22, 150)}
DIRECTIONS = [(0, 0), (33, 0), (110, 0), (200, 25), (250, -40), (20, 75)]


@pytest.fixture(scope="module", params=GRIDS.values(), ids=GRIDS)
def volume(request):
    return body(request.param, rescale_intercept=-1024.0)


@pytest.fixture(params=TOLERANCES, autouse=True)
def implementation(request, monkeypatch):
    if request.param == "numpy":
        monkeypatch.setattr(compiled_turning, "loops", None)
    elif compiled_turning.loops is None and not os.environ.get("NOCTIS_NOTHING_MAY_SLEEP"):
        pytest.skip("installed without a compiler")
    return request.param


@cache
def reference(volume, view, projection=Projection.MAX):
    """Rays are followed once for both implementations."""
    return ray_projection(volume, view, projection)


def differences(ours, theirs):
    both = np.isfinite(ours) & np.isfinite(theirs)
    assert both.mean() > 0.15
    apart = np.isfinite(ours) ^ np.isfinite(theirs)
    assert apart.sum() < 0.05 * both.sum() + 40  # the outline, which lies within a voxel
    return np.abs(ours[both] - theirs[both])


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_it_follows_rays_of_a_quarter_of_a_millimetre(volume, direction, implementation):
    view = fitted_view(volume, turned_orientation(*direction), rows=80, columns=90, zoom=1.3)
    away = differences(rotating_projection(volume, view), reference(volume, view))
    mean, percentile_99 = TOLERANCES[implementation]
    assert away.mean() <= mean
    assert np.percentile(away, 99) <= percentile_99


@pytest.mark.parametrize("projection", [Projection.MIN, Projection.MEAN])
@pytest.mark.parametrize("direction", [(33, 0), (200, 25), (20, 75)])
def test_smallest_and_mean_values_follow_the_rays_too(volume, projection, direction):
    view = fitted_view(volume, turned_orientation(*direction), rows=60, columns=60)
    away = differences(
        rotating_projection(volume, view, projection=projection), reference(volume, view, projection)
    )
    assert np.median(away) <= 27  # where a ray only scrapes a corner, it meets few samples


@pytest.mark.parametrize("direction", [(0, 0), (33, 0), (200, 25), (20, 75)])
def test_a_slab_holds_what_lies_in_it_alone(direction):
    grid = Grid((48, 60, 52), spacing_mm=(1.2, 0.9, 1.0))
    near_mm, far_mm = (np.array([12, -9, 6]) * side for side in (1, -1))
    volume = sampled_volume(
        grid,
        lambda points: (
            sphere(grid.center_mm + near_mm, 4, 900)(points) + sphere(grid.center_mm + far_mm, 4, 500)(points)
        ),
        np.int16,
    )
    view = fitted_view(volume, turned_orientation(*direction), rows=70, columns=70, zoom=1.3)
    both = rotating_projection(volume, view)
    for side in (near_mm, far_mm):
        depth_mm = float(np.dot(side, view.plane.normal))
        if abs(depth_mm) < 6:
            continue
        moved = moved_along(view, depth_mm)
        slab = rotating_projection(volume, moved, slab_thickness_mm=10)
        away = differences(slab, ray_projection(volume, moved, Projection.MAX, slab_thickness_mm=10))
        assert away.mean() <= 27
        highest = 900 if side is near_mm else 500
        assert 0.9 * highest <= np.nanmax(slab) <= highest + 0.01
    assert np.nanmin(both) == 0


def moved_along(view, depth_mm):
    position = tuple(np.array(view.plane.position_mm) + depth_mm * np.array(view.plane.normal))
    return replace(view, plane=replace(view.plane, position_mm=position))


@pytest.mark.parametrize("azimuth", [0, 30, 60, 90, 45])
def test_a_ball_stays_round_in_millimetres(azimuth):
    grid = Grid((24, 80, 60), spacing_mm=(3.0, 0.8, 1.0))
    volume = sampled_volume(grid, sphere(grid.center_mm, 20), np.int16)
    view = filled_view(volume, turned_orientation(azimuth), 0.5)
    seen = rotating_projection(volume, view) > 500
    width, height = seen.any(0).sum() * 0.5, seen.any(1).sum() * 0.5
    assert width == pytest.approx(40, abs=1.5)
    assert height == pytest.approx(40, abs=3.5)  # slices of 3 mm


def test_letters_of_the_patient_are_where_the_view_says():
    grid = Grid((30, 40, 50))
    left = sampled_volume(grid, sphere(grid.center_mm + np.array([15, 0, 0]), 3), np.int16)
    view = fitted_view(left, turned_orientation(0), rows=60, columns=60)
    rows, columns = np.nonzero(rotating_projection(left, view) > 500)
    assert abs(rows.mean() - 29.5) < 1
    assert columns.mean() > 35  # seen from the front, the patient's left is on the right
    view = fitted_view(left, turned_orientation(180), rows=60, columns=60)
    assert np.nonzero(rotating_projection(left, view) > 500)[1].mean() < 25


@pytest.mark.parametrize("dtype", [np.int16, np.uint16, np.uint8, np.float32])
def test_every_kind_of_stored_values_and_a_falling_rescale(dtype):
    grid = Grid((20, 24, 28))
    plain = sampled_volume(grid, sphere(grid.center_mm, 6, 200, 5), np.float32)
    falling = sampled_volume(
        grid, sphere(grid.center_mm, 6, 200, 5), dtype, rescale_slope=-1.0, rescale_intercept=210.0
    )
    view = fitted_view(plain, turned_orientation(30, 20), rows=40, columns=40)
    for projection in (Projection.MAX, Projection.MIN, Projection.MEAN):
        for slab_mm in (0, 9):
            ours, theirs = (
                rotating_projection(each, view, projection=projection, slab_thickness_mm=slab_mm)
                for each in (falling, plain)
            )
            np.testing.assert_allclose(
                ours, theirs, atol=1.01
            )  # whole numbers of 16 bits round once or twice


def test_a_draft_keeps_the_thin_and_the_place(volume):
    view = fitted_view(volume, turned_orientation(40, 10), rows=80, columns=80)
    exact, draft = rotating_projection(volume, view), rotating_projection(volume, view, draft=True)
    both = np.isfinite(exact) & np.isfinite(draft)
    assert np.corrcoef(exact[both], draft[both])[0, 1] > 0.95
    assert abs(np.nanmax(half_size(volume, Projection.MAX).stored_values) - volume.stored_values.max()) == 0
    assert np.nanmax(draft) >= 0.9 * np.nanmax(exact)


def test_asked_to_stop_it_stops(volume):
    token = CancelToken()
    token.cancel()
    view = fitted_view(volume, turned_orientation(40, 10), rows=80, columns=80)
    for draft in (False, True):
        with pytest.raises(Cancelled):
            rotating_projection(volume, view, draft=draft, token=token)


def test_looking_through_needs_a_projection(volume):
    view = fitted_view(volume, turned_orientation(40, 10), rows=8, columns=8)
    with pytest.raises(ValueError, match="MAX"):
        rotating_projection(volume, view, projection=Projection.NONE)


@pytest.mark.parametrize("direction", [(0, 0), (90, 0), (0, 90), (180, 0), (270, 0), (0, -90)])
@pytest.mark.parametrize("dtype", [np.int16, np.uint16, np.uint8, np.float32])
def test_straight_on_it_is_the_projection_of_the_voxels_themselves(direction, dtype):
    stored = np.random.default_rng(2).integers(0, 255, (7, 150, 141)).astype(dtype)
    volume = Volume(stored, Grid(stored.shape, spacing_mm=(2.0, 1.0, 1.0)).index_to_patient)
    view = filled_view(volume, turned_orientation(*direction), 1.0)
    ours = rotating_projection(volume, view)
    axis = {(0, 0): 1, (180, 0): 1, (90, 0): 2, (270, 0): 2}.get(direction, 0)
    theirs = stored.max(axis=axis)
    if direction[1] == 0:
        theirs, ours = theirs[::-1], ours[::2]  # two rows of pixels for each slice, the head on top
    if direction in {(180, 0), (270, 0)}:
        theirs = theirs[:, ::-1]
    if direction == (0, 90):
        theirs = theirs[::-1]
    assert np.abs(ours - theirs).mean() < (0.5 if direction[1] else 3)
    assert ours.shape == theirs.shape


def test_wild_values_of_16_bits_are_not_wrapped():
    grid = Grid((20, 24, 28))
    stored = np.random.default_rng(3).choice([-32768, 32767, 0], grid.shape)
    whole, real = (Volume(stored.astype(kind), grid.index_to_patient) for kind in (np.int16, np.float32))
    view = fitted_view(whole, turned_orientation(37, 21), rows=40, columns=40)
    for projection in (Projection.MAX, Projection.MIN):
        seen, theirs = (rotating_projection(each, view, projection=projection) for each in (whole, real))
        np.testing.assert_allclose(seen, theirs, atol=1)


PROJECTED = (Projection.MAX, Projection.MIN, Projection.MEAN)
KINDS = (np.int16, np.uint16, np.uint8, np.float32)


def padded(dtype, code, *, high=120, shape=(22, 26, 30), slope=1.0):
    """Noise of 20 to `high`, with padding of one value here and there, and from two sides."""
    random = np.random.default_rng(6)
    stored = random.integers(20, high + 1, shape)
    is_padding = random.random(shape) < 0.2
    is_padding[:, :6] = is_padding[:, :, -7:] = True
    stored[is_padding] = code
    affine = Grid(shape, spacing_mm=(1.4, 1, 0.8)).index_to_patient
    ends = sorted((slope * 200, slope * 255))
    return Volume(stored.astype(dtype), affine, slope, padding_range=(ends[0], ends[1]))


@pytest.mark.parametrize("slope", [1.0, -2.0])
@pytest.mark.parametrize("slab_mm", [0, 9])
@pytest.mark.parametrize("projection", PROJECTED)
@pytest.mark.parametrize("dtype", KINDS)
def test_padding_is_as_good_as_outside(dtype, projection, slab_mm, slope, monkeypatch):
    one, other = (padded(dtype, code, slope=slope) for code in (200, 255))
    even = padded(dtype, 200, high=20, slope=slope)
    for direction in ((0, 0), (33, 0), (110, 0), (200, 25), (20, 75)):
        view = fitted_view(one, turned_orientation(*direction), rows=50, columns=60)
        seen, same, flat = (
            rotating_projection(each, view, projection=projection, slab_thickness_mm=slab_mm)
            for each in (one, other, even)
        )
        assert np.array_equal(seen, same, equal_nan=True)  # whatever its value is
        bare = replace(one, padding_range=None)
        covered = rotating_projection(bare, view, projection=projection, slab_thickness_mm=slab_mm)
        assert np.isnan(seen).sum() > np.isnan(covered).sum()
        np.testing.assert_allclose(flat[~np.isnan(flat)], 20 * slope, rtol=1e-6)
        assert np.nanmax(np.abs(seen)) <= 120 * abs(slope)
        with monkeypatch.context() as patch:
            patch.setattr(compiled_turning, "loops", None)
            slow = rotating_projection(one, view, projection=projection, slab_thickness_mm=slab_mm)
        assert np.array_equal(np.isnan(slow), np.isnan(seen))  # numpy and compiled loops see through alike


@pytest.mark.parametrize("projection", PROJECTED)
@pytest.mark.parametrize("dtype", KINDS)
def test_straight_on_it_is_the_projection_that_leaves_padding_out(dtype, projection):
    volume = padded(dtype, 230, shape=(7, 150, 141))
    volume = replace(volume, index_to_patient=Grid(volume.shape).index_to_patient)
    view = filled_view(volume, turned_orientation(0, 90), 1.0)
    seen = rotating_projection(volume, view, projection=projection)
    np.testing.assert_allclose(seen[::-1], project(volume, 0, projection), rtol=1e-6)


def test_values_as_low_as_can_be_are_told_from_nothing():
    for value, projection in ((-32768, Projection.MAX), (32767, Projection.MIN)):
        stored = np.full((9, 10, 11), value, np.int16)
        stored[:, :, :5] = 0
        affine = Grid(stored.shape).index_to_patient
        volume = Volume(stored, affine, padding_range=(0.0, 0.0))
        view = fitted_view(volume, turned_orientation(0, 90), rows=30, columns=30)
        seen = rotating_projection(volume, view, projection=projection)
        assert np.nanmin(seen) == pytest.approx(value, abs=0.1)
        assert np.nanmax(seen) == pytest.approx(value, abs=0.1)
        assert np.isnan(seen[15, 10])
        assert np.isfinite(seen[15, 20])


def test_the_range_of_a_volume_that_is_being_filled_is_not_kept():
    stored = np.zeros((8, 9, 10), np.int16)
    volume = Volume(stored, Grid(stored.shape).index_to_patient)
    view = fitted_view(volume, turned_orientation(30, 20), rows=20, columns=20)
    rotating_projection(volume, view)
    stored[::2] = 32767
    stored[1::2] = -32768
    seen, real = (
        rotating_projection(each, view)
        for each in (volume, replace(volume, stored_values=stored.astype(np.float32)))
    )
    np.testing.assert_allclose(seen, real, atol=1)


@pytest.mark.parametrize("implementation", ["compiled"], indirect=True)
@pytest.mark.usefixtures("implementation")
def test_the_compiled_loops_refuse_arrays_that_do_not_belong_together():
    loops = compiled_turning.loops
    stored = np.zeros((3, 4, 5), np.int16)
    picture, starts, shares = (
        np.zeros((4, 5), np.int16),
        np.zeros((2, 3), np.int32),
        np.zeros((2, 3), np.float32),
    )
    rows = 0, 4
    loops.lay_slices(stored, picture, starts, shares, None, None, 0, 0, *rows)
    far = starts + 1
    for wrong in (
        (stored, picture, far, shares, None, None, 0, 0, *rows),
        (stored, picture, starts - 1, shares, None, None, 0, 0, *rows),
        (stored, picture, starts, shares * np.nan, None, None, 0, 0, *rows),
        (stored, picture, starts, shares, None, None, 0, 2, *rows),
        (stored, picture, starts, shares, None, None, 3, 0, *rows),
        (stored, picture, starts, shares, None, None, 0, 0, 0, 5),
        (stored, picture, starts, shares, None, None, 0, 0, -1, 4),
        (stored.astype(np.float64), picture, starts, shares, None, None, 0, 0, *rows),
        (stored, picture, starts[:, :2].copy(), shares, None, None, 0, 0, *rows),
        (stored, picture.astype(np.float32), starts, shares, starts, starts, 0, 0, *rows),
        (stored, picture.astype(np.float32), starts, shares, starts, None, 0, 0, *rows),
        (stored, picture.astype(np.float32), starts, shares, None, None, 0, 5, *rows),
        (stored, picture, starts, shares, None, None, 0, 5, *rows, 0.0, False, 1.0, 2.0),
        (stored, picture, starts, shares, None, None, 0, 0, *rows, 0.0, False, -40_000.0, 2.0),
        (stored, picture, starts, shares, None, None, 0, 0, *rows, 0.0, False, 1.0, 40_000.0),
    ):
        with pytest.raises(ValueError, match="belong"):
            loops.lay_slices(*wrong)
    with pytest.raises(ValueError, match="float32"):
        loops.warp(np.zeros((2, 2)), (1.0,) * 6, np.zeros((2, 2), np.float32))
    with pytest.raises((ValueError, BufferError)):
        loops.lay_slices(stored[:, ::2], picture, starts, shares, None, None, 0, 0, 0, 2)
