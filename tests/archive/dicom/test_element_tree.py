"""The tree of elements: everything is there when it is unfolded, and nothing is read before."""

from __future__ import annotations

import os

import data_sets as ds
import pytest

from archive.dicom.attributes import attribute_of
from archive.dicom.element_tree import ElementTree
from archive.dicom.source import Source

PIXELS = 0x7FE00010


def tree_of(data_set, syntax=ds.EXPLICIT):
    return ElementTree(Source.of(ds.part10(data_set, syntax)))


def paths(tree):
    return [node.path for node in tree.walk() if node.tag >> 16 != 2]


def named(tree, path):
    return next(node for node in tree.walk() if node.path == path)


class Counted(Source):
    """Counts the bytes that are asked for."""

    asked = 0

    def read(self, offset, length):
        self.asked += length
        return super().read(offset, length)


def test_a_level_is_read_when_it_is_unfolded():
    items = b"".join(ds.item(ds.element(0x00080104, b"LO", b"x" * 1000)) for _ in range(2000))
    source = Counted.of(ds.part10(ds.element(0x00081140, b"SQ", items) + ds.smallest()))
    tree = ElementTree(source)
    top = tree.top()
    assert source.asked < 100_000  # of two million bytes
    sequence = next(node for node in top if node.tag == 0x00081140)
    assert tree.has_children(sequence)
    items = tree.children(sequence)
    assert (len(items), tree.count(sequence), items[-1].path) == (2000, 2000, "(0008,1140)[2000]")
    (inner,) = tree.children(items[-1])
    assert (inner.path, inner.parent, inner.parent.parent) == (
        "(0008,1140)[2000](0008,0104)",
        items[-1],
        sequence,
    )


def test_a_bulk_element_of_gigabytes_costs_nothing(tmp_path):
    file = tmp_path / "bulk.dcm"
    length = (1 << 31) + 2
    whole = ds.part10(ds.smallest() + ds.element(PIXELS, b"OW", length=length))
    file.write_bytes(whole)
    os.truncate(file, len(whole) + length)
    with file.open("ab") as opened:
        opened.write(ds.element(0xFFFCFFFC, b"OB", b"ab"))
    with ElementTree.open(file) as tree:
        pixels, padding = tree.top()[-2:]
        assert (pixels.tag, pixels.value.length) == (PIXELS, length)
        assert attribute_of(tree, pixels).value.endswith(f"({length:,} bytes)")
        assert pixels.read(4, length - 2) == b"\0\0"
        assert attribute_of(tree, padding).value == "61 62"
        assert tree.fault == ""


def test_fragments_are_listed_and_what_stands_behind_them_too():
    fragments = ds.item() + ds.item(b"ab") + ds.item(b"cdef") + ds.SEQUENCE_END
    behind = ds.element(0xFFFCFFFC, b"OB", b"zz")
    pixels = ds.element(PIXELS, b"OB", fragments, length=ds.UNDEFINED)
    tree = tree_of(ds.smallest() + pixels + behind)
    node = named(tree, "(7FE0,0010)")
    assert [child.read(100) for child in tree.children(node)] == [b"", b"ab", b"cdef"]
    assert all(child.is_fragment and not tree.has_children(child) for child in tree.children(node))
    assert paths(tree)[-1] == "(FFFC,FFFC)"
    icon = ds.element(0x00880200, b"SQ", ds.item(pixels + ds.element(0x7FE10010, b"LO", b"GEMS")))
    assert "(0088,0200)[1](7FE1,0010)" in paths(tree_of(icon + ds.smallest()))


def test_a_private_creator_names_what_stands_before_and_behind_it():
    block = ds.element(0x00291008, b"UN", b"IMAGE NUM 4 ") + ds.element(
        0x00290010, b"LO", b"SIEMENS CSA HEADER"
    )
    tree = tree_of(block)
    node = named(tree, "(0029,1008)")
    assert attribute_of(tree, node).name == '"CSA Image Header Type"'
    assert node.level.naming.creator_of(node.tag) == "SIEMENS CSA HEADER"


@pytest.mark.parametrize(
    ("data_set", "sentence"),
    [
        (ds.smallest()[:-2], "cut short"),
        (ds.smallest() + b"\x09\x00\x01", "cannot be understood"),
        (ds.nested(80) + ds.smallest(), "nested deeper than 64"),
        (ds.nested(3000, undefined=True), "nested deeper than 64"),
    ],
)
def test_what_is_missing_is_said(data_set, sentence):
    tree = tree_of(data_set)
    assert len(list(tree.walk())) < 200
    assert sentence in tree.fault


def test_more_elements_than_any_file_has_are_not_listed(monkeypatch):
    monkeypatch.setattr("archive.dicom.element_tree.MOST_IN_A_LEVEL", 100)
    items = b"".join(ds.item() for _ in range(200))
    tree = tree_of(ds.element(0x00081140, b"SQ", items) + ds.smallest())
    assert len(tree.children(tree.top()[-5])) == 100
    assert "(0008,1140) has more than 100 items." in tree.fault
    many = tree_of(b"".join(ds.element(0x00091001, b"LO", b"ab") for _ in range(200)))
    assert len(many.top()) == 100 + 7
    assert "beside each other" in many.fault


def test_places_are_unique_and_in_order():
    tree = tree_of(ds.nested(5) + ds.element(0x00091001, b"LO") + ds.smallest())
    places = [node.place for node in tree.walk()]
    assert places == sorted(set(places))


def test_a_deflated_file_is_a_tree_too(shared_data):
    for file in sorted(shared_data.rglob("*1.2.840.10008.1.2.1.99*.dcm"))[:1]:
        with ElementTree.open(file) as tree:
            places = [node.place for node in tree.walk()]
            assert places == sorted(set(places))
            assert not tree.fault
