import io

import data_sets as ds
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread

from archive.dicom.part10 import locate_data_set, read_sender, write_file_meta
from archive.dicom.sop_classes import is_image, storage_sop_classes, transfer_syntaxes, uid_name
from archive.dicom.uids import is_transfer_syntax, is_uid

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"


@given(st.text(max_size=30))
def test_pydicom_reads_the_meta_whatever_the_sender_calls_itself(ae_title):
    written = write_file_meta(CT_IMAGE, "1.2.3", "1.2.840.10008.1.2.1", ae_title)
    meta = dcmread(io.BytesIO(written)).file_meta
    assert (meta.MediaStorageSOPInstanceUID, meta.MediaStorageSOPClassUID) == ("1.2.3", CT_IMAGE)
    assert meta.FileMetaInformationGroupLength == len(written) - 144
    title = meta.get("SourceApplicationEntityTitle") or ""
    assert len(title) <= 16
    assert title.isprintable()


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::1", ""])
def test_who_sent_an_instance_is_read_as_it_was_written(tmp_path, address):
    file = tmp_path / "one"
    file.write_bytes(
        write_file_meta(CT_IMAGE, "1.2.3", ds.EXPLICIT, "CT ROOM 1", "NOCTIS", address) + ds.smallest()
    )
    assert read_sender(file) == ("CT ROOM 1", "NOCTIS", address)
    assert dcmread(file).file_meta.ReceivingApplicationEntityTitle == "NOCTIS"
    file.write_bytes(ds.part10(ds.smallest()))
    assert read_sender(file) is None


def test_dcmtk_reads_the_meta(tmp_path):
    import subprocess

    from conftest import require_program

    require_program("dcmdump")
    (tmp_path / "one").write_bytes(ds.part10(ds.smallest()))
    shown = subprocess.run(
        ["dcmdump", "-q", "one"], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout
    assert "NOCTIS_TUI" in shown
    assert "[1.2.3]" in shown


def test_the_data_set_begins_after_the_meta(tmp_path):
    prefix = write_file_meta(CT_IMAGE, "1.2.3", "1.2.840.10008.1.2")
    (tmp_path / "one").write_bytes(prefix + b"\x08\0\x16\0")
    assert locate_data_set(tmp_path / "one") == (len(prefix), "1.2.840.10008.1.2")


def test_a_group_length_that_reaches_into_the_data_set_is_not_believed(tmp_path):
    prefix, data_set = write_file_meta(CT_IMAGE, "1.2.3", ds.EXPLICIT), ds.smallest()
    length = (len(prefix) - 144 + len(data_set)).to_bytes(4, "little")
    (tmp_path / "one").write_bytes(prefix[:140] + length + prefix[144:] + data_set)
    assert locate_data_set(tmp_path / "one") == (len(prefix), ds.EXPLICIT)


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("1.2.840", True),
        ("1", True),
        ("1.02", True),
        ("1.2.", True),
        ("1" * 64, True),
        ("1" * 65, False),
        ("", False),
        (".", False),
        ("..", False),
        (".1", False),
        ("1/2", False),
        ("1.2\n", False),
        ("١.٢", False),
        ("1 ", False),
    ],
)
def test_uids(text, yes):
    assert is_uid(text) is yes


def test_every_storage_class_and_syntax_that_pynetdicom_knows_is_known():
    from pydicom.uid import AllTransferSyntaxes
    from pynetdicom.presentation import AllStoragePresentationContexts

    classes = {context.abstract_syntax for context in AllStoragePresentationContexts}
    assert classes <= set(storage_sop_classes())
    assert set(AllTransferSyntaxes) <= set(transfer_syntaxes())
    assert all(map(is_transfer_syntax, transfer_syntaxes()))
    assert not is_transfer_syntax("1.2.840.10008.1.20.1")


def test_names_and_images():
    assert uid_name(CT_IMAGE) == "CT Image Storage"
    assert uid_name("1.2.3") == "1.2.3"
    assert is_image(CT_IMAGE)
    assert not is_image("1.2.840.10008.5.1.4.1.1.88.11")
    assert not is_image("1.2.840.10008.1.1")
