import data_sets as ds
import numpy as np
import pytest
from phantoms import write_planes
from pydicom import dcmread
from pydicom.fileset import FileSet

from archive.dicom.part10 import write_file_meta
from archive.importing.dicomdir import MEDIA_STORAGE_DIRECTORY


def dicomdir(folder, *file_ids):
    records = b"".join(ds.item(ds.element(0x00041500, b"CS", file_id)) for file_id in file_ids)
    prefix = write_file_meta(MEDIA_STORAGE_DIRECTORY, "1.2.9", ds.EXPLICIT)
    (folder / "DICOMDIR").write_bytes(prefix + ds.element(0x00041220, b"SQ", records))
    return folder / "DICOMDIR"


@pytest.fixture
def medium(source):
    (source / "IMAGES").mkdir()
    (source / "IMAGES" / "IM0001").write_bytes(ds.part10(ds.smallest()))
    (source / "IMAGES" / "IM0002").write_bytes(ds.part10(ds.smallest(sop="1.2.3.2")))
    return source


def test_only_what_is_referenced_is_imported(bring, medium):
    counts, _ = bring(dicomdir(medium, b"IMAGES\\IM0001"))
    assert counts == {"imported": 1, "skipped": 1}


def test_a_folder_with_a_dicomdir_is_walked(bring, medium):
    dicomdir(medium, b"IMAGES\\IM0001")
    assert bring(medium)[0] == {"imported": 2, "skipped": 1}


def test_lower_case_media_are_read_too(bring, medium):
    (medium / "IMAGES").rename(medium / "images")
    assert bring(dicomdir(medium, b"IMAGES\\IM0001"))[0] == {"imported": 1, "skipped": 1}


@pytest.mark.parametrize(
    "file_id",
    [b"..\\outside", b"IMAGES\\..\\..\\outside", b"/etc/passwd", b"../outside", b"out\0side", b"\\"],
)
def test_nothing_outside_of_the_folder_is_reached(bring, medium, file_id):
    (medium.parent / "outside").write_bytes(ds.part10(ds.smallest()))
    assert bring(dicomdir(medium, file_id))[0] == {"skipped": 2}


def test_a_link_to_the_outside_is_not_followed(bring, medium):
    outside = medium.parent / "outside"
    outside.write_bytes(ds.part10(ds.smallest()))
    (medium / "LINK").symlink_to(outside)
    (medium / "UP").symlink_to(medium.parent, target_is_directory=True)
    assert bring(dicomdir(medium, b"LINK", b"UP\\OUTSIDE"))[0] == {"skipped": 3}


def test_a_missing_file_is_counted_and_a_repeated_one_read_once(bring, medium):
    counts, reasons = bring(dicomdir(medium, b"GONE", b"IMAGES\\IM0001", b"IMAGES\\IM0001 "))
    assert counts == {"imported": 1, "skipped": 2}
    assert "not there" in next(reason for _, reason in reasons.values() if "references" in reason)


def test_a_cut_dicomdir_imports_what_it_lists(bring, medium):
    path = dicomdir(medium, b"IMAGES\\IM0001")
    path.write_bytes(path.read_bytes() + ds.element(0x00080070, b"LO", b"more", length=99))
    assert bring(path)[0] == {"imported": 1, "skipped": 1}


def test_one_written_by_pydicom(bring, source, tmp_path):
    media = FileSet()
    for path in write_planes(source, np.zeros((3, 8, 8), np.int16), spacing_mm=(1, 1, 1)):
        plane = dcmread(path)
        plane.StudyDate, plane.StudyTime, plane.StudyID, plane.SeriesNumber = "20240101", "10", "1", 1
        media.add(plane)
    media.write(tmp_path / "media")
    assert bring(tmp_path / "media" / "DICOMDIR")[0] == {"imported": 3, "skipped": 1}
