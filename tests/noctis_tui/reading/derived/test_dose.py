import numpy as np
import pytest
from derived_objects import DOSE, ct_data_sets, ct_files, dose, saved, shown

from archive.errors import NoctisError
from noctis_tui.reading.derived.dose import Dose
from noctis_tui.reading.derived.part import Appearance
from noctis_tui.reading.marks import Wash

PER_MM = (3.0, 5.0, 7.0)
"""A dose that is linear in the patient: trilinear interpolation gives it back exactly."""


def linear(position, spacing, offsets, size):
    planes = np.array(offsets)[:, None, None]
    rows, columns = np.arange(size)[:, None] * spacing[0], np.arange(size) * spacing[1]
    return PER_MM[2] * planes + PER_MM[1] * rows + PER_MM[0] * columns


@pytest.mark.parametrize("absolute", [False, True])
def test_the_grid_is_interpolated_onto_the_image(tmp_path, absolute):
    source = ct_data_sets()[1]
    x, y, z = (float(value) for value in source.ImagePositionPatient)
    position, spacing, offsets = (x - 2, y - 2, z - 3), (2.0, 1.5), (0, 2, 5, 9)
    grid = linear(position, spacing, offsets, 12)
    written = [position[2] + offset for offset in offsets] if absolute else offsets
    path = saved(dose(source, np.rint(grid * 1000), position, written, spacing), tmp_path / "d.dcm", DOSE)
    opened = Dose.open(path)
    frame, _ = shown(ct_files()[1])
    found = opened.dose_on(frame)
    down, across = (float(value) for value in source.PixelSpacing)
    for row, column in ((0, 0), (3, 7), (10, 2)):
        wanted = PER_MM[2] * 3 + PER_MM[1] * (row * down + 2) + PER_MM[0] * (column * across + 2)
        assert found[row, column] == pytest.approx(wanted, abs=0.01)


@pytest.mark.parametrize("absolute", [False, True])
def test_a_grid_whose_normal_points_to_the_feet(tmp_path, absolute):
    """Rows run to the front: relative offsets go along the normal, downwards; absolute ones are z."""
    source = ct_data_sets()[1]
    x, y, z = (float(value) for value in source.ImagePositionPatient)
    grid = np.zeros((3, 4, 4))
    grid[1] = 1000
    offsets = [z + 2, z, z - 2] if absolute else [0, 2, 4]
    made = dose(source, grid, (x, y + 3, z + 2), offsets, orientation=[1, 0, 0, 0, -1, 0])
    opened = Dose.open(saved(made, tmp_path / "d.dcm", DOSE))
    assert opened.dose_on(shown(ct_files()[1])[0])[0, 0] == pytest.approx(1.0)


def test_beside_the_grid_there_is_no_dose(tmp_path):
    source = ct_data_sets()[1]
    x, y, z = (float(value) for value in source.ImagePositionPatient)
    grid = np.full((2, 3, 3), 1000)
    opened = Dose.open(saved(dose(source, grid, (x, y, z - 1), (0, 2)), tmp_path / "d.dcm", DOSE))
    found = opened.dose_on(shown(ct_files()[1])[0])
    assert found[0, 0] == pytest.approx(1.0)
    assert found[15, 15] == 0
    far = Dose.open(saved(dose(source, grid, (x, y, z + 20), (0, 2)), tmp_path / "far.dcm", DOSE))
    assert not far.dose_on(shown(ct_files()[1])[0]).any()


def test_bands_are_drawn_where_the_dose_is(tmp_path):
    source = ct_data_sets()[1]
    x, y, z = (float(value) for value in source.ImagePositionPatient)
    grid = np.zeros((2, 16, 16))
    grid[:, :, 8:] = 60_000
    spacing = [float(value) for value in source.PixelSpacing]
    opened = Dose.open(saved(dose(source, grid, (x, y, z - 1), (0, 2), spacing), tmp_path / "d.dcm", DOSE))
    assert opened.parts[0].name == "59.4 Gy"
    (wash,) = opened.marks_on(*shown(ct_files()[1]), Appearance(opacity=0.5))
    assert isinstance(wash, Wash)
    assert wash.rgba[5, 2, 3] == 0
    assert tuple(wash.rgba[5, 12]) == (230, 50, 60, 128)
    hidden = opened.marks_on(*shown(ct_files()[1]), Appearance(frozenset({100}), 0.5))
    assert tuple(hidden[0].rgba[5, 12]) == (245, 110, 50, 128)


def test_another_frame_of_reference_and_lies(tmp_path):
    source = ct_data_sets()[1]
    grid = np.full((2, 3, 3), 1000)
    elsewhere = dose(source, grid, (0, 0, 0), (0, 2))
    elsewhere.FrameOfReferenceUID = "1.2.3"
    opened = Dose.open(saved(elsewhere, tmp_path / "d.dcm", DOSE))
    assert opened.dose_on(shown(ct_files()[1])[0]) is None
    for offsets in ((0,), (0, 0), (2, "nan")):
        broken = dose(source, grid, (0, 0, 0), (0, 2))
        broken.GridFrameOffsetVector = [value for value in offsets if value != "nan"]
        with pytest.raises(NoctisError, match="planes of its grid"):
            Dose.open(saved(broken, tmp_path / "broken.dcm", DOSE))
    with pytest.raises(NoctisError):
        Dose.open(ct_files()[0])
