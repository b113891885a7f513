"""The comparison finds every change that was made, and nothing where nothing was."""

from __future__ import annotations

import copy
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import data_sets as ds
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.comparing import Ignoring, InstanceRef, Kind, Pair, compare_sides
from archive.comparing.comparison import compare_pair
from archive.comparing.sides import ref_of_file
from archive.progress import CancelToken

NOTHING = Ignoring(frozenset())
TEST_FILES = Path(pydicom.__file__).parent / "data" / "test_files"


# ---- data sets as lists: [tag, vr, value] with bytes, or with a list of items that are such lists

TEXT_TAGS = (0x00080080, 0x00081030, 0x00081090, 0x00181030, 0x00291001)
NUMBER_TAGS = (0x00280010, 0x00280011, 0x00280106)
SEQUENCE_TAGS = (0x00081140, 0x00082112, 0x0040A730, 0x00091002)


def texts(tag):
    values = st.text(alphabet="abc XYZ019", max_size=12).map(lambda text: text.strip().encode())
    return st.tuples(st.just(tag), st.just(b"LO"), values)


def numbers(tag):
    return st.tuples(st.just(tag), st.just(b"US"), st.binary(min_size=2, max_size=2))


plain = st.one_of(st.sampled_from(TEXT_TAGS).flatmap(texts), st.sampled_from(NUMBER_TAGS).flatmap(numbers))


def elements_of(inner):
    return st.lists(inner, max_size=5, unique_by=lambda element: element[0])


def sequences(inner):
    items = st.lists(elements_of(inner), max_size=3)
    return st.tuples(st.sampled_from(SEQUENCE_TAGS), st.just(b"SQ"), items)


data_sets = elements_of(st.recursive(plain, lambda inner: st.one_of(plain, sequences(inner)), max_leaves=8))


def written(elements, *, undefined=False):
    """Write a data set as explicit little endian."""
    out = []
    for tag, vr, value in sorted(elements, key=lambda element: element[0]):
        if vr != b"SQ":
            out.append(ds.element(tag, vr, value + b" " * (len(value) % 2)))
            continue
        items = [written(item, undefined=undefined) for item in value]
        if undefined:
            body = b"".join(ds.item(item + ds.ITEM_END, length=ds.UNDEFINED) for item in items)
            out.append(ds.element(tag, vr, body + ds.SEQUENCE_END, length=ds.UNDEFINED))
        else:
            out.append(ds.element(tag, vr, b"".join(map(ds.item, items))))
    return b"".join(out)


def written_implicit(elements):
    out = []
    for tag, vr, value in sorted(elements, key=lambda element: element[0]):
        if vr == b"SQ":
            out.append(ds.implicit(tag, b"".join(ds.item(written_implicit(item)) for item in value)))
        else:
            out.append(ds.implicit(tag, value + b" " * (len(value) % 2)))
    return b"".join(out)


def places(elements, path=""):
    """Yield (list, index, path) of every element."""
    for index, (tag, vr, value) in enumerate(elements):
        own = f"{path}({tag >> 16:04X},{tag & 0xFFFF:04X})"
        yield elements, index, own
        if vr == b"SQ":
            for number, item in enumerate(value, 1):
                yield from places(item, f"{own}[{number}]")


def mutable(elements):
    return [
        [tag, vr, [mutable(item) for item in value] if vr == b"SQ" else value] for tag, vr, value in elements
    ]


def compared(left, right, ignoring=NOTHING):
    with TemporaryDirectory() as folder:
        paths = [Path(folder, "left.dcm"), Path(folder, "right.dcm")]
        for path, raw in zip(paths, (left, right), strict=True):
            path.write_bytes(raw)
        pair = Pair(InstanceRef(paths[0]), InstanceRef(paths[1]))
        return compare_pair(pair, ignoring, CancelToken()).differences


def file_of(elements, **how):
    return ds.part10(ds.smallest() + written(elements, **how))


def test_written_data_sets_begin_with_what_identifies_them():
    assert compared(file_of([]), file_of([])) == ()


@given(data_sets)
def test_a_data_set_is_the_same_as_itself_however_it_is_written(elements):
    assert compared(file_of(elements), file_of(elements, undefined=True)) == ()
    implicit = ds.part10(ds.smallest_implicit() + written_implicit(elements), ds.IMPLICIT)
    found = compared(file_of(elements), implicit)
    assert {each.path for each in found} <= {"(0002,0000)", "(0002,0010)"}


@given(data_sets, data_sets)
def test_the_sides_may_change_places(one, other):
    there = compared(file_of(one), file_of(other))
    back = compared(file_of(other), file_of(one))
    swapped = {replace(each, kind=each.kind.swapped, left=each.right, right=each.left) for each in back}
    assert {(each.path, each.kind, each.left, each.right) for each in there} == {
        (each.path, each.kind, each.left, each.right) for each in swapped
    }


@given(data_sets.filter(bool), st.data())
def test_every_planted_change_is_found_and_nothing_else(elements, data):
    before, after = mutable(elements), mutable(elements)
    every = list(places(after))
    level, index, path = data.draw(st.sampled_from(every))
    _tag, vr, value = level[index]
    change = data.draw(st.sampled_from(["value", "removed"]))
    if change == "removed":
        del level[index]
        expected = [(path, Kind.REMOVED)]
    elif vr == b"SQ":
        level[index][2] = [*value, [[0x00080070, b"LO", b"planted"]]]
        expected = [(f"{path}[{len(value) + 1}]", Kind.ADDED)]
    else:
        level[index][2] = bytes([value[0] ^ 1, value[1]]) if vr == b"US" else value + b"!"
        expected = [(path, Kind.CHANGED)]
    found = compared(file_of(before), file_of(after))
    assert [(each.path, each.kind) for each in found if each.tag >> 16 != 2] == expected


# ---- single rules


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (ds.element(0x00280010, b"US", b"\0\2"), ds.element(0x00280010, b"SS", b"\0\2"), [Kind.VR]),
        (ds.element(0x00280010, b"US", b"\0\2"), ds.element(0x00280010, b"UN", b"\0\2"), []),
        (ds.element(0x00104000, b"LT", b"a "), ds.element(0x00104000, b"LT", b"a"), []),
        (ds.element(0x00104000, b"LT", b" a"), ds.element(0x00104000, b"LT", b"a "), [Kind.CHANGED]),
        (ds.element(0x00189087, b"FD", b"\xff" * 8), ds.element(0x00189087, b"FD", b"\xff" * 8), []),
        (ds.element(0x00081140, b"SQ"), ds.element(0x00081140, b"SQ", ds.item()), [Kind.ADDED]),
        (ds.element(0x00081140, b"SQ"), b"", [Kind.REMOVED]),
        (
            ds.element(0x00091010, b"UN", ds.item(ds.implicit(0x00080070, b"ab"))),
            ds.element(0x00091010, b"SQ", ds.item(ds.element(0x00080070, b"LO", b"ab"))),
            [],
        ),
    ],
)
def test_what_counts_as_the_same(left, right, expected):
    left, right = ds.part10(ds.smallest() + left), ds.part10(ds.smallest() + right)
    assert [each.kind for each in compared(left, right)] == expected


def test_texts_in_other_character_sets_are_the_same():
    def named(character_set, raw):
        return ds.part10(
            ds.element(0x00080005, b"CS", character_set) + ds.element(0x00100010, b"PN", raw) + ds.smallest()
        )

    found = compared(
        named(b"ISO_IR 100", "Müller".encode("latin-1")), named(b"ISO_IR 192", "Müller ".encode())
    )
    assert [each.keyword for each in found] == ["SpecificCharacterSet"]


def test_private_elements_are_the_same_in_another_block():
    def block(number, value=b"ab"):
        return (
            ds.smallest()
            + ds.element(0x00290000 | number, b"LO", b"SOMEBODY")
            + ds.element(0x00290000 | number << 8 | 1, b"LO", value)
        )

    assert compared(ds.part10(block(0x10)), ds.part10(block(0x11))) == ()
    (found,) = compared(ds.part10(block(0x10)), ds.part10(block(0x11, b"cd")))
    assert (found.path, found.kind) == ("(0029,1001)", Kind.CHANGED)


def test_big_endian_words_are_the_same():
    little = ds.part10(
        ds.smallest() + ds.element(0x00281201, b"OW", b"\1\2\3\4") + ds.element(0x00280010, b"US", b"\0\2")
    )
    big = ds.part10(
        ds.smallest(order=">")
        + ds.element(0x00281201, b"OW", b"\2\1\4\3", order=">")
        + ds.element(0x00280010, b"US", b"\2\0", order=">"),
        ds.BIG_ENDIAN,
    )
    assert {each.path for each in compared(little, big)} <= {"(0002,0010)", "(0002,0000)"}


def test_long_values_say_where_they_begin_to_differ():
    one, other = (
        ds.part10(ds.smallest() + ds.element(0x00091010, b"OB", bytes(5000) + end)) for end in (b"ab", b"ac")
    )
    (found,) = compared(one, other)
    assert (found.left, found.note) == (found.right, "differs from byte 5,001 on")


def test_a_file_that_cannot_be_read_to_its_end_is_not_the_same():
    cut = ds.part10(ds.smallest())[:-2]
    found = compared(cut, ds.part10(ds.smallest()))
    assert Kind.UNREAD in {each.kind for each in found}
    assert compared(cut, cut) == ()
    (unread,) = compared(b"nothing", b"else")
    assert (unread.kind, unread.note) == (Kind.UNREAD, "This is not a DICOM file.")


def test_hostile_nesting_and_counts_end(monkeypatch):
    monkeypatch.setattr("archive.comparing.comparison.MOST_DIFFERENCES", 100)
    deep = ds.part10(ds.nested(500) + ds.smallest())
    assert compared(deep, ds.part10(ds.nested(501) + ds.smallest()))
    many = [ds.element(0x00091010, b"LO", b"a" + bytes([number])) for number in (1, 2)]
    one, other = (ds.part10(ds.smallest() + each * 1000) for each in many)
    assert len(compared(one, other)) == 100


# ---- what is ignored


def test_what_is_named_does_not_count(tmp_path):
    left, right = tmp_path / "a.dcm", tmp_path / "b.dcm"
    ds_left = pydicom.dcmread(TEST_FILES / "CT_small.dcm")
    ds_right = copy.deepcopy(ds_left)
    ds_right.SOPInstanceUID = ds_right.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    ds_right.StudyDate, ds_right.PatientName = "20240101", "Other"
    ds_right.file_meta.ImplementationVersionName = "SOMETHING"
    ds_left.save_as(left, enforce_file_format=True)
    ds_right.save_as(right, enforce_file_format=True)
    refs = [ref_of_file(left)], [ref_of_file(right)]

    def counted(*words, **how):
        (found,) = compare_sides(*refs, Ignoring.of(words, **how))
        return {each.keyword for each in found.differences if each.counts}

    every = {"SOPInstanceUID", "MediaStorageSOPInstanceUID", "StudyDate", "PatientName"}
    assert counted() == every
    assert counted(everything_counts=True) == every | {"ImplementationVersionName", ""}
    assert counted("uids") == {"StudyDate", "PatientName"}
    assert counted("DATES", "PatientName") == every - {"StudyDate", "PatientName"}
    assert counted("0010,0010", "uids", "dates") == set()
    (found,) = compare_sides(*refs, Ignoring.of(["uids", "dates", "(0010,0010)"]))
    assert found.same
    assert {each.ignored for each in found.differences} == {"encoding", "uids", "dates", "named"}


def test_an_unknown_word_is_answered_with_the_nearest():
    with pytest.raises(Exception, match="did you mean PatientName"):
        Ignoring.of(["PatientNam"])
    with pytest.raises(Exception, match="the groups are"):
        Ignoring.of(["qqqqqqq"])


def test_cancelling_ends_it(tmp_path):
    from archive.progress import Cancelled

    token = CancelToken()
    refs = [InstanceRef(tmp_path / f"{number}.dcm", str(number)) for number in range(3)]
    for ref in refs:
        ref.path.write_bytes(ds.part10(ds.smallest()))
    heard = count()
    found = compare_sides(refs, refs, heard=lambda _: next(heard), token=token)
    assert next(found).same
    token.cancel()
    with pytest.raises(Cancelled):
        next(found)


def test_every_broken_file_is_compared_to_an_end(shared_data):
    broken = sorted((shared_data / "broken").rglob("*.dcm"))
    sound = InstanceRef(TEST_FILES / "CT_small.dcm")
    for file in broken:
        found = compare_pair(Pair(sound, InstanceRef(file)), NOTHING, CancelToken(), everything=True)
        assert len(found.differences) <= 10_000
        assert not found.same
