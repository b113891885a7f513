import math

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noctis_tui.imaging.patient_space import (
    EdgeLetters,
    ImagePlane,
    direction_letters,
    letters_of_orientation,
    letters_of_patient_orientation,
    location_text,
    opposite_letters,
    turned,
)

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def _orientation(yaw, pitch, roll):
    cy, sy, cp, sp, cr, sr = (f(a) for a in (yaw, pitch, roll) for f in (math.cos, math.sin))
    row = (cy * cp, sy * cp, -sp)
    column = (cy * sp * sr - sy * cr, sy * sp * sr + cy * cr, cp * sr)
    return (*row, *column)


angles = st.floats(-math.pi, math.pi)
planes = st.builds(
    lambda position, turn, row, column: ImagePlane(position, _orientation(*turn), row, column),
    st.tuples(*[st.floats(-500, 500)] * 3),
    st.tuples(angles, angles, angles),
    st.floats(0.05, 10),
    st.floats(0.05, 10),
)


def test_letters_of_the_three_planes():
    assert letters_of_orientation(AXIAL) == EdgeLetters("R", "L", "A", "P")
    assert letters_of_orientation((0.0, 1.0, 0.0, 0.0, 0.0, -1.0)) == EdgeLetters("A", "P", "H", "F")
    assert letters_of_orientation((1.0, 0.0, 0.0, 0.0, 0.0, -1.0)) == EdgeLetters("R", "L", "H", "F")


def test_a_tilted_direction_names_its_second_side_only_when_it_counts():
    assert direction_letters((math.cos(0.2), math.sin(0.2), 0.0)) == "L"
    assert direction_letters((math.cos(0.5), -math.sin(0.5), 0.0)) == "LA"


@given(st.tuples(angles, angles, angles))
def test_the_opposite_of_a_direction_has_the_opposite_letters(turn):
    row = _orientation(*turn)[:3]
    assert direction_letters(tuple(-part for part in row)) == opposite_letters(direction_letters(row))


@given(planes, st.floats(-1000, 1000), st.floats(-1000, 1000))
def test_image_points_survive_the_way_to_the_patient_and_back(plane, column, row):
    back = plane.image_point(plane.patient_point(column, row))
    assert back == pytest.approx((column, row), abs=1e-6)


def test_turning_clockwise_brings_the_left_edge_to_the_top():
    assert turned(EdgeLetters("R", "L", "A", "P"), 1, mirrored=False) == EdgeLetters("P", "A", "R", "L")
    assert turned(EdgeLetters("R", "L", "A", "P"), 0, mirrored=True) == EdgeLetters("L", "R", "A", "P")


@given(st.integers(0, 3), st.booleans(), st.integers(0, 3))
def test_turning_composes(turns, mirrored, more):
    letters = letters_of_orientation(AXIAL)
    once = turned(turned(letters, turns, mirrored), more, mirrored=False)
    assert once == turned(letters, turns + more, mirrored)


def test_patient_orientation_of_a_projection():
    assert letters_of_patient_orientation("A", "FR") == EdgeLetters("P", "A", "HL", "FR")
    assert letters_of_patient_orientation("[red]", "") == EdgeLetters()


def test_location_says_the_side_along_the_normal():
    assert location_text(ImagePlane((0, 0, 40.0), AXIAL, 1, 1)) == "H 40.0"
    sagittal = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)  # the normal points to the patient's right
    assert location_text(ImagePlane((7.0, 0, 0), sagittal, 1, 1)) == "L 7.0"


def test_a_prone_head_is_lettered_by_orientation_and_not_by_position(shared_data):
    file = next(iter(sorted((shared_data / "volumes" / "mr_head_sag_prone_HFP").iterdir())))
    dataset = pydicom.dcmread(file, stop_before_pixels=True, force=True)
    assert dataset.PatientPosition == "HFP"
    letters = letters_of_orientation(tuple(float(v) for v in dataset.ImageOrientationPatient))
    row, column = dataset.ImageOrientationPatient[:3], dataset.ImageOrientationPatient[3:]
    assert abs(row[1]) > 0.9
    assert abs(column[2]) > 0.9
    assert letters.right[0] == ("P" if row[1] > 0 else "A")
    assert letters.bottom[0] == ("H" if column[2] > 0 else "F")
