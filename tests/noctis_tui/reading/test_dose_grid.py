"""An RT dose is a volume: its planes lie where the offsets say, its values are dose."""

import numpy as np
import pydicom
import pytest
from phantoms import image
from pydicom.data import get_testdata_file
from pydicom.uid import RTDoseStorage
from volume_phantoms import AXIAL, CORONAL, Grid, geometry

from noctis_tui.reading.volume_loading import load_volumes

SCALING = 0.002


def write_dose(path, grid, offsets, **attributes):
    """A dose whose stored values are 100 times the number of the plane."""
    stored = np.repeat(np.arange(grid.shape[0], dtype=np.uint16) * 100, 30).reshape(-1, 5, 6)
    where = {**geometry(grid, 0), "FrameOfReferenceUID": "1.2.3", "Modality": "RTDOSE"}
    said = {"DoseUnits": "GY", "DoseGridScaling": SCALING, "GridFrameOffsetVector": offsets}
    image(stored, SOPClassUID=RTDoseStorage, **where, **said, **attributes).save_as(path)
    return path


@pytest.mark.parametrize(
    ("orientation", "offsets", "toward"),
    [
        (AXIAL, [0, 2, 4, 6], 1),
        (AXIAL, [0, -2, -4, -6], -1),
        (AXIAL, [40, 42, 44, 46], 1),
        (CORONAL, [0, 2, 4, 6], 1),
        ((1, 0, 0, 0, -1, 0), [40, 42, 44, 46], -1),
    ],
)
def test_planes_lie_where_the_offsets_say(tmp_path, orientation, offsets, toward):
    grid = Grid((4, 5, 6), (2, 3, 4), orientation, (-7, 8, 40))
    made = load_volumes([write_dose(tmp_path / "d.dcm", grid, offsets)])
    (volume,) = made.volumes
    assert (volume.units, volume.spacing_mm) == ("GY", pytest.approx((2, 3, 4)))
    for number in range(4):
        point = grid.point_mm(toward * number, 2, 3)
        k, j, i = np.rint(volume.voxel_index(tuple(point))).astype(int)
        stored = float(volume.stored_values[k, j, i])
        assert volume.modality_value(stored) == pytest.approx(number * 100 * SCALING)


def test_a_dose_that_does_not_say_where_its_planes_lie_is_refused(tmp_path):
    grid = Grid((4, 5, 6), (2, 3, 4))
    for number, offsets in enumerate(([0, 2, 4], [0, 2, 2, 4], [])):
        made = load_volumes([write_dose(tmp_path / f"{number}.dcm", grid, offsets)])
        assert not made.volumes
        assert "planes of its grid" in made.refusals[0].reason


def test_pydicom_s_own_dose():
    path = get_testdata_file("rtdose.dcm", download=False)
    ds = pydicom.dcmread(path)
    (volume,) = load_volumes([path]).volumes
    values = volume.stored_values * np.float64(volume.rescale_slope)
    np.testing.assert_allclose(values, ds.pixel_array * ds.DoseGridScaling, rtol=1e-6)
    assert volume.spacing_mm == pytest.approx((5, 10, 10))
