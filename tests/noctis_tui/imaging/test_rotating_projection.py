import numpy as np
import pytest
from volume_phantoms import CORONAL, SAGITTAL, Grid, sampled_volume, sphere, turned
from volume_rays import body, ray_projection

from archive.progress import Cancelled, CancelToken
from noctis_tui.imaging.projection import Projection
from noctis_tui.imaging.rotating_projection import rotating_projection
from noctis_tui.imaging.turned_view import filled_view, fitted_view, turned_orientation

GRIDS = {
    "axial": Grid((64, 64, 64)),
    "anisotropic": Grid((40, 64, 48), spacing_mm=(1.6, 0.8, 1.1)),
    "coronal": Grid((48, 56, 64), spacing_mm=(1.2, 1, 0.9), orientation=CORONAL, first_mm=(-10, 4, 30)),
    "oblique": Grid((48, 64, 56), orientation=turned(SAGITTAL, (1, 2, 3), 25), first_mm=(5, 6, 7)),
}
DIRECTIONS = [(0, 0), (33, 0), (90, 0), (200, 25), (310, -40), (20, 75), (0, 90)]


@pytest.fixture(scope="module", params=GRIDS.values(), ids=GRIDS)
def volume(request):
    return body(request.param, rescale_intercept=-1024.0)


def differences(ours, reference):
    both = np.isfinite(ours) & np.isfinite(reference)
    assert both.mean() > 0.15
    apart = np.isfinite(ours) ^ np.isfinite(reference)
    assert apart.sum() < 0.05 * both.sum() + 40  # the outline, which lies within a voxel
    return np.abs(ours[both] - reference[both])


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_it_follows_rays_of_a_quarter_of_a_millimetre(volume, direction):
    view = fitted_view(volume, turned_orientation(*direction), rows=80, columns=90, zoom=1.3)
    away = differences(rotating_projection(volume, view), ray_projection(volume, view, Projection.MAX))
    assert away.mean() <= 27
    assert np.percentile(away, 99) <= 250


@pytest.mark.parametrize("projection", [Projection.MIN, Projection.MEAN])
@pytest.mark.parametrize("direction", [(33, 0), (200, 25), (20, 75)])
def test_smallest_and_mean_values_follow_the_rays_too(volume, projection, direction):
    view = fitted_view(volume, turned_orientation(*direction), rows=60, columns=60)
    away = differences(
        rotating_projection(volume, view, projection=projection), ray_projection(volume, view, projection)
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
        assert np.nanmax(slab) == (900 if side is near_mm else 500)
    assert {0, 500, 900} >= set(np.unique(both[np.isfinite(both)]))


def moved_along(view, depth_mm):
    from dataclasses import replace

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
        ours = rotating_projection(falling, view, projection=projection)
        np.testing.assert_allclose(ours, rotating_projection(plain, view, projection=projection), atol=0.01)


def test_a_draft_keeps_the_thin_and_the_place(volume):
    view = fitted_view(volume, turned_orientation(40, 10), rows=80, columns=80)
    exact, draft = rotating_projection(volume, view), rotating_projection(volume, view, draft=True)
    both = np.isfinite(exact) & np.isfinite(draft)
    assert np.corrcoef(exact[both], draft[both])[0, 1] > 0.95
    assert np.nanmax(draft) == np.nanmax(volume.stored_values) - 1024


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
