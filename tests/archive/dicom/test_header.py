import struct

import pytest

from archive.dicom.header import Header, parse_data_set, read_header
from archive.dicom.part10 import locate_data_set, write_file_meta
from archive.errors import CannotUnderstand, DataSetMismatch, NoctisError

EXPLICIT = "1.2.840.10008.1.2.1"


def element(tag, vr, value):
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value


SMALLEST = (
    element(0x00080016, b"UI", b"1.2.840.10008.5.1.4.1.1.2\0")
    + element(0x00080018, b"UI", b"1.2.3\0")
    + element(0x0020000D, b"UI", b"1.2\0")
    + element(0x0020000E, b"UI", b"1.2.4\0")
)


def test_the_smallest_instance():
    header = parse_data_set(SMALLEST, EXPLICIT)
    assert (header.sop_instance_uid, header.study_instance_uid) == ("1.2.3", "1.2")
    assert (header.rows, header.number_of_frames, header.position_mm) == (0, 0, None)


def test_every_cut_is_refused():
    for length in range(len(SMALLEST)):
        with pytest.raises((CannotUnderstand, DataSetMismatch)):
            parse_data_set(SMALLEST[:length], EXPLICIT)


def test_what_is_written_by_us_is_read_back(tmp_path):
    file = tmp_path / "one.dcm"
    prefix = write_file_meta("1.2.840.10008.5.1.4.1.1.2", "1.2.3", EXPLICIT, "SOMEONE")
    file.write_bytes(prefix + SMALLEST)
    assert locate_data_set(file) == (len(prefix), EXPLICIT)
    assert read_header(file).sop_instance_uid == "1.2.3"


def outcome(file):
    try:
        return read_header(file)
    except NoctisError as error:
        return str(error)


def test_the_broken_files_end_in_a_header_or_a_sentence(shared_data):
    for file in (shared_data / "broken").rglob("*.dcm"):
        result = outcome(file)
        assert isinstance(result, Header) or result.endswith(".")
