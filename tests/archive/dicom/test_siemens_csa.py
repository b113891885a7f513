from __future__ import annotations

import struct

from hypothesis import given, settings
from hypothesis import strategies as st
from siemens_headers import csa

from archive.dicom.siemens_csa import read_csa, read_protocol

ELEMENTS = {
    "EchoLinePosition": ["32"],
    "Empty": [],
    "SliceNormalVector": ["0.1", "-0.2 ", "0.97"],
    "NumberOfImagesInMosaic": ["50"],
}


def test_both_versions_are_read():
    for version_2 in (True, False):
        found = read_csa(csa(ELEMENTS, version_2=version_2), ELEMENTS)
        assert found["NumberOfImagesInMosaic"] == ("50",)
        assert found["SliceNormalVector"] == ("0.1", "-0.2", "0.97")
        assert found["Empty"] == ()


def test_what_was_found_before_the_damage_is_kept():
    data = csa(ELEMENTS)
    found = read_csa(data[:-20], ELEMENTS)
    assert found["SliceNormalVector"] == ("0.1", "-0.2", "0.97")


def test_counts_that_lie_are_not_believed():
    data = bytearray(csa(ELEMENTS))
    struct.pack_into("<I", data, 8, 0x7FFFFFFF)
    assert read_csa(bytes(data), ELEMENTS) == {}
    data = bytearray(csa(ELEMENTS))
    struct.pack_into("<i", data, 16 + 64 + 4 + 4 + 4, 0x7FFFFFFF)
    assert read_csa(bytes(data), ELEMENTS) == {}


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 600))
def test_any_bytes_are_answered(noise: bytes, at: int):
    data = csa(ELEMENTS)
    read_csa(noise, ELEMENTS)
    read_csa(b"SV10" + noise, ELEMENTS)
    read_csa(data[:at] + noise + data[at + len(noise) :], ELEMENTS)
    read_protocol(b"### ASCCONV BEGIN\n" + noise, {"a"})


def test_numbers_of_the_protocol():
    text = b"""x = 9
### ASCCONV BEGIN ###
sSliceArray.lSize                        = 50
ucMode\t = \t0x20
sSliceArray.asSlice[0].sPosition.dTra = -59.85445753
sName = ""text""
bad = 1e-+5
### ASCCONV END ###
late = 3
"""
    names = {"sSliceArray.lSize", "ucMode", "sSliceArray.asSlice[0].sPosition.dTra", "x", "late", "bad"}
    assert read_protocol(text, names) == {
        "sSliceArray.lSize": 50,
        "ucMode": 32,
        "sSliceArray.asSlice[0].sPosition.dTra": -59.85445753,
    }
