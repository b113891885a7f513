from dataclasses import replace

import numpy as np
import pytest
from volume_phantoms import AXIAL, CORONAL, SAGITTAL, Grid, sampled_volume

from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.imaging.turning.rotating_projection import rotating_projection
from noctis_tui.imaging.turning.turned_view import centered_view, turned_orientation
from noctis_tui.reading.reconstruction.projected_window import HIGHEST_HU, projected_window


def body(points_mm):
    """Air of 5, tissue of 100 to 140 in a column along the patient, and a vessel of 600 to 760 in it."""
    middle = points_mm - 40
    around = np.hypot(middle[..., 0], middle[..., 1])
    tissue = np.where(around < 30, 120 + middle[..., 2] / 2, 5)
    return np.where(np.hypot(middle[..., 0] - 10, middle[..., 1]) < 4, 680 + 2 * middle[..., 2], tissue)


def ends(window):
    return window.center - window.width / 2, window.center + window.width / 2


@pytest.mark.parametrize("size", [40, 131])
@pytest.mark.parametrize("slope", [1.0, -2.0])
@pytest.mark.parametrize("projection", [Projection.MAX, Projection.MIN, Projection.MEAN])
def test_it_is_that_of_the_values_that_are_seen_from_around(projection, slope, size):
    grid = Grid((size, size, size), (80 / size,) * 3)
    volume = sampled_volume(grid, body, np.int16, rescale_slope=slope, rescale_intercept=7.0)
    low, high = ends(projected_window(volume, projection))
    seen = []
    for azimuth in (0, 90):
        view = centered_view(volume, turned_orientation(azimuth, 0), 0.6, rows=134, columns=134)
        seen.append(rotating_projection(volume, view, projection=projection))
    values = np.stack(seen)
    bulk = np.nanpercentile(values, (1, 99))
    spread = np.nanmax(values) - np.nanmin(values)
    assert (low, high) == pytest.approx(bulk, abs=max(0.15 * float(spread), 5))


@pytest.mark.parametrize("orientation", [AXIAL, CORONAL, SAGITTAL])
def test_it_is_seen_from_around_the_patient_however_the_slices_lie(orientation):
    """Along the patient there is air beside the column, and all of the column on other rays."""

    def column(points_mm):
        return np.where(np.abs(points_mm[..., 2] - grid.center_mm[2]) < 15, 500.0, 0.0)

    grid = Grid((40, 40, 40), orientation=orientation)
    volume = sampled_volume(grid, column, np.int16)
    assert ends(projected_window(volume, Projection.MEAN)) == pytest.approx((0, 500), abs=5)


def test_the_highest_of_hu_are_bone_and_contrast_medium():
    volume = sampled_volume(Grid((8, 8, 8)), body, np.int16, units="HU")
    assert projected_window(volume, Projection.MAX) == HIGHEST_HU
    assert projected_window(volume, Projection.MIN).width >= 400


def test_nothing_that_varies_has_a_window_all_the_same():
    volume = sampled_volume(Grid((3, 3, 3)), lambda points_mm: np.full(points_mm.shape[:-1], 7.0), np.int16)
    assert projected_window(volume, Projection.MAX).width > 0


@pytest.mark.parametrize("projection", [Projection.MAX, Projection.MIN, Projection.MEAN])
@pytest.mark.parametrize("code", [-2000, 3000])
def test_padding_is_not_seen(projection, code):
    """A round picture with padding around it has the window of what lies in it."""
    bare = sampled_volume(Grid((40, 40, 40), (2, 2, 2)), body, np.int16)
    rows, columns = np.mgrid[:40, :40]
    is_around = np.hypot(rows - 19.5, columns - 19.5) > 17
    stored = bare.stored_values.copy()
    stored[:, is_around] = code
    padded = replace(bare, stored_values=stored, padding_range=(float(code), float(code)))
    low, high = ends(projected_window(padded, projection))
    seen = np.ma.masked_equal(stored, code)
    folded = {Projection.MAX: seen.max, Projection.MIN: seen.min, Projection.MEAN: seen.mean}[projection]
    values = np.concatenate([folded(axis=axis).compressed() for axis in (1, 2)])
    assert values.min() - 25 <= low < high <= values.max() + 25
    assert high == pytest.approx(np.percentile(values, 99.5), abs=25)
