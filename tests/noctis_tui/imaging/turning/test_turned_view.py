import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from volume_phantoms import Grid, ramp, sampled_volume

from noctis_tui.imaging.patient_space import letters_of_orientation
from noctis_tui.imaging.turning.turned_view import filled_view, fitted_view, turned_orientation

ANGLES = st.floats(-720, 720)


@pytest.mark.parametrize(
    ("angles", "right", "bottom"),
    [
        ((0, 0), "L", "F"),
        ((90, 0), "P", "F"),
        ((180, 0), "R", "F"),
        ((270, 0), "A", "F"),
        ((0, 90), "L", "A"),
    ],
)
def test_the_sides_of_the_patient_are_where_films_have_them(angles, right, bottom):
    letters = letters_of_orientation(turned_orientation(*angles))
    assert (letters.right, letters.bottom) == (right, bottom)


@given(ANGLES, ANGLES)
def test_every_direction_is_two_orthogonal_unit_vectors(azimuth, elevation):
    row, column = np.reshape(turned_orientation(azimuth, elevation), (2, 3))
    np.testing.assert_allclose((row @ row, column @ column, row @ column), (1, 1, 0), atol=1e-12)


@pytest.mark.parametrize("angles", [(0, 0), (33, 20), (120, -70)])
def test_all_of_the_volume_is_in_the_picture(angles):
    volume = sampled_volume(
        Grid((10, 30, 20), spacing_mm=(4.0, 1.0, 0.5), first_mm=(7, 8, 9)), ramp((1, 1, 1))
    )
    orientation = turned_orientation(*angles)
    for view in (
        fitted_view(volume, orientation, rows=40, columns=60),
        filled_view(volume, orientation, 0.7),
    ):
        np.testing.assert_allclose(view.center_mm, volume.center_mm, atol=1e-9)
        for k, j, i in np.ndindex(2, 2, 2):
            corner = volume.patient_point(10 * k - 0.5, 30 * j - 0.5, 20 * i - 0.5)
            column, row = view.plane.image_point(corner)
            assert -0.51 <= column <= view.columns - 0.49
            assert -0.51 <= row <= view.rows - 0.49
