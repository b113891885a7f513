"""Data sets that are cut, wrongly written or under another's name, sent to the real receiver."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from kept_instances import adopted, kept
from pydicom.data import get_testdata_file
from raw_peer import ASSOCIATE_AC, RawPeer, store_all
from receiver_process import ReceiverProcess, run_noctis
from senders import data_set_bytes, instance

from archive.dicom.elements import SHORT_VRS
from archive.index import worklist
from archive.local_archive import LocalArchive
from noctis_tui.interface.worklist import cells

WHOLE = {
    "explicit": "CT_small.dcm",
    "implicit": "MR_small_implicit.dcm",
    "encapsulated": "JPEG2000.dcm",
    "fragments": "SC_rgb_rle_2frame.dcm",
    "sequences": "liver_1frame.dcm",
    "deflated": "image_dfl.dcm",
}


@pytest.fixture(scope="module")
def receiver(tmp_path_factory):
    with ReceiverProcess(tmp_path_factory.mktemp("archive")) as process:
        yield process


def archive_of(receiver):
    return receiver.process.args[receiver.process.args.index("--archive") + 1]


def boundaries(whole, syntax):
    """Return where top-level elements begin, as pydicom reads them."""
    file = BytesIO(whole)
    read = pydicom.filereader.read_dataset(file, syntax.is_implicit_VR, syntax.is_little_endian)
    starts = []
    for element in read.values():
        tell = (
            element.value_tell if isinstance(element, pydicom.dataelem.RawDataElement) else element.file_tell
        )
        starts.append(tell - (8 if syntax.is_implicit_VR or element.VR.encode() in SHORT_VRS else 12))
    return starts


@pytest.mark.parametrize("name", WHOLE.values(), ids=WHOLE)
def test_a_data_set_that_is_cut_anywhere_is_never_acknowledged(receiver, name):
    file = get_testdata_file(name)
    ds = pydicom.dcmread(file)
    sop_class, sop_instance, syntax = ds.SOPClassUID, ds.SOPInstanceUID, ds.file_meta.TransferSyntaxUID
    whole = data_set_bytes(file)
    step = max(len(whole) // 60, 1)
    cuts = set(range(0, len(whole), step)) | {len(whole) - 1, len(whole) - 2}
    if not syntax.is_deflated:
        begin = boundaries(whole, syntax)
        cuts |= {cut for start in begin for cut in (start, start + 3, start + 8)}
    # What follows the pixels is padding or a check sum: without it the data set is complete.
    complete = {
        "CT_small.dcm": lambda: max(boundaries(whole, syntax)),
        "image_dfl.dcm": lambda: len(whole) - 8,
    }
    end = complete.get(name, lambda: len(whole))()
    statuses = {}
    with RawPeer(receiver.port, seconds=30) as peer:
        assert peer.associate(contexts=((1, sop_class, (syntax,)),)) == ASSOCIATE_AC
        for cut in sorted(cuts - {0, len(whole)}):
            statuses[cut] = peer.store(sop_instance, whole[:cut], sop_class=sop_class)
        assert peer.store(sop_instance, whole, sop_class=sop_class) == 0
    assert {status for cut, status in statuses.items() if cut < end} <= {0xC000, 0xA900}
    if not syntax.is_deflated:
        uids = whole.index(ds.SeriesInstanceUID.encode()) + 64
        assert {status for cut, status in statuses.items() if uids < cut < end} == {0xC000}


def test_bytes_that_no_character_set_has_are_kept_and_marked(receiver):
    sent = instance(SpecificCharacterSet="ISO_IR 192", PatientName="Bro^ken?Name", Modality="CT")
    sent = replace(sent, data_set=sent.data_set.replace(b"ken?Name", b"ken\xffName"))
    assert store_all(receiver.port, sent) == [0]
    archive = archive_of(receiver)
    shown = run_noctis(archive, "studies", "Bro").stdout
    assert "ken\ufffdName" in shown
    with_row(archive, sent.study_uid, lambda row: cells.patient_name(row) == "Bro, ken\ufffdName")
    assert data_set_bytes(path_of(archive, sent.sop_uid)) == sent.data_set


def test_a_value_that_its_vr_does_not_allow_is_kept_as_it_came(receiver):
    sent = instance(InstanceNumber="1", StudyDate="20260102", PatientBirthDate="19700101")
    spoiled = sent.data_set.replace(b"20260102", b"2026-1-2").replace(b"19700101", b"yesterda")
    sent = replace(sent, data_set=spoiled)
    assert store_all(receiver.port, sent) == [0]
    archive = archive_of(receiver)
    assert data_set_bytes(path_of(archive, sent.sop_uid)) == sent.data_set
    with_row(archive, sent.study_uid, lambda row: cells.day(row.study_date) == "2026-1-2")


def with_row(archive, study_uid, holds):
    with LocalArchive.open(Path(archive)) as opened:
        (row,) = [each for each in worklist.studies(opened.index) if each.study_instance_uid == study_uid]
        assert holds(row), row


def path_of(archive, sop_uid):
    with LocalArchive.open(Path(archive)) as opened:
        return kept(opened)[sop_uid]


def test_the_same_and_other_bytes_under_one_uid(tmp_path):
    first = instance()
    other = instance(first.study_uid, first.series_uid, first.sop_uid, PatientName="Another^Name")
    with ReceiverProcess(tmp_path) as receiver:
        assert store_all(receiver.port, first) == [0]
        before = path_of(tmp_path, first.sop_uid).stat()
        assert store_all(receiver.port, first, other, other) == [0, 0, 0]
        after = path_of(tmp_path, first.sop_uid)
        assert (after.stat().st_ino, after.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
        assert data_set_bytes(after) == first.data_set
        with_row(tmp_path, first.study_uid, lambda row: row.qa_status == "failed" and row.instance_count == 1)
        assert receiver.end()[0] == 0
    (variant,) = (tmp_path / "variants").rglob("*.dcm")
    assert data_set_bytes(variant) == other.data_set


def test_other_bytes_are_0111_where_the_site_is_strict(tmp_path):
    first = instance()
    other = instance(first.study_uid, first.series_uid, first.sop_uid, PatientName="Another^Name")
    (tmp_path / "noctis.toml").write_text("[storage]\nstrict_duplicates = true\n")
    with ReceiverProcess(tmp_path) as receiver:
        assert store_all(receiver.port, first, other, first) == [0, 0x0111, 0]
        assert receiver.end()[0] == 0
    assert not list((tmp_path / "variants").rglob("*.dcm"))
    with_row(tmp_path, first.study_uid, lambda row: row.qa_status is None)


def test_what_lacks_its_identity_is_a900_and_kept_apart_while_there_is_room(tmp_path):
    (tmp_path / "noctis.toml").write_text("[storage]\nquarantine_bytes = 6000\n")
    bad = [
        instance(StudyInstanceUID=None),
        instance(SeriesInstanceUID=None),
        replace(instance(), sop_uid="1.2.3.4.5"),
        *(instance(StudyInstanceUID=None) for _ in range(5)),
    ]
    with ReceiverProcess(tmp_path) as receiver:
        assert store_all(receiver.port, *bad) == [0xA900] * len(bad)
        assert receiver.end()[0] == 0
    assert 0 < sum(path.stat().st_size for path in (tmp_path / "quarantine").glob("*.dcm")) <= 6000
    assert len(list((tmp_path / "quarantine").glob("*.json"))) == len(bad)
    with adopted(tmp_path) as archive:
        assert not kept(archive)


def test_an_image_without_its_pixels_has_lost_its_end_a_report_has_not(receiver):
    image = instance(PixelData=None)
    headless = instance(PixelData=None, Rows=None, Columns=None)
    report = "1.2.840.10008.5.1.4.1.1.88.11"
    text = instance(PixelData=None, Rows=None, Columns=None, SOPClassUID=report, Modality="SR")
    assert store_all(receiver.port, image, headless) == [0xC000, 0xC000]
    with RawPeer(receiver.port) as peer:
        assert peer.associate(contexts=((1, report, ("1.2.840.10008.1.2",)),)) == ASSOCIATE_AC
        assert peer.store(text.sop_uid, text.data_set, sop_class=report) == 0
