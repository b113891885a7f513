import numpy as np
import phantoms
import pytest
from derived_objects import STRUCTURE_SET, ct_data_sets, ct_files, items, saved, shown, structure_set
from pydicom import dcmread

from archive.errors import NoctisError
from noctis_tui.reading.derived import contours as module
from noctis_tui.reading.derived.contours import StructureSet
from noctis_tui.reading.derived.part import Appearance
from noctis_tui.reading.marks import Note, Stroke


def square(source, z_shift=0.0):
    """The image points (2, 3), (10, 3), (10, 9), (2, 9) of an axial slice, in the patient."""
    x, y, z = (float(value) for value in source.ImagePositionPatient)
    down, across = (float(value) for value in source.PixelSpacing)
    return [(x + c * across, y + r * down, z + z_shift) for c, r in ((2, 3), (10, 3), (10, 9), (2, 9))]


def opened(tmp_path, source, found, **more):
    return StructureSet.open(saved(structure_set(source, found, **more), tmp_path / "rt.dcm", STRUCTURE_SET))


def test_a_contour_lies_on_its_slice_and_on_no_other(tmp_path):
    source = ct_data_sets()[1]
    structures = opened(tmp_path, source, [(7, "CLOSED_PLANAR", square(source))])
    stroke, name = structures.marks_on(*shown(ct_files()[1]), Appearance())
    assert isinstance(stroke, Stroke)
    assert stroke.closed
    assert stroke.rgb == (70, 200, 30)
    for found, wanted in zip(stroke.points, ((2, 3), (10, 3), (10, 9), (2, 9)), strict=True):
        assert found == pytest.approx(wanted, abs=1e-3)
    assert isinstance(name, Note)
    assert name.text == "Organ 7"
    assert structures.marks_on(*shown(ct_files()[2]), Appearance()) == ()


def test_a_contour_between_slices_belongs_to_the_nearer(tmp_path):
    source = ct_data_sets()[1]
    structures = opened(tmp_path, source, [(1, "CLOSED_PLANAR", square(source, 0.5))])
    assert structures.marks_on(*shown(ct_files()[1]), Appearance())
    assert not structures.marks_on(*shown(ct_files()[2]), Appearance())


def test_a_contour_across_the_slices_is_not_drawn_on_them(tmp_path):
    source = ct_data_sets()[1]
    slanting = [(x, y, z + 10 * (place % 2) - 5) for place, (x, y, z) in enumerate(square(source))]
    structures = opened(tmp_path, source, [(1, "CLOSED_PLANAR", slanting)])
    assert structures.marks_on(*shown(ct_files()[1]), Appearance()) == ()


def test_another_frame_of_reference_shows_nothing(tmp_path):
    source = ct_data_sets()[1]
    points = square(source)
    source.FrameOfReferenceUID = "1.2.3"
    structures = opened(tmp_path, source, [(1, "CLOSED_PLANAR", points)])
    assert structures.marks_on(*shown(ct_files()[1]), Appearance()) == ()


def test_hidden_structures_and_open_contours(tmp_path):
    source = ct_data_sets()[1]
    structures = opened(
        tmp_path, source, [(1, "CLOSED_PLANAR", square(source)), (2, "OPEN_PLANAR", square(source))]
    )
    (stroke, _) = structures.marks_on(*shown(ct_files()[1]), Appearance(hidden=frozenset({1})))
    assert not stroke.closed


def test_contour_data_that_are_no_numbers_are_left_out(tmp_path):
    source = ct_data_sets()[1]
    broken = structure_set(source, [(1, "CLOSED_PLANAR", square(source))])
    contours = broken.ROIContourSequence[0].ContourSequence
    contours.append(items(ContourGeometricType="CLOSED_PLANAR", ContourData=["1", "2"]))
    path = saved(broken, tmp_path / "rt.dcm", STRUCTURE_SET)
    data = path.read_bytes().replace(b"1\\2 ", b"x\\\x1b ")
    path.write_bytes(data)
    structures = StructureSet.open(path)
    assert len(structures.marks_on(*shown(ct_files()[1]), Appearance())) == 2


def test_limits(tmp_path, monkeypatch):
    source = ct_data_sets()[1]
    found = [(1, "CLOSED_PLANAR", square(source)), (1, "CLOSED_PLANAR", square(source))]
    monkeypatch.setattr(module, "POINTS_LIMIT", 6)
    with pytest.raises(NoctisError, match="more than 6 points"):
        opened(tmp_path, source, found)
    monkeypatch.setattr(module, "CONTOURS_LIMIT", 1)
    with pytest.raises(NoctisError, match="more than 1 contours"):
        opened(tmp_path, source, found)


def test_an_image_is_no_structure_set():
    with pytest.raises(NoctisError):
        StructureSet.open(ct_files()[0])


@pytest.mark.shared
def test_the_body_of_a_real_structure_set_encloses_the_patient(shared_data):
    single = shared_data / "single"
    structures = StructureSet.open(single / "rt_struct.dcm")
    assert [part.name for part in structures.parts][:3] == ["BODY", "Areola", "Borders"]
    frame, ref = shown(single / "rt_ct_slice.dcm")
    marks = structures.marks_on(frame, ref, Appearance())
    bodies = [mark for mark in marks if isinstance(mark, Stroke)]
    assert len(bodies) == 4
    from PIL import Image, ImageDraw

    inside = Image.new("1", (512, 512))
    for body in bodies:
        ImageDraw.Draw(inside).polygon(list(body.points), 1)
    import numpy as np

    tissue = frame.stored_values > -300
    covered = np.asarray(inside)
    assert (tissue & covered).sum() > 0.8 * covered.sum()


def overlapping_slices(folder):
    """Slices of 5 mm, one every 2.5 mm."""
    place = {"ImageOrientationPatient": [1, 0, 0, 0, 1, 0], "PixelSpacing": [1, 1], "SliceThickness": 5}
    uids = {"StudyInstanceUID": "1.2", "SeriesInstanceUID": "1.2.1", "FrameOfReferenceUID": "1.2.9"}
    return [
        phantoms.write_image(
            folder / f"{number}.dcm",
            np.zeros((16, 16), np.int16),
            SOPInstanceUID=f"1.2.1.{number + 1}",
            ImagePositionPatient=[0, 0, 2.5 * number],
            **place,
            **uids,
        )
        for number in range(5)
    ]


def naming(source, structures, **reference):
    for structure in structures.ROIContourSequence:
        structure.ContourSequence[0].ContourImageSequence = [
            items(ReferencedSOPClassUID=source.SOPClassUID, **reference)
        ]
    return structures


def test_a_contour_that_names_its_image_lies_on_no_overlapping_slice(tmp_path):
    files = overlapping_slices(tmp_path)
    source = dcmread(files[2])
    structures = structure_set(source, [(1, "CLOSED_PLANAR", square(source))])
    naming(source, structures, ReferencedSOPInstanceUID=source.SOPInstanceUID)
    opened = StructureSet.open(saved(structures, tmp_path / "rt.dcm", STRUCTURE_SET))
    drawn = [bool(opened.marks_on(*shown(file), Appearance())) for file in files]
    assert drawn == [False, False, True, False, False]


def test_a_contour_that_names_a_frame_lies_on_that_frame_alone(tmp_path):
    source = ct_data_sets()[1]
    for number, drawn in ((1, True), (2, False)):
        structures = structure_set(source, [(1, "CLOSED_PLANAR", square(source))])
        naming(
            source,
            structures,
            ReferencedSOPInstanceUID=source.SOPInstanceUID,
            ReferencedFrameNumber=number,
        )
        opened = StructureSet.open(saved(structures, tmp_path / "rt.dcm", STRUCTURE_SET))
        assert bool(opened.marks_on(*shown(ct_files()[1]), Appearance())) is drawn


def test_a_contour_of_more_points_than_one_read_may_take_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "CONTOUR_POINTS_LIMIT", 1)
    source = ct_data_sets()[1]
    with pytest.raises(NoctisError, match="A contour of the structure set has more than 1 points"):
        opened(tmp_path, source, [(1, "CLOSED_PLANAR", square(source))])


def test_of_more_points_than_an_image_can_show_the_first_contours_are_drawn(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "POINTS_ON_IMAGE_LIMIT", 8)
    source = ct_data_sets()[1]
    structures = opened(tmp_path, source, [(1, "CLOSED_PLANAR", square(source))] * 3)
    marks = structures.marks_on(*shown(ct_files()[1]), Appearance())
    assert sum(isinstance(mark, Stroke) for mark in marks) == 2
