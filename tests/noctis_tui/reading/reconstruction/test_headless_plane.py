"""Planes asked for in millimetres: where their samples lie, and what they hold."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from volume_phantoms import AXIAL, CORONAL, SAGITTAL, Grid, ramp, sampled_volume, turned

from archive.errors import BadInput
from noctis_tui.imaging.patient_space import direction_letters
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.reading.reconstruction.headless_plane import (
    PlaneRequest,
    cut_plane,
    oblique_orientation,
    plane_grid,
)
from noctis_tui.reading.reconstruction.plane_axes import Plane

GRADIENT = (3.0, -2.0, 5.0)
GRIDS = {
    "axial": Grid((6, 8, 10), (2.5, 0.7, 0.9), AXIAL, (-12, 7, 30)),
    "from above": Grid((6, 8, 10), (2.5, 0.7, 0.9), (-1, 0, 0, 0, 1, 0), (-12, 7, 30)),
    "coronal": Grid((6, 8, 10), (2.5, 0.7, 0.9), CORONAL, (-12, 7, 30)),
    "sagittal": Grid((6, 8, 10), (2.5, 0.7, 0.9), SAGITTAL, (-12, 7, 30)),
    "transposed": Grid((6, 8, 10), (2.5, 0.7, 0.9), (0, 1, 0, 1, 0, 0), (-12, 7, 30)),
    "oblique": Grid((6, 8, 10), (2.5, 0.7, 0.9), turned(CORONAL, (1, 2, -1), 20), (-12, 7, 30)),
}
every_grid = pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
every_plane = pytest.mark.parametrize("plane", Plane)

directions = st.tuples(*[st.floats(-1, 1)] * 3)


def points_of(grid):
    """The LPS positions of a Slice's pixels, [rows, columns, 3]."""
    rows, columns = np.indices((grid.rows, grid.columns))
    plane = grid.plane
    right, down = np.array(plane.row_direction), np.array(plane.column_direction)
    across = columns[..., None] * right * plane.column_spacing_mm
    return plane.position_mm + across + rows[..., None] * down * plane.row_spacing_mm


def volume_of(grid, **attributes):
    uids = tuple(f"1.2.{number}" for number in range(grid.shape[0]))
    return sampled_volume(grid, ramp(GRADIENT), source_sop_instance_uids=uids, **attributes)


@every_grid
@every_plane
def test_a_named_plane_is_the_voxels_themselves(grid, plane):
    volume = volume_of(grid)
    image = cut_plane(volume, PlaneRequest(plane))
    index = (points_of(image.grid) - volume.index_to_patient[:3, 3]) @ np.linalg.inv(
        volume.index_to_patient[:3, :3]
    ).T
    whole = np.rint(index).astype(int)
    assert np.abs(index - whole).max() < 1e-9
    np.testing.assert_array_equal(image.values, volume.stored_values[tuple(np.moveaxis(whole, -1, 0))])
    assert image.values.size == np.prod(volume.shape) / volume.shape[int(np.ptp(whole, axis=(0, 1)).argmin())]


@every_grid
@every_plane
def test_a_named_plane_is_seen_as_radiologists_see_it(grid, plane):
    seen = plane_grid(volume_of(grid), PlaneRequest(plane)).plane
    letters = direction_letters(seen.row_direction)[0], direction_letters(seen.column_direction)[0]
    assert letters == {"axial": ("L", "P"), "coronal": ("L", "F"), "sagittal": ("P", "F")}[plane]


@every_grid
@every_plane
def test_positions_count_from_the_first_slice_into_the_volume(grid, plane):
    volume = volume_of(grid)
    first = plane_grid(volume, PlaneRequest(plane, position_mm=0.0))
    at_0 = [round(part) for part in volume.voxel_index(first.center_mm)]
    axis = at_0.index(0)
    for step in (1, 2, 1.4):
        there = plane_grid(volume, PlaneRequest(plane, position_mm=step * volume.spacing_mm[axis]))
        assert volume.voxel_index(there.center_mm)[axis] == pytest.approx(step)
        moved = np.subtract(there.center_mm, first.center_mm)
        assert abs(moved @ first.plane.normal) == pytest.approx(step * volume.spacing_mm[axis])


def test_a_position_that_is_a_slice_but_for_its_decimals_is_that_slice():
    grid = Grid((7, 4, 4), (2.371, 1, 1))
    volume = volume_of(grid)
    for k in range(7):
        image = cut_plane(volume, PlaneRequest(Plane.AXIAL, position_mm=round(k * 2.371, 3) + 0.001))
        np.testing.assert_array_equal(image.values, volume.stored_values[k])
        assert image.source_sop_instance_uids == (f"1.2.{k}",)


@given(
    grid=st.sampled_from(list(GRIDS.values())),
    normal=directions,
    up=st.none() | directions,
    spacing=st.floats(0.2, 4),
    moved=directions,
)
def test_an_oblique_plane_of_a_ramp_is_the_ramp(grid, normal, up, spacing, moved):
    assume(np.linalg.norm(normal) > 0.05)
    if up is not None:
        assume(np.linalg.norm(np.cross(normal, up)) > 0.01)
    volume = volume_of(grid)
    center = tuple(np.add(volume.center_mm, moved))
    request = PlaneRequest(center_mm=center, normal=normal, up=up, spacing_mm=spacing, size=(17, 12))
    image = cut_plane(volume, request)
    points = points_of(image.grid)
    assert points.mean(axis=(0, 1)) == pytest.approx(center)
    index = (points - volume.index_to_patient[:3, 3]) @ np.linalg.inv(volume.index_to_patient[:3, :3]).T
    last = np.array(volume.shape) - 1
    inside = ((index > 1e-6) & (index < last - 1e-6)).all(-1)
    beyond = ((index < -0.501) | (index > last + 0.501)).any(-1)
    np.testing.assert_allclose(image.values[inside], (points @ GRADIENT)[inside], atol=1e-4)
    assert np.isnan(image.values[beyond]).all()
    plane = image.grid.plane
    assert np.array(plane.normal) @ normal == pytest.approx(np.linalg.norm(normal))
    if up is not None:
        assert np.array(plane.column_direction) @ up < 0


def test_without_up_the_head_is_up_or_the_anterior():
    assert oblique_orientation((0, 0, 1)) == (1, 0, 0, 0, 1, 0)
    assert oblique_orientation((0, 2, 0)) == (1, 0, 0, 0, 0, -1)
    assert oblique_orientation((-3, 0, 0)) == (0, 1, 0, 0, 0, -1)
    assert oblique_orientation((0, 0, -1), (0, -1, 0)) == (-1, 0, 0, 0, 1, 0)


@pytest.mark.parametrize("normal", [(0, 0, 0), (float("nan"), 0, 1), (float("inf"), 0, 0)])
def test_a_normal_needs_a_direction(normal):
    with pytest.raises(BadInput, match="direction"):
        oblique_orientation(normal)


def test_up_is_another_direction_than_the_normal():
    for up in ((0, 0, 1), (0, 0, -4), (0, 0, 0)):
        with pytest.raises(BadInput, match="--up"):
            oblique_orientation((0, 0, 2), up)


def test_spacing_without_size_keeps_the_first_voxel_and_covers_the_rest():
    volume = volume_of(GRIDS["axial"])
    own = plane_grid(volume, PlaneRequest(Plane.CORONAL))
    assert plane_grid(volume, PlaneRequest(Plane.CORONAL, spacing_mm=0.9)).columns == own.columns
    fine = plane_grid(volume, PlaneRequest(Plane.CORONAL, spacing_mm=0.5))
    assert fine.plane.position_mm == own.plane.position_mm
    assert (fine.rows, fine.columns) == (26, 17)
    assert not np.isnan(cut_plane(volume, PlaneRequest(Plane.CORONAL, spacing_mm=0.5)).values).any()


def test_size_without_spacing_shows_all_of_the_volume():
    volume = volume_of(GRIDS["axial"])
    grid = plane_grid(volume, PlaneRequest(Plane.CORONAL, size=(40, 40)))
    assert grid.plane.row_spacing_mm == grid.plane.column_spacing_mm == pytest.approx(6 * 2.5 / 40)
    values = cut_plane(volume, PlaneRequest(Plane.CORONAL, size=(40, 40))).values
    assert not np.isnan(values[:, 20]).any()
    assert np.isnan(values[:, 0]).all()


def test_size_and_spacing_lie_around_the_centre():
    volume = volume_of(GRIDS["axial"])
    request = PlaneRequest(Plane.AXIAL, center_mm=(-10, 9, 33.7), spacing_mm=0.5, size=(4, 7))
    grid = plane_grid(volume, request)
    assert grid.plane.position_mm == pytest.approx((-10 - 0.75, 9 - 1.5, 33.7))
    assert (grid.columns, grid.rows) == (4, 7)


@pytest.mark.parametrize("normal", [(0, 0, 1), (1, 2, 3), (-1, 0.2, 0)])
def test_an_oblique_plane_without_size_holds_all_of_its_cut(normal):
    volume = volume_of(GRIDS["axial"])
    for center in (None, (-9.0, 8.0, 33.0)):
        fitting = cut_plane(volume, PlaneRequest(normal=normal, center_mm=center))
        wide = PlaneRequest(normal=normal, center_mm=center, spacing_mm=0.7, size=(101, 101))
        assert fitting.grid.columns % 2 == fitting.grid.rows % 2 == 1
        assert np.isfinite(fitting.values).sum() == np.isfinite(cut_plane(volume, wide).values).sum() > 0


def test_an_oblique_position_counts_from_the_middle_of_the_first_slice():
    volume = volume_of(GRIDS["axial"])
    grid = plane_grid(volume, PlaneRequest(normal=(0, 0, 1), position_mm=2.5))
    assert volume.voxel_index(grid.center_mm) == pytest.approx((1, 3.5, 4.5))


@pytest.mark.parametrize(("projection", "reduce"), [("max", np.max), ("min", np.min), ("mean", np.mean)])
def test_a_slab_projects_the_slices_in_it(projection, reduce):
    volume = volume_of(GRIDS["axial"], dtype=np.int16)
    request = PlaneRequest(Plane.AXIAL, position_mm=5.0, slab_mm=5.0, projection=Projection(projection))
    image = cut_plane(volume, request)
    np.testing.assert_allclose(
        image.values, reduce(volume.stored_values[1:4].astype(float), axis=0), rtol=1e-7
    )
    assert image.source_sop_instance_uids == ("1.2.1", "1.2.2", "1.2.3")
    assert image.slab_thickness_mm == 5


def test_a_projection_without_slab_goes_through_the_whole_volume():
    volume = volume_of(GRIDS["axial"])
    image = cut_plane(volume, PlaneRequest(Plane.SAGITTAL, projection=Projection.MIN))
    np.testing.assert_array_equal(image.values, volume.stored_values.min(axis=2)[::-1])
    assert image.slab_thickness_mm == pytest.approx(9)
    assert len(image.source_sop_instance_uids) == 6


def test_sources_are_the_slices_that_samples_come_from():
    volume = volume_of(GRIDS["axial"])
    for position, expected in ((0.0, (0,)), (4.0, (1, 2)), (-1.2, (0,)), (12.5, (5,)), (50.0, ())):
        image = cut_plane(volume, PlaneRequest(Plane.AXIAL, position_mm=position))
        assert image.source_sop_instance_uids == tuple(f"1.2.{k}" for k in expected)
    x, y, z = volume.patient_point(3, 4, 5)
    image = cut_plane(volume, PlaneRequest(Plane.CORONAL, center_mm=(x, y, z + 1), spacing_mm=1, size=(3, 3)))
    assert image.source_sop_instance_uids == ("1.2.3", "1.2.4")


@pytest.mark.parametrize(
    "request_",
    [
        PlaneRequest(Plane.AXIAL, size=(16385, 2)),
        PlaneRequest(Plane.AXIAL, size=(16384, 16384)),
        PlaneRequest(normal=(1, 1, 1), spacing_mm=1e-4),
    ],
)
def test_too_many_samples_are_refused(request_):
    with pytest.raises(BadInput, match="samples"):
        plane_grid(volume_of(GRIDS["axial"]), request_)
