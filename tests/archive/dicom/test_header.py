import tracemalloc
import warnings
import zlib
from pathlib import Path

import data_sets as ds
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.dicom import deflated
from archive.dicom.header import Header, parse_data_set, read_header
from archive.dicom.structure import MAXIMUM_ELEMENTS
from archive.errors import BadInput, CannotUnderstand, DataSetMismatch, NoctisError, NotFound

PYDICOM_FILES = Path(pydicom.__file__).parent / "data" / "test_files"
NUMBERS = ("rows", "columns", "series_number", "instance_number", "number_of_frames")
TEXTS = [
    name for name, kind in Header.__annotations__.items() if kind == "str" and name != "transfer_syntax_uid"
]


def refused(data_set, syntax=ds.EXPLICIT):
    with pytest.raises(CannotUnderstand) as caught:
        parse_data_set(data_set, syntax)
    return str(caught.value)


def outcome(file):
    try:
        return read_header(file)
    except NoctisError as error:
        return str(error)


# The same values as pydicom


def keyword(name):
    special = {
        "sop_class_uid": "SOPClassUID",
        "sop_instance_uid": "SOPInstanceUID",
        "patient_id": "PatientID",
    }
    special["issuer_of_patient_id"] = "IssuerOfPatientID"
    return special.get(name) or "".join(map(str.capitalize, name.split("_"))).replace("Uid", "UID")


def by_pydicom(data_set, name):
    value = data_set.get(keyword(name))
    if value is None:
        return ""
    values = value if isinstance(value, pydicom.multival.MultiValue) else [value]
    return "\\".join(str(each) for each in values).strip(" \0")


def assert_same(header, data_set):
    for name in TEXTS:
        # pydicom drops empty groups at the end of a person name, and leaves one escape sequence in.
        expected = by_pydicom(data_set, name).replace("\x1b$)A", "")
        assert getattr(header, name).rstrip("=") == expected, name
    frames = data_set.get("NumberOfFrames") or (1 if header.rows else 0)
    numbers = [data_set.get(keyword(name)) for name in NUMBERS[:4]]
    expected = [numbers[0] or 0, numbers[1] or 0, numbers[2], numbers[3], frames]
    assert [getattr(header, name) for name in NUMBERS] == [None if each == "" else each for each in expected]
    for name in ("image_position_patient", "image_orientation_patient"):
        expected = data_set.get(keyword(name))
        assert getattr(header, name) == (tuple(map(float, expected)) if expected else None)


def compare(files):
    compared = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for file in sorted(files):
            header = outcome(file)
            if isinstance(header, Header):
                assert_same(header, pydicom.dcmread(file, force=True, stop_before_pixels=True))
                compared += 1
    return compared


def test_the_values_are_those_of_pydicom_in_its_own_files():
    odd = {"badVR.dcm"}  # NumberOfFrames "1A", which pydicom passes on as text
    files = {path for path in PYDICOM_FILES.rglob("*") if path.is_file() and path.name not in odd}
    assert compare(files) > 60


NO_INSTANCES = {
    "no valid": "UN_sequence no_meta_group_length nested_priv_SQ priv_SQ empty_charset_LEI DICOMDIR-empty "
    "JPEGLSNearLossless_08 JPEGLSNearLossless_16 SC_rgb_jls_lossy_sample SC_rgb_jls_lossy_line",
    "cut short": "rtplan_truncated MR_truncated",
    "names no transfer syntax": "meta_missing_tsyntax",
    "not a DICOM file": "no_meta",
}
"""Of the files that pydicom ships: what each is refused for (no UIDs at all, mostly)."""


def test_which_of_pydicoms_own_files_are_no_instances():
    reasons = {path.stem: outcome(path) for path in PYDICOM_FILES.rglob("*.dcm")}
    refused = {name: reason for name, reason in reasons.items() if isinstance(reason, str)}
    assert len(reasons) - len(refused) > 60
    known = {name: why for why, names in NO_INSTANCES.items() for name in names.split()}
    assert set(refused) <= set(known)
    assert all(known[name] in reason for name, reason in refused.items())


def test_the_values_are_those_of_pydicom_in_the_corpus(shared_data):
    files = {path for part in ("volumes", "single") for path in (shared_data / part).rglob("*")}
    assert compare(path for path in files if path.is_file()) > 300


@settings(max_examples=150, deadline=None)
@given(
    texts=st.fixed_dictionaries(
        {tag: st.binary(max_size=40) for tag in (0x00080060, 0x00081030, 0x00100010, 0x00100020)}
    ),
    character_set=st.sampled_from(
        [b"", b"ISO_IR 100", b"ISO_IR 192", b"\\ISO 2022 IR 87", b"ISO_IR 999", b"\xff"]
    ),
)
def test_any_bytes_in_a_text_value_are_a_header(texts, character_set):
    values = b"".join(ds.element(tag, b"LO", raw) for tag, raw in texts.items())
    header = parse_data_set(
        ds.element(0x00080005, b"CS", character_set) + values + ds.smallest(), ds.EXPLICIT
    )
    assert isinstance(header.patient_name, str)
    header.patient_name.encode()  # no lone surrogates come out


@pytest.mark.parametrize(
    ("raw", "number"),
    [(b" 12 ", 12), (b"-3\0", -3), (b"7\\8", 7), (b"abc", None), (b"9" * 11, None), (b"", None)],
)
def test_integer_strings(raw, number):
    data_set = ds.smallest() + ds.element(0x00200013, b"IS", raw)
    assert parse_data_set(data_set, ds.EXPLICIT).instance_number == number


@pytest.mark.parametrize("raw", [b"1\\2", b"1\\2\\x", b"1\\2\\nan", b"1\\2\\1e999", b""])
def test_a_bad_position_is_none(raw):
    assert parse_data_set(ds.smallest() + ds.element(0x00200032, b"DS", raw), ds.EXPLICIT).position_mm is None


def test_position_along_the_normal():
    geometry = ds.element(0x00200032, b"DS", b"1\\2\\-7.5") + ds.element(
        0x00200037, b"DS", b"1\\0\\0\\0\\1\\0 "
    )
    assert parse_data_set(ds.smallest() + geometry, ds.EXPLICIT).position_mm == -7.5


def test_a_us_of_odd_length_and_a_huge_value_cost_one_cell():
    odd = ds.element(0x00280010, b"US", b"\2\0\0") + ds.element(0x00100010, b"UT", b"x" * 10_000_000)
    header = parse_data_set(ds.smallest() + odd, ds.EXPLICIT)
    assert header.rows == 2
    assert len(header.patient_name) < 20_000


# Encodings


def test_the_smallest_instance_in_each_syntax():
    stream = deflate(ds.smallest())
    for syntax, data_set in {
        ds.EXPLICIT: ds.smallest(),
        ds.IMPLICIT: ds.smallest_implicit(),
        ds.BIG_ENDIAN: ds.smallest(order=">"),
        ds.DEFLATED: stream,
        "1.2.840.10008.1.2.4.50": ds.smallest(),
        "1.2.840.113619.5.2": ds.smallest_implicit(),
    }.items():
        header = parse_data_set(data_set, syntax)
        assert (header.sop_instance_uid, header.study_instance_uid) == ("1.2.3", "1.2"), syntax
        assert header.transfer_syntax_uid == syntax


def test_a_declared_encoding_that_is_not_used_is_recognised():
    assert parse_data_set(ds.smallest_implicit(), ds.EXPLICIT).sop_instance_uid == "1.2.3"
    assert parse_data_set(ds.smallest(), ds.IMPLICIT).sop_instance_uid == "1.2.3"


@pytest.mark.parametrize("buffer", [bytes, bytearray, memoryview])
def test_any_kind_of_memory(buffer):
    assert parse_data_set(buffer(ds.smallest()), ds.EXPLICIT).sop_instance_uid == "1.2.3"


# What has no UIDs


@pytest.mark.parametrize("uid", ["", ".", "..", "1/2", "../1", "a", "1" * 65, "1.2\x001", "1.2 3"])
def test_a_uid_that_is_none_is_a_mismatch(uid):
    for place in ("sop", "study", "series"):
        with pytest.raises(DataSetMismatch):
            parse_data_set(ds.smallest(**{place: uid}), ds.EXPLICIT)


def test_leading_zeros_pass():
    assert parse_data_set(ds.smallest(study="1.02.003"), ds.EXPLICIT).study_instance_uid == "1.02.003"


def test_an_empty_data_set():
    assert refused(b"") == "The data set is empty."


# Files


def test_what_is_not_dicom(tmp_path):
    for content in (
        b"x",
        b"%PDF-1.4" + bytes(200),
        bytes(132),
        bytes(128) + b"XICM",
        b"\x89PNG\r\n\x1a\n" * 40,
    ):
        (tmp_path / "file").write_bytes(content)
        with pytest.raises(BadInput, match="not a DICOM file"):
            read_header(tmp_path / "file")


def test_what_is_no_file(tmp_path):
    import os

    os.mkfifo(tmp_path / "pipe")
    for path, kind in ((tmp_path, BadInput), (tmp_path / "pipe", BadInput), (tmp_path / "gone", NotFound)):
        with pytest.raises(kind):
            read_header(path)


def test_the_letters_dicm_in_the_middle_of_a_bare_data_set(tmp_path):
    data_set = (
        ds.element(0x00080008, b"CS", b"x" * 112) + ds.element(0x00080070, b"LO", b"DICM") + ds.smallest()
    )
    (tmp_path / "bare").write_bytes(data_set)
    assert data_set[128:132] == b"DICM"
    assert read_header(tmp_path / "bare").sop_instance_uid == "1.2.3"


def test_a_header_longer_than_the_first_read(tmp_path):
    for filling in (
        ds.element(0x00080070, b"UT", b"x" * 100_000),
        ds.element(0x00080005, b"CS", b"ISO_IR 100") + ds.nested(1, undefined=True) * 2000,
        b"".join(ds.element(0x00091001, b"LO", b"x" * 30) for _ in range(5000)),
    ):
        (tmp_path / "one").write_bytes(ds.part10(filling + ds.smallest()))
        assert read_header(tmp_path / "one").sop_instance_uid == "1.2.3"


def test_a_group_length_that_is_wrong_or_absent(tmp_path):
    whole = ds.part10(ds.smallest())
    for length in (0, 1, 7, 0xFFFFFFFF, 10_000_000):
        (tmp_path / "one").write_bytes(whole[:140] + length.to_bytes(4, "little") + whole[144:])
        assert read_header(tmp_path / "one").sop_instance_uid == "1.2.3"
    (tmp_path / "one").write_bytes(whole[:132] + whole[144:])
    assert read_header(tmp_path / "one").sop_instance_uid == "1.2.3"
    (tmp_path / "one").write_bytes(whole[132:])  # no preamble at all
    assert read_header(tmp_path / "one").sop_instance_uid == "1.2.3"


def test_a_file_cut_anywhere_is_refused(tmp_path):
    whole = ds.part10(
        ds.element(0x00080005, b"CS", b"ISO_IR 100") + ds.nested(2, undefined=True) + ds.smallest()
    )
    for length in range(len(whole)):
        (tmp_path / "cut").write_bytes(whole[:length])
        assert isinstance(outcome(tmp_path / "cut"), str), length


# Hostile


def test_the_broken_files_end_in_a_header_or_a_sentence(shared_data):
    files = [path for path in (shared_data / "broken").rglob("*") if path.is_file()]
    assert len(files) > 200
    for file in files:
        result = outcome(file)
        assert isinstance(result, Header) or result.endswith(".")


def deflate(data_set):
    squeezed = zlib.compressobj(wbits=-15)
    return squeezed.compress(data_set) + squeezed.flush()


def test_a_deflate_bomb_stops_at_its_limit(monkeypatch):
    monkeypatch.setattr(deflated, "MAXIMUM_INFLATED_BYTES", 4 << 20)
    stream = deflate(ds.smallest() + ds.element(0x7FE00010, b"OW", bytes(100 << 20)))
    tracemalloc.start()
    assert "holds more than" in refused(stream, ds.DEFLATED)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 << 20


def test_a_deflated_data_set_that_is_cut_or_damaged():
    stream = deflate(ds.smallest())
    for length in range(len(stream)):
        refused(stream[:length], ds.DEFLATED)
    assert parse_data_set(stream + b"\0", ds.DEFLATED)  # padded to an even length
    refused(stream + bytes(10), ds.DEFLATED)
    refused(b"\xff" * 100, ds.DEFLATED)


def test_a_million_empty_elements_are_too_many():
    refused(ds.element(0x00080070, b"LO") * (MAXIMUM_ELEMENTS + 1))
    refused(ds.element(0x00080070, b"SQ", ds.item() * (MAXIMUM_ELEMENTS + 1)))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([ds.EXPLICIT, ds.IMPLICIT, ds.BIG_ENDIAN, ds.DEFLATED]))
def test_noise_ends_in_a_sentence(noise, syntax):
    for data_set in (noise, ds.smallest() + noise, ds.element(0x00080005, b"CS") + noise):
        try:
            parse_data_set(data_set, syntax)
        except NoctisError as error:
            assert str(error)  # noqa: PT017 - most examples end here, a few are data sets after all


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_flipped_bytes_end_in_a_header_or_a_sentence(data):
    whole = bytearray(ds.nested(3) + ds.nested(3, undefined=True) + ds.nested(2, vr=b"UN") + ds.smallest())
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        parse_data_set(bytes(whole), data.draw(st.sampled_from([ds.EXPLICIT, ds.IMPLICIT, ds.BIG_ENDIAN])))
    except NoctisError as error:
        assert str(error)  # noqa: PT017 - the same
