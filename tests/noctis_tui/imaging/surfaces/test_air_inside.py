"""The air in a body is told from the air around it, and from what was not measured."""

import numpy as np
import pytest
from volume_phantoms import AXIAL, CORONAL, SAGITTAL, Grid, sampled_volume

from archive.progress import Cancelled, CancelToken
from noctis_tui.imaging.surfaces.air_inside import air_inside
from noctis_tui.imaging.volume import Volume

SHAPE = (12, 40, 44)
PADDING = -2000


def chest(*, gap=False, is_round=False):
    """A body with two lungs in air; padding around a round picture, or in a gap beside the body."""
    stored = np.full(SHAPE, -1000, np.int16)
    stored[:, 6:34, 6:38] = 40
    stored[:, 12:28, 10:18] = stored[:, 12:28, 26:34] = -850
    rows, columns = np.mgrid[: SHAPE[1], : SHAPE[2]]
    if is_round:
        away = np.hypot((rows - 19.5) / 19.9, (columns - 21.5) / 21.9)
        stored[:, away > 1] = PADDING
        stored[:, [0, -1]] = stored[:, :, [0, -1]] = PADDING
    if gap:
        stored[:5, :9] = PADDING
    return stored


@pytest.mark.parametrize("slope", [1.0, -2.0])
@pytest.mark.parametrize("kind", [{}, {"gap": True}, {"is_round": True}, {"gap": True, "is_round": True}])
@pytest.mark.parametrize("code", [PADDING, 3000])
def test_the_lungs_alone_are_left(kind, code, slope):
    stored = chest(**kind)
    is_lung = stored == -850
    stored[stored == PADDING] = code
    volume = Volume(
        (stored / slope).astype(np.int16),
        Grid(SHAPE).index_to_patient,
        slope,
        padding_range=(float(code), float(code)),
    )
    found = air_inside(volume, -500.0)
    assert np.array_equal(found.modality_value(found.stored_values) >= 500, is_lung)
    assert found.stored_values.dtype == np.int16
    assert not np.shares_memory(found.stored_values, volume.stored_values)
    assert found.padding_range is None


def test_asked_to_stop_it_stops():
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        air_inside(Volume(chest(), Grid(SHAPE).index_to_patient), -500.0, token)


SHAPES = {AXIAL: (20, 80, 100), CORONAL: (80, 20, 100), SAGITTAL: (100, 20, 80)}
FIRST = {AXIAL: (0, 0, 0), CORONAL: (0, 0, 19), SAGITTAL: (0, 0, 19)}


def on_a_table(points_mm):
    """Two lungs in a body, a windpipe that is open to the outside, and a table of foam with a cover below."""
    x, y = points_mm[..., 0] - 50, points_mm[..., 1] - 30
    values = np.where((x / 40) ** 2 + (y / 25) ** 2 <= 1, 40.0, -1000.0)
    values = np.where(np.abs(y - 25.5) < 1, 0, values)  # a sheet that the body lies on
    values = np.where((np.abs(x) < 45) & (np.abs(y - 36) < 8), 200, values)
    values = np.where((np.abs(x) < 42) & (np.abs(y - 36) < 5), -900, values)
    values = np.where(((np.abs(x) - 18) / 12) ** 2 + (y / 14) ** 2 <= 1, -850, values)
    return np.where((np.abs(x) < 3) & (np.abs(y + 10) < 3), -1000, values)


def lungs(points_mm):
    x, y = points_mm[..., 0] - 50, points_mm[..., 1] - 30
    in_lungs = ((np.abs(x) - 18) / 12) ** 2 + (y / 14) ** 2 <= 1
    return in_lungs | ((np.abs(x) < 3) & (np.abs(y + 10) < 3))


@pytest.mark.parametrize("orientation", list(SHAPES), ids=["axial", "coronal", "sagittal"])
def test_air_is_inside_where_the_body_surrounds_it_across_the_patient(orientation):
    grid = Grid(SHAPES[orientation], orientation=orientation, first_mm=FIRST[orientation])
    volume = sampled_volume(grid, on_a_table, np.int16, units="HU")
    air = air_inside(volume, -500)
    np.testing.assert_array_equal(air.modality_value(air.stored_values) >= 500, lungs(grid.points_mm()))
    assert (air.rescale_slope, air.rescale_intercept) == (-1, 0)


def test_without_a_body_there_is_none():
    volume = sampled_volume(
        Grid((5, 9, 9)), lambda points_mm: np.full(points_mm.shape[:-1], -1000.0), np.int16
    )
    air = air_inside(volume, -500)
    assert not (air.modality_value(air.stored_values) >= 500).any()
