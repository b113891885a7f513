"""What a tilted gantry leaves unmeasured, and padding, on planes, slabs and projections of series."""

from itertools import product

import numpy as np
import pytest
from volume_phantoms import AXIAL, Grid, ramp, write_series

from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.reading.reconstruction.headless_plane import PlaneRequest, cut_plane
from noctis_tui.reading.reconstruction.plane_axes import Plane
from noctis_tui.reading.reconstruction.volume_range import full_range
from noctis_tui.reading.reconstruction_output.whole_values import whole_values
from noctis_tui.reading.volume_loading import load_volume, plan_volumes

TILTED = Grid((14, 20, 24), (3, 1, 0.7), AXIAL, (-5, 6, 7), drift_mm=(0.4, -1.0))
PLANES = (
    *({"plane": plane} for plane in Plane),
    {"normal": (0.3, -0.5, 1.0), "size": (70, 80), "spacing_mm": 0.6},
    {"normal": (1.0, 0.2, 0.1), "size": (70, 80), "spacing_mm": 0.6},
)


def loaded(folder, grid, field, **attributes):
    return load_volume(plan_volumes(write_series(folder, grid, field, **attributes)))


def is_inside(volume, points_mm, reach=0.5):
    """Whether points lie in the slices as they were measured, to the edges of their outermost voxels."""
    index = (points_mm - TILTED.first_mm) @ np.linalg.inv(TILTED.index_to_patient[:3, :3]).T
    return ((index > -reach) & (index < np.array(TILTED.shape) - 1 + reach)).all(-1)


@pytest.mark.parametrize("asked", PLANES)
@pytest.mark.parametrize("slab_mm", [None, 4.0, 500.0])
@pytest.mark.parametrize("projection", [Projection.MAX, Projection.MIN, Projection.MEAN])
def test_corners_that_no_slice_covers_are_in_no_slab(tmp_path, asked, slab_mm, projection):
    volume = loaded(tmp_path / "ct", TILTED, ramp((0, 0, 0), 500))
    assert volume.has_gaps
    thick = {} if slab_mm is None else {"slab_mm": slab_mm, "projection": projection}
    values = cut_plane(volume, PlaneRequest(**asked, **thick)).values
    assert np.isnan(values).any()
    np.testing.assert_array_equal(values[~np.isnan(values)], 500)


@pytest.mark.parametrize("asked", PLANES)
def test_planes_reach_as_far_as_the_slices(tmp_path, asked):
    volume = loaded(tmp_path / "ct", TILTED, ramp((2, -3, 5), 100))
    cut = cut_plane(volume, PlaneRequest(**asked))
    rows, columns = np.indices(cut.values.shape)
    points = np.stack(cut.grid.plane.patient_point(columns, rows), -1)
    is_value = ~np.isnan(cut.values)
    well_inside = is_inside(volume, points, -1.01)  # all of the eight voxels around have values
    assert well_inside.any()
    assert is_value[well_inside].all()
    assert not is_value[~is_inside(volume, points, 1.01)].any()  # half a voxel, and half a slice of its drift
    truth = points @ (2, -3, 5) + 100
    assert np.abs(cut.values - truth)[well_inside].max() <= 0.5 + 1e-3  # files hold whole numbers


def test_voxels_that_come_from_pixels_are_values_and_no_others(tmp_path):
    volume = loaded(tmp_path / "ct", TILTED, ramp((0, 0, 0), 500))
    points = np.stack(np.indices(volume.shape), -1) @ volume.index_to_patient[:3, :3].T
    inside = is_inside(volume, points + volume.index_to_patient[:3, 3], 1e-5)
    np.testing.assert_array_equal(volume.stored_values == 500, inside)
    np.testing.assert_array_equal(volume.stored_values == volume.padding_range[0], ~inside)
    assert full_range(volume) == (500, 500)
    assert whole_values(volume).highest == whole_values(volume).lowest == 500


def test_a_straight_series_has_no_gaps(tmp_path):
    volume = loaded(tmp_path / "ct", Grid((5, 6, 7)), ramp((1, 2, 3)))
    assert not volume.has_gaps
    assert volume.stored_padding is None


@pytest.mark.parametrize(
    ("rescale", "projection"),
    list(
        product(
            [lambda _: (1.0, -1024.0), lambda k: (1.0, -1024.0 + k % 2)], [Projection.MIN, Projection.MEAN]
        )
    ),
    ids=["as stored, min", "as stored, mean", "rescaled, min", "rescaled, mean"],
)
def test_padding_beside_a_round_field_of_view_is_in_no_slab(tmp_path, rescale, projection):
    grid = Grid((9, 20, 20), (2, 1, 1), AXIAL)

    def round_field(points):
        x, y = (points - grid.center_mm)[..., :2].T
        return np.where(np.hypot(x, y).T < 8, 40.0, -3024.0)

    volume = loaded(
        tmp_path / "ct",
        grid,
        round_field,
        rescale=rescale,
        PixelPaddingValue=-2000,
        PixelPaddingRangeLimit=-2001,
    )
    values = cut_plane(volume, PlaneRequest(Plane.CORONAL, slab_mm=300, projection=projection)).values
    assert np.isnan(values).any()
    assert np.abs(values[~np.isnan(values)] - 40).max() <= 1
