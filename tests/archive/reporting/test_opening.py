from __future__ import annotations

import struct
import tracemalloc

import data_sets as ds
import pytest
from derived_objects import items
from fuzzing.written import encoded, instance

from archive.errors import BadInput
from archive.reporting import opening
from archive.reporting.opening import open_object
from archive.reporting.report_reading import key_images_in_selection

SELECTION = "1.2.840.10008.5.1.4.1.1.88.59"


def selection(*numbers):
    named = items(ReferencedSOPInstanceUID="1.2")
    if numbers:
        named.add_new("ReferencedFrameNumber", "IS", [*numbers])
    return instance(
        SELECTION, ContentSequence=[items(ValueType="IMAGE", ReferencedSOPSequence=[named, items()])]
    )


def written(tmp_path, data):
    path = tmp_path / "an\x1bobject"
    path.write_bytes(data)
    return path


def test_an_object_is_read(tmp_path):
    read = open_object(written(tmp_path, encoded(selection(3, 4))))
    frames = [
        (key.frame.sop_instance_uid, key.frame.frame_number)
        for key in key_images_in_selection(read).key_images
    ]
    assert frames == [("1.2", 3), ("1.2", 4), ("", 1)]


def test_frame_numbers_that_are_none_are_left_out(tmp_path):
    data = encoded(selection(30, 40)).replace(b"30\\40 ", "¹\\".encode() + b"40 ")
    read = open_object(written(tmp_path, data))
    assert {key.frame.frame_number for key in key_images_in_selection(read).key_images} <= {1, 40}


def test_more_numbers_than_anybody_lists_are_refused_before_they_become_objects(tmp_path):
    numbers = b"1\\" * (1 << 20)
    element = struct.pack("<HHI", 0x0008, 0x1160, len(numbers)) + numbers
    path = written(tmp_path, ds.part10(ds.smallest_implicit() + element, ds.IMPLICIT))
    tracemalloc.start()
    with pytest.raises(BadInput, match=r"^an␛object holds more than a report"):
        open_object(path)
    assert tracemalloc.get_traced_memory()[1] < 32 << 20
    tracemalloc.stop()


def test_more_elements_than_any_report_has_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "ELEMENTS_LIMIT", 5)
    with pytest.raises(BadInput, match="holds more"):
        open_object(written(tmp_path, encoded(selection())))


def test_a_file_that_is_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "OBJECT_BYTES", 100)
    with pytest.raises(BadInput, match="too large"):
        open_object(written(tmp_path, encoded(selection())))


@pytest.mark.parametrize("data", [b"\0" * 200, ds.part10(ds.smallest() + ds.nested(70))])
def test_what_cannot_be_read_is_refused_in_a_sentence(tmp_path, data):
    with pytest.raises(BadInput, match=r"^an␛object cannot be read"):
        open_object(written(tmp_path, data))
