"""A volume: its indices and the patient's millimetres."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noctis_tui.imaging.volume import Volume


def sagittal() -> Volume:
    """Rows run to the feet, columns to the back, slices to the patient's right: 2, 0.5 and 0.75 mm apart."""
    affine = np.eye(4)
    affine[:3, 0] = (-2, 0, 0)
    affine[:3, 1] = (0, 0, -0.5)
    affine[:3, 2] = (0, 0.75, 0)
    affine[:3, 3] = (10, -20, 30)
    return Volume(np.zeros((4, 5, 6), np.int16), affine, 2.0, -1024.0)


def test_the_middle_and_the_distances_follow_from_the_affine():
    volume = sagittal()
    assert volume.shape == (4, 5, 6)
    assert volume.spacing_mm == pytest.approx((2, 0.5, 0.75))
    assert volume.center_mm == pytest.approx((7, -18.125, 29))


def test_a_stored_value_becomes_a_modality_value():
    assert sagittal().modality_value(100) == -824


def test_a_slice_lies_where_its_voxels_do():
    cut = sagittal().slice_at(2)
    assert (cut.rows, cut.columns) == (5, 6)
    assert cut.plane.row_direction == pytest.approx((0, 1, 0))
    assert cut.plane.column_direction == pytest.approx((0, 0, -1))
    assert cut.plane.normal == pytest.approx((-1, 0, 0))
    assert cut.plane.patient_point(4, 3) == pytest.approx(sagittal().patient_point(2, 3, 4))


index = st.floats(-50, 50)


@given(index, index, index)
def test_there_and_back(k, j, i):
    volume = sagittal()
    assert volume.voxel_index(volume.patient_point(k, j, i)) == pytest.approx((k, j, i), abs=1e-9)
