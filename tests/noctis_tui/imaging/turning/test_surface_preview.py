import os
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from volume_phantoms import CORONAL, SAGITTAL, Grid, sampled_volume, turned
from volume_rays import body

from archive.progress import Cancelled, CancelToken
from noctis_tui.imaging.turning import compiled_turning
from noctis_tui.imaging.turning.surface_preview import surface_hits, surface_preview
from noctis_tui.imaging.turning.surface_shading import outward_normals
from noctis_tui.imaging.turning.turned_view import fitted_view, turned_orientation
from noctis_tui.imaging.volume import Volume

RADIUS_MM = 18.0
GRIDS = {
    "axial": Grid((48, 52, 56)),
    "anisotropic": Grid((30, 60, 50), spacing_mm=(2.0, 0.8, 1.0)),
    "coronal": Grid((48, 56, 64), spacing_mm=(1.2, 1, 0.9), orientation=CORONAL, first_mm=(-10, 4, 30)),
    "oblique": Grid((48, 64, 56), orientation=turned(SAGITTAL, (1, 2, 3), 25), first_mm=(5, 6, 7)),
}
DIRECTIONS = [(0, 0), (33, 0), (90, 0), (200, 25), (310, -40), (20, 75), (0, -90)]

ONLY_COMPILED = pytest.mark.parametrize("implementation", ["compiled"], indirect=True)


@pytest.fixture(params=["numpy", "compiled"], autouse=True)
def implementation(request, monkeypatch):
    if request.param == "numpy":
        without_loops(monkeypatch)
    elif compiled_turning.points is None and not os.environ.get("NOCTIS_NOTHING_MAY_SLEEP"):
        pytest.skip("installed without a compiler")
    return request.param


def without_loops(monkeypatch):
    monkeypatch.setattr(compiled_turning, "loops", None)
    monkeypatch.setattr(compiled_turning, "points", None)


def cone(grid, **attributes):
    """A ball whose values fall evenly with the distance from its middle: 500 at RADIUS_MM."""
    return sampled_volume(
        grid,
        lambda points: 500 + 40 * (RADIUS_MM - np.linalg.norm(points - grid.center_mm, axis=-1)),
        np.float32,
        **attributes,
    )


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
def test_rays_meet_a_ball_where_it_is(grid, direction):
    volume = cone(grid)
    view = fitted_view(volume, turned_orientation(*direction), rows=70, columns=80)
    hits = surface_hits(volume, view, 500)
    points = volume.index_to_patient[:3, :3] @ hits.indices + volume.index_to_patient[:3, 3:]
    from_middle = points - grid.center_mm[:, None]
    along = view.plane.normal @ from_middle
    across = np.sqrt((from_middle**2).sum(0) - along**2)
    clear = across < 0.9 * RADIUS_MM
    away = along + np.sqrt(np.maximum(RADIUS_MM**2 - across**2, 0))
    errors = np.abs(away[clear])
    assert errors.mean() < 0.06
    assert np.percentile(errors, 99) < 0.4 * max(grid.spacing_mm)
    assert errors.max() < 2 * max(grid.spacing_mm)  # where a ray scrapes along voxels
    pixel_mm2 = view.plane.row_spacing_mm * view.plane.column_spacing_mm
    assert len(hits.pixels) * pixel_mm2 == pytest.approx(
        np.pi * RADIUS_MM**2, rel=0.05
    )  # half a voxel around it
    middle = view.plane.position_along_normal_mm
    np.testing.assert_allclose(hits.depths_mm, view.plane.normal @ points - middle, atol=1e-6)


@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
def test_normals_point_out_of_a_ball(grid):
    volume = cone(grid)
    view = fitted_view(volume, turned_orientation(30, 20), rows=40, columns=40)
    hits = surface_hits(volume, view, 500)
    points = volume.index_to_patient[:3, :3] @ hits.indices + volume.index_to_patient[:3, 3:]
    outwards = points - grid.center_mm[:, None]
    outwards /= np.linalg.norm(outwards, axis=0)
    assert (outward_normals(volume, hits.indices) * outwards).sum(0).min() > 0.995


def test_hits_lie_under_their_pixels():
    volume = cone(GRIDS["oblique"])
    view = fitted_view(volume, turned_orientation(130, -30), rows=40, columns=50)
    hits = surface_hits(volume, view, 500)
    for pixel, k, j, i in zip(hits.pixels[::97], *hits.indices[:, ::97], strict=True):
        column, row = view.plane.image_point(volume.patient_point(k, j, i))
        assert (round(row), round(column)) == divmod(pixel, 50)
        assert max(abs(row - round(row)), abs(column - round(column))) < 1e-6


def test_light_comes_from_over_the_left_shoulder_and_nothing_is_black():
    volume = cone(GRIDS["axial"])
    view = fitted_view(volume, turned_orientation(0), rows=81, columns=81)
    picture = surface_preview(volume, view, 500)
    assert picture.dtype == np.uint8
    assert picture[0, 0] == 0
    reach = int(0.5 * RADIUS_MM / view.plane.row_spacing_mm)
    assert picture[40 - reach, 40 - reach] > picture[40, 40] > picture[40 + reach, 40 + reach] > 0


def test_a_falling_rescale_draws_the_same():
    rising, falling = (
        cone(GRIDS["axial"]),
        cone(GRIDS["axial"], rescale_slope=-2.0, rescale_intercept=100.0),
    )
    view = fitted_view(rising, turned_orientation(70, 10), rows=50, columns=50)
    one, other = (surface_preview(volume, view, 500).astype(int) for volume in (rising, falling))
    assert np.abs(one - other).max() <= 1


@pytest.mark.parametrize("dtype", [np.int16, np.uint16, np.uint8])
def test_whole_numbers_and_thresholds_beyond_them(dtype):
    grid = GRIDS["axial"]
    volume = sampled_volume(
        grid, lambda points: 100 - np.linalg.norm(points - grid.center_mm, axis=-1), dtype
    )
    view = fitted_view(volume, turned_orientation(0), rows=40, columns=40)
    assert (surface_preview(volume, view, 1e9) == 0).all()
    assert (surface_preview(volume, view, 82.5) > 0).any()
    assert (surface_preview(volume, view, -1e9) > 0).any()


@pytest.mark.parametrize("dtype", [np.int16, np.uint16, np.float32])
@pytest.mark.parametrize("slope", [1.0, -1.0])
def test_padding_is_outside_whatever_its_value(dtype, slope, monkeypatch):
    grid = GRIDS["axial"]
    whole = sampled_volume(
        grid, lambda points: 200 - np.linalg.norm(points - grid.center_mm, axis=-1), np.float32
    )
    is_padding = np.zeros(whole.shape, bool)
    is_padding[:, :, :28] = True  # the half of the ball on the patient's right
    is_padding[:, :8] = True
    pictures, hits = [], None
    for code in (1000, 1500):
        stored = np.where(is_padding, code, whole.stored_values if slope > 0 else 2000 - whole.stored_values)
        volume = replace(whole, stored_values=stored.astype(dtype), rescale_slope=slope)
        volume = replace(volume, rescale_intercept=0.0 if slope > 0 else 2000.0)
        ends = sorted(volume.modality_value(end) for end in (1000, 1600))
        volume = replace(volume, padding_range=(ends[0], ends[1]))
        for direction in ((0, 0), (60, 20), (310, -40)):
            view = fitted_view(volume, turned_orientation(*direction), rows=40, columns=50)
            pictures.append(surface_preview(volume, view, 185))
            hits = surface_hits(volume, view, 185)
            i = hits.indices[2]
            assert i.min() > 27 - 1e-9
            with monkeypatch.context() as patch:
                without_loops(patch)
                assert np.array_equal(surface_preview(volume, view, 185), pictures[-1])
    for one, other in zip(pictures[:3], pictures[3:], strict=True):
        assert np.array_equal(one, other)
        assert 50 < (one > 0).sum() < 40 * 50 / 3


def test_the_side_where_padding_cuts_a_body_off_faces_the_padding():
    grid = GRIDS["axial"]
    stored = np.full(grid.shape, 300, np.int16)
    stored[:, :20] = -2000
    volume = Volume(stored, grid.index_to_patient, padding_range=(-2000.0, -2000.0), outside_value=-1000.0)
    view = fitted_view(volume, turned_orientation(0), rows=40, columns=40)
    hits = surface_hits(volume, view, 100)
    inner = np.all((hits.indices[[0, 2]] > 2) & (hits.indices[[0, 2]] < 45), axis=0)
    assert inner.any()
    assert ((hits.indices[1] > 19) & (hits.indices[1] <= 20)).all()
    normals = outward_normals(volume, hits.indices, hits.replaced)[:, inner]
    np.testing.assert_allclose(normals, np.broadcast_to([[0], [-1], [0]], normals.shape), atol=1e-6)


def test_a_draft_looks_alike():
    volume = cone(GRIDS["anisotropic"])
    view = fitted_view(volume, turned_orientation(40, 10), rows=81, columns=80)
    exact, draft = (surface_preview(volume, view, 500, draft=draft) for draft in (False, True))
    assert draft.shape == (81, 80)
    both = (exact > 0) & (draft > 0)
    assert ((exact > 0) ^ (draft > 0)).sum() < 0.08 * both.sum()
    assert np.abs(exact[both].astype(int) - draft[both]).mean() < 8


def test_asked_to_stop_it_stops():
    token = CancelToken()
    token.cancel()
    volume = cone(GRIDS["axial"])
    view = fitted_view(volume, turned_orientation(40, 10), rows=8, columns=8)
    for draft in (False, True):
        with pytest.raises(Cancelled):
            surface_preview(volume, view, 500, draft=draft, token=token)


@cache
def cached_body(dtype):
    return body(Grid((20, 150, 141), spacing_mm=(3.0, 0.5, 0.6)), dtype)


@pytest.mark.parametrize("direction", [(0, 0), (33, 0), (200, 25), (20, 75), (0, -90), (250, 10), (270, 0)])
@pytest.mark.parametrize("dtype", [np.int16, np.float32])
@ONLY_COMPILED
def test_compiled_loops_draw_what_numpy_draws(dtype, direction, monkeypatch):
    volume = cached_body(dtype)
    view = fitted_view(volume, turned_orientation(*direction), rows=60, columns=70)
    for threshold in (-300, 250.5):
        ours = surface_preview(volume, view, threshold)
        with monkeypatch.context() as context:
            without_loops(context)
            theirs = surface_preview(volume, view, threshold)
        assert (ours > 0).any()
        assert np.abs(ours.astype(int) - theirs).max() <= 1


@ONLY_COMPILED
def test_the_compiled_loops_refuse_points_that_do_not_belong_together():
    points, loops = compiled_turning.points, compiled_turning.loops
    stored, at, out = np.zeros((3, 4, 5), np.int16), np.zeros((3, 7)), np.zeros(7)
    points.values(stored, at + np.nan, out, 0, 7)
    points.values(stored, at + 1e300, out, 0, 7)
    for wrong in (
        (stored, at, out, 0, 8),
        (stored, at, out, -1, 7),
        (stored, at, out[:6], 0, 6),
        (stored, at.astype(np.float32), out, 0, 7),
        (stored.astype(np.int64), at, out, 0, 7),
        (stored[0], at, out, 0, 7),
    ):
        with pytest.raises(ValueError, match="belong"):
            points.values(*wrong)
    with pytest.raises(ValueError, match="belong"):
        points.differences(stored, at, out, 0, 7)
    picture, starts, shares = (
        np.zeros((4, 5), np.int16),
        np.zeros((2, 3), np.int32),
        np.zeros((2, 3), np.float32),
    )
    for limit in (-40000.0, 40000.0, np.nan):
        with pytest.raises(ValueError, match="belong"):
            loops.lay_slices(stored, picture, starts, shares, None, None, 0, 3, 0, 4, limit)


def test_a_body_that_is_cut_off_has_an_even_face_there():
    grid = Grid((20, 40, 40))
    stored = np.random.default_rng(4).integers(100, 200, grid.shape).astype(np.int16)
    volume = Volume(stored, grid.index_to_patient)
    view = fitted_view(volume, turned_orientation(0, 90), rows=60, columns=60)
    seen = surface_preview(volume, view, 50)
    assert len(np.unique(seen[seen > 0])) == 1


def test_a_speck_that_a_ray_passes_by_does_not_hide_what_is_behind():
    grid = Grid((40, 40, 40))
    stored = np.zeros(grid.shape, np.int16)
    stored[:, 30:36] = 1000
    stored[::4, 4, ::4] = 310
    volume = Volume(stored, grid.index_to_patient)
    view = fitted_view(volume, turned_orientation(0), rows=400, columns=400)
    hits = surface_hits(volume, view, 300)
    depths = np.round(hits.depths_mm + 19.5)
    assert set(np.unique(depths)) <= {3, 4, 29, 30}
    assert (depths > 20).mean() > 0.95


@pytest.mark.parametrize("direction", [(0, 0), (33, 0), (200, 25), (20, 75)])
@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
def test_specks_of_noise_are_not_seen_and_what_is_behind_them_is(grid, direction, monkeypatch):
    clean = sampled_volume(
        grid,
        lambda points: np.clip(300 + 300 * (14 - np.linalg.norm(points - grid.center_mm, axis=-1)), 50, 900),
        np.int16,
    )
    stored = clean.stored_values.copy()
    speck = 420 if grid is GRIDS["anisotropic"] else 700  # there a mean is that of four voxels
    stored[1::4, 2::5, 3::4] = np.maximum(stored[1::4, 2::5, 3::4], speck)
    noisy = replace(clean, stored_values=stored)
    view = fitted_view(clean, turned_orientation(*direction), rows=60, columns=70)
    alone, specked = (surface_preview(each, view, 300) for each in (clean, noisy))
    seen = surface_preview(noisy, view, 300, mean_threshold=150)
    specks, left = (((each > 0) & (alone == 0)).sum() for each in (specked, seen))
    assert specks > 20
    assert left <= 0.2 * specks  # those that touch the ball
    assert ((seen == 0) & (alone > 0)).sum() < 5
    both = (seen > 0) & (alone > 0)
    assert np.mean(np.abs(seen[both].astype(int) - alone[both]) > 25) < 0.25
    with monkeypatch.context() as patch:
        without_loops(patch)
        slow = surface_preview(noisy, view, 300, mean_threshold=150)
    assert np.mean(np.abs(slow.astype(int) - seen) > 1) < 0.001
    calm = surface_preview(clean, view, 300, mean_threshold=150)
    assert ((calm > 0) ^ (alone > 0)).sum() <= 0.02 * (alone > 0).sum()
    assert np.abs(calm[both].astype(int) - alone[both]).mean() < 2


@pytest.mark.parametrize("at", [20, 21])
def test_a_plate_that_is_one_voxel_thin_is_no_speck(at):
    grid = GRIDS["axial"]
    stored = np.full(grid.shape, 50, np.int16)
    stored[5:43, at, 5:50] = 400
    volume = Volume(stored, grid.index_to_patient)
    for direction in ((0, 0), (30, 20)):
        view = fitted_view(volume, turned_orientation(*direction), rows=60, columns=60)
        plain, seen = (surface_preview(volume, view, 300, mean_threshold=each) for each in (None, 150))
        assert (plain > 0).sum() > 200
        assert (seen > 0).sum() > 0.9 * (plain > 0).sum()
