import numpy as np
import pytest
from volume_phantoms import CORONAL, Grid, index_ramp, sampled_volume, write_series

from archive.annotations.annotation import Kind
from archive.annotations.measuring import measure
from noctis_tui.imaging.patient_space import EdgeLetters
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.reading.frame_reading import read_frame
from noctis_tui.reading.reconstruction.headless_plane import PlaneRequest, cut_plane
from noctis_tui.reading.reconstruction.plane_axes import Plane
from noctis_tui.reading.reconstruction.plane_frame import frame_of_plane

GRID = Grid((6, 8, 10), (2.5, 0.75, 0.5), CORONAL, (-12, 7, 30))


@pytest.fixture
def like(tmp_path):
    attributes = {"WindowCenter": "40", "WindowWidth": "400", "PixelPaddingValue": -200}
    return read_frame(write_series(tmp_path / "ct", GRID, index_ramp(GRID), **attributes)[3])


def shown(like, **request):
    volume = sampled_volume(GRID, index_ramp(GRID), units="HU")
    return frame_of_plane(cut_plane(volume, PlaneRequest(**request)), volume, like, "oblique")


@pytest.mark.parametrize(
    ("plane", "letters"),
    [
        (Plane.AXIAL, EdgeLetters("R", "L", "A", "P")),
        (Plane.CORONAL, EdgeLetters("R", "L", "H", "F")),
        (Plane.SAGITTAL, EdgeLetters("A", "P", "H", "F")),
    ],
)
def test_letters_follow_the_plane(like, plane, letters):
    assert shown(like, plane=plane).edge_letters == letters


def test_letters_of_an_oblique_plane_name_two_sides(like):
    frame = shown(like, normal=(1, 1, 0))
    assert frame.edge_letters == EdgeLetters("RP", "LA", "H", "F")


def test_lengths_are_measured_by_the_plane_s_own_spacing(like):
    frame = shown(like, plane=Plane.AXIAL)
    assert measure(Kind.LENGTH, [(0, 0), (0, 4)], None, frame.attributes).value == pytest.approx(10)
    assert measure(Kind.LENGTH, [(0, 0), (4, 0)], None, frame.attributes).value == pytest.approx(2)


def test_values_are_what_they_are_and_the_window_is_the_file_s(like):
    frame = shown(like, plane=Plane.AXIAL, slab_mm=3.0, projection=Projection.MIN)
    assert (frame.attributes.units, frame.attributes.rescale) == ("HU", None)
    assert [(window.center, window.width) for window in frame.attributes.windows] == [(40, 400)]
    assert frame.part_name == "oblique MinIP"
    assert frame.attributes.slice_thickness_mm == 3
    assert frame.caption.instance_number == frame.attributes.sop_instance_uid == ""
    assert frame.attributes.modality_padding == (-200, -200)
    assert np.isfinite(frame.stored_values).all()
