import numpy as np
import pytest
from volume_phantoms import CORONAL, SAGITTAL, Grid, sampled_volume, turned

from archive.progress import Cancelled, CancelToken
from noctis_tui.imaging.surface_preview import surface_hits, surface_preview
from noctis_tui.imaging.surface_shading import outward_normals
from noctis_tui.imaging.turned_view import fitted_view, turned_orientation

RADIUS_MM = 18.0
GRIDS = {
    "axial": Grid((48, 52, 56)),
    "anisotropic": Grid((30, 60, 50), spacing_mm=(2.0, 0.8, 1.0)),
    "coronal": Grid((48, 56, 64), spacing_mm=(1.2, 1, 0.9), orientation=CORONAL, first_mm=(-10, 4, 30)),
    "oblique": Grid((48, 64, 56), orientation=turned(SAGITTAL, (1, 2, 3), 25), first_mm=(5, 6, 7)),
}
DIRECTIONS = [(0, 0), (33, 0), (90, 0), (200, 25), (310, -40), (20, 75), (0, -90)]


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
