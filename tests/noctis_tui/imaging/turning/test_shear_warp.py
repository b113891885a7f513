import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from volume_phantoms import Grid, ramp, sampled_volume, turned

from noctis_tui.imaging.turning.shear_warp import shear_warp
from noctis_tui.imaging.turning.turned_view import fitted_view, turned_orientation

ANGLES = st.floats(-360, 360)
GRID = Grid((9, 14, 11), (2.0, 0.7, 1.1), turned((1, 0, 0, 0, 1, 0), (1, 2, 3), 25), (3, -40, 100))
VOLUME = sampled_volume(GRID, ramp((1, 1, 1)))


@settings(max_examples=60, deadline=None)
@given(ANGLES, ANGLES)
def test_a_pixel_and_a_place_along_its_ray_are_a_point_behind_that_pixel(azimuth, elevation):
    view = fitted_view(VOLUME, turned_orientation(azimuth, elevation), rows=12, columns=15)
    plan = shear_warp(VOLUME, view)
    across = plan.sheared_points(view)[:, 3, 8].reshape(2, 1)
    for along in (0.0, 3.25):
        k, j, i = plan.voxels(across, np.array([along]))[:, 0]
        point = VOLUME.patient_point(k, j, i)
        np.testing.assert_allclose(view.plane.image_point(point), (8, 3), atol=1e-6)
        depth_mm = (along - plan.plane_at @ [*across[:, 0], 1]) * plan.step_mm
        expected = np.dot(point, view.plane.normal) - view.plane.position_along_normal_mm
        assert depth_mm == pytest.approx(expected, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(ANGLES, ANGLES)
def test_every_slice_lies_in_the_sheared_picture_and_is_met_where_it_lies(azimuth, elevation):
    plan = shear_warp(VOLUME, fitted_view(VOLUME, turned_orientation(azimuth, elevation), rows=8, columns=8))
    counted = np.zeros(plan.shape, int)
    assert plan.starts.min() >= 0
    assert np.abs(plan.shares).max() <= 0.5
    for row, column in plan.starts.T:
        window = counted[row : row + plan.window[0], column : column + plan.window[1]]
        assert window.shape == plan.window
        window += 1
    first, last = plan.met()
    np.testing.assert_array_equal(np.maximum(last - first + 1, 0), counted)
