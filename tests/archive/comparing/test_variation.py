"""What varies within a series is found, with a value for each instance."""

from __future__ import annotations

import data_sets as ds
from hypothesis import given
from hypothesis import strategies as st

from archive.comparing.variation import _Gathered, variation
from archive.dicom.attributes import Attribute


def instance(path, number, **more):
    nested = ds.item(ds.element(0x00080100, b"SH", b"x" * number))
    optional = ds.element(0x00104000, b"LT", b"only here") if number == 2 else b""
    body = (
        ds.element(0x00100010, b"PN", b"Doe") + optional + ds.element(0x00200013, b"IS", str(number).encode())
    )
    pixels = ds.element(0x7FE00010, b"OW", bytes([number, 0]))
    path.write_bytes(
        ds.part10(ds.smallest(f"1.2.{number}") + body + ds.element(0x0040A730, b"SQ", nested) + pixels)
    )
    return path


def test_nested_and_missing_elements_and_no_pixels(tmp_path):
    files = [instance(tmp_path / f"{number}.dcm", number) for number in (1, 2, 3)]
    found = {each.path: each for each in variation(files)}
    assert set(found) == {
        "(0008,0018)",
        "(0010,4000)",
        "(0020,0013)",
        "(0040,A730)[1](0008,0100)",
    }
    assert found["(0020,0013)"].values == ["1", "2", "3"]
    assert found["(0010,4000)"].values == [None, "only here", None]
    assert found["(0040,A730)[1](0008,0100)"].distinct == 3
    (tmp_path / "4.dcm").write_bytes(b"no DICOM")
    assert {each.values[-1] for each in variation([*files, tmp_path / "4.dcm"])} == {None}
    assert variation(files[:1]) == []
    assert variation([]) == []


series = st.lists(
    st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["1", "2"]), max_size=4), max_size=5
)


@given(series)
def test_exactly_what_varies_is_gathered(instances):
    gathered = _Gathered()
    for each in instances:
        gathered.add({path: Attribute(0, path, 0, "LO", "", "", value, 1) for path, value in each.items()})
    expected = {path: [each.get(path) for each in instances] for path in "abcd"}
    expected = {path: values for path, values in expected.items() if len(set(values)) > 1}
    assert {path: each.values for path, each in gathered.varying.items()} == expected
