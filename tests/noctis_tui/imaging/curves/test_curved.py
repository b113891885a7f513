"""Curved pictures: lengths, values on the curve, and every pixel against float64 interpolation."""

from __future__ import annotations

import os
import warnings
from functools import partial

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.ndimage import map_coordinates
from volume_phantoms import CORONAL, Grid, helix, helix_point_mm, ramp, rod, sampled_volume, turned

from archive.errors import BadInput
from archive.progress import Cancelled, CancelToken
from noctis_tui.imaging.curves import compiled_lines
from noctis_tui.imaging.curves.curve import curve_through
from noctis_tui.imaging.curves.curved import cross_section, curved_values, straightened, stretched
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.imaging.volume import Volume

GRID = Grid((48, 56, 64), (2.0, 0.9, 1.1), turned(CORONAL, (1, 2, 3), 33), (-20.0, 15.0, 40.0))
VIEWS = (straightened, stretched)


def through(grid=GRID):
    """A bent curve well inside a grid."""
    k, j, i = (count - 1 for count in grid.shape)
    shares = [(0.1, 0.2, 0.2), (0.3, 0.6, 0.3), (0.6, 0.4, 0.7), (0.9, 0.7, 0.8)]
    return curve_through([tuple(grid.point_mm(a * k, b * j, c * i)) for a, b, c in shares])


def noise(grid=GRID, dtype=np.int16, **attributes):
    values = np.random.default_rng(5).integers(0, 250, grid.shape).astype(dtype)
    return Volume(values, grid.index_to_patient, **attributes)


def patient_points(grid):
    along = np.arange(grid.columns)[:, None] * grid.column_spacing_mm
    return grid.starts_mm[:, None] + grid.directions[:, None] * along


def reference(volume, points_mm):
    """Return what scipy finds at LPS points in float64, NaN beyond the edges of the outermost voxels."""
    indices = points_mm @ volume.patient_to_index[:3, :3].T + volume.patient_to_index[:3, 3]
    stored = volume.stored_values.astype(np.float64)
    found = map_coordinates(stored, np.moveaxis(indices, -1, 0), order=1, mode="nearest", prefilter=False)
    inside = ((indices >= -0.5) & (indices <= np.array(volume.shape) - 0.5)).all(axis=-1)
    return np.where(inside, found * volume.rescale_slope + volume.rescale_intercept, np.nan)


@pytest.fixture(params=["numpy", "compiled"], autouse=True)
def implementation(request, monkeypatch):
    if request.param == "numpy":
        monkeypatch.setattr(compiled_lines, "loops", None)
    elif compiled_lines.loops is None and not os.environ.get("NOCTIS_NOTHING_MAY_SLEEP"):
        pytest.skip("installed without a compiler")


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("dtype", [np.int16, np.uint16, np.uint8, np.float32])
def test_every_pixel_is_what_scipy_finds_there(view, dtype):
    volume = noise(dtype=dtype, rescale_slope=4.0, rescale_intercept=-1024.0)
    grid = view(through(), width_mm=70, spacing_mm=0.7, rotation_degrees=25)
    values, expected = curved_values(volume, grid), reference(volume, patient_points(grid))
    assert values.dtype == np.float32
    assert 0.2 < np.isfinite(expected).mean() < 0.95  # the surface leaves the volume
    assert np.array_equal(np.isnan(values), np.isnan(expected))
    assert np.nanmax(np.abs(values - expected)) < 0.01


@pytest.mark.parametrize("view", VIEWS)
def test_a_ramp_is_known_everywhere(view):
    gradient = (2.0, -3.0, 5.0)
    grid = view(through(), width_mm=20, spacing_mm=0.5)
    volume, points = sampled_volume(GRID, ramp(gradient)), patient_points(grid)
    indices = points @ volume.patient_to_index[:3, :3].T + volume.patient_to_index[:3, 3]
    in_cells = ((indices >= 0) & (indices <= np.array(GRID.shape) - 1)).all(axis=-1)
    assert in_cells.mean() > 0.7
    assert np.abs(curved_values(volume, grid) - points @ gradient)[in_cells].max() < 0.01


@pytest.mark.parametrize("view", VIEWS)
def test_the_middle_of_a_helix_is_bright_all_along_and_its_length_right(view):
    grid = Grid((72, 60, 60), (1.0, 1.0, 1.0), first_mm=(-29.5, -29.5, -35.5))
    radius, pitch, turns = 20.0, 40.0, 1.5
    volume = sampled_volume(grid, helix((0, 0, 0), radius, pitch, turns, tube_mm=3.0), np.int16)
    curve = curve_through(helix_point_mm((0, 0, 0), radius, pitch, np.linspace(-turns / 2, turns / 2, 20)))
    assert curve.length_mm == pytest.approx(turns * np.hypot(2 * np.pi * radius, pitch), rel=1e-3)
    picture = view(curve, width_mm=12, spacing_mm=0.5)
    values = curved_values(volume, picture)
    on_curve = [values[row, round(column)] for row, column in enumerate(picture.center_columns)]
    assert (np.array(on_curve) == 1000).all()
    if view is straightened:
        assert (values[:, :3] == 0).all()
        widths = (values > 500).sum(axis=1) * 0.5
        assert np.abs(widths - 6.0).max() <= 1.0  # the tube, across it


def test_a_straight_rod_is_straight_in_both_views():
    grid = Grid((50, 40, 40), (1.0, 1.0, 1.0))
    ends = (12.0, 10.0, 5.0), (25.0, 28.0, 44.0)
    volume = sampled_volume(grid, rod(*ends, 4.0), np.int16)
    for view in VIEWS:
        picture = view(curve_through(ends), width_mm=16, spacing_mm=0.5)
        assert picture.rows == int(np.linalg.norm(np.subtract(*ends)) / 0.5) + 1
        bright = curved_values(volume, picture) > 500
        assert np.abs(bright.sum(axis=1) * 0.5 - 8.0).max() <= 1.0
        assert np.abs(picture.center_columns - (picture.columns - 1) / 2).max() < 1e-6


def test_an_arc_in_its_own_plane_is_unrolled_across_it_and_bent_within_it():
    angles = np.radians(np.linspace(0, 180, 13))
    curve = curve_through(np.stack([100 * np.cos(angles), np.zeros(13), 100 * np.sin(angles)], 1))
    # The chord runs from left to right: stretched along y the whole arc unrolls, along z it does not.
    along_y = stretched(curve, width_mm=10, spacing_mm=1.0)
    assert along_y.rows == int(100 * np.pi) + 1
    along_z = stretched(curve, width_mm=10, spacing_mm=1.0, rotation_degrees=90)
    assert along_z.rows == 201
    assert along_z.columns == 111
    assert np.ptp(along_z.center_columns) == pytest.approx(100, abs=1.0)


@pytest.mark.parametrize("view", VIEWS)
def test_arc_lengths_of_rows_are_distances_along_the_curve(view):
    curve = through()
    picture = view(curve, width_mm=30, spacing_mm=0.4)
    assert picture.arc_lengths_mm[0] == 0
    assert (np.diff(picture.arc_lengths_mm) > 0).all()
    crossings = [picture.patient_point(column, row) for row, column in enumerate(picture.center_columns)]
    assert np.allclose(crossings, curve.positions_mm(picture.arc_lengths_mm), atol=1e-6)
    assert picture.arc_lengths_mm[-1] == pytest.approx(curve.length_mm, abs=0.8)
    steps = np.linalg.norm(np.diff(crossings, axis=0), axis=1)
    assert steps.sum() == pytest.approx(picture.arc_lengths_mm[-1], rel=1e-3)


def test_a_stretched_picture_keeps_the_length_of_the_curve_itself():
    curve = through()
    for degrees in (0, 40, 115):
        picture = stretched(curve, width_mm=10, spacing_mm=0.2, rotation_degrees=degrees)
        ways = np.diff(picture.center_columns) * 0.2, np.full(picture.rows - 1, 0.2)
        drawn = np.hypot(*ways).sum()
        assert drawn == pytest.approx(picture.arc_lengths_mm[-1], rel=1e-3)


@pytest.mark.parametrize("view", VIEWS)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_picture_point_is_found_again(view, data):
    picture = view(through(), width_mm=12, spacing_mm=0.5, rotation_degrees=data.draw(st.floats(-180, 180)))
    column = data.draw(st.floats(0, picture.columns - 1))
    row = data.draw(st.floats(0, picture.rows - 1))
    (found_column, found_row), distance = picture.image_point(picture.patient_point(column, row))
    assert distance < 1e-2
    assert (found_column, found_row) == pytest.approx((column, row), abs=0.1)


def test_rows_and_arc_lengths_are_told_from_each_other():
    picture = straightened(through(), width_mm=12, spacing_mm=0.5)
    assert picture.arc_length_mm(10.5) == pytest.approx(5.25)
    assert picture.curve_point(5.25) == pytest.approx((12.0, 10.5))


def test_a_turn_goes_about_the_curve_right_handed():
    curve = curve_through([(0, 0, 0), (0, 0, 50)])
    picture = straightened(curve, width_mm=20, spacing_mm=1, rotation_degrees=90)
    assert np.allclose(picture.directions, (0, 1, 0))  # from the left to the back, looking from below
    assert picture.patient_point(20, 5) == pytest.approx((0, 10, 5))


def test_cross_sections_lie_across_the_curve():
    curve = through()
    section = cross_section(
        curve, 30.0, width_mm=20, spacing_mm=0.5, rotation_degrees=15, frame_of_reference_uid="1.2"
    )
    picture = straightened(curve, width_mm=20, spacing_mm=0.5, rotation_degrees=15)
    assert section.center_mm == pytest.approx(tuple(curve.positions_mm(30.0)))
    assert section.plane.normal == pytest.approx(tuple(curve.tangents(30.0)))
    assert section.plane.row_direction == pytest.approx(tuple(picture.directions[60]), abs=1e-6)
    assert (section.rows, section.columns, section.frame_of_reference_uid) == (41, 41, "1.2")


@pytest.mark.parametrize(
    ("projection", "reduce"), [(Projection.MAX, np.fmax), (Projection.MIN, np.fmin), (Projection.MEAN, None)]
)
@pytest.mark.parametrize("view", VIEWS)
def test_a_slab_is_projected_across_the_surface(view, projection, reduce):
    volume = noise()
    grid = view(through(), width_mm=50, spacing_mm=1.0)
    values = curved_values(volume, grid, slab_thickness_mm=4.5, projection=projection)
    points, normals = patient_points(grid), grid.normals[:, None]
    layers = [reference(volume, points + normals * offset) for offset in (-1.8, -0.9, 0.0, 0.9, 1.8)]
    with warnings.catch_warnings(action="ignore"):  # a mean of nothing is nothing
        expected = reduce.reduce(layers) if reduce else np.nanmean(layers, axis=0)
    assert np.array_equal(np.isnan(values), np.isnan(expected))
    assert np.nanmax(np.abs(values - expected)) < 0.01


@pytest.mark.parametrize("view", VIEWS)
def test_normals_stand_on_the_surface(view):
    curve = through()
    grid = view(curve, width_mm=20, spacing_mm=1.0, rotation_degrees=30)
    assert np.allclose(np.linalg.norm(grid.normals, axis=1), 1)
    assert np.allclose(np.sum(grid.normals * grid.directions, axis=1), 0, atol=1e-9)
    assert np.allclose(np.sum(grid.normals * curve.tangents(grid.arc_lengths_mm), axis=1), 0, atol=1e-9)


def test_without_a_projection_a_slab_is_its_middle():
    grid = straightened(through(), width_mm=20, spacing_mm=1.0)
    thick = partial(curved_values, noise(), grid, slab_thickness_mm=9.0)
    assert np.array_equal(thick(projection=Projection.NONE), curved_values(noise(), grid), equal_nan=True)


def test_one_slice_is_a_volume():
    volume = noise(Grid((1, 8, 8)))
    curve = curve_through([(1, 1, 0), (6, 5, 0)])
    values = curved_values(volume, straightened(curve, width_mm=2, spacing_mm=0.5, rotation_degrees=0))
    assert np.isfinite(values).any()


def test_a_cancelled_picture_stops():
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        curved_values(noise(), straightened(through(), width_mm=20, spacing_mm=1.0), token=token)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(("width_mm", "spacing_mm"), [(10, 0), (10, -1), (float("nan"), 1), (1e5, 0.01)])
def test_pictures_without_a_size_are_refused(view, width_mm, spacing_mm):
    with pytest.raises(BadInput):
        view(through(), width_mm=width_mm, spacing_mm=spacing_mm)
