import data_sets as ds
import pytest

from archive.dicom.header import parse_data_set
from archive.dicom.scanner import TRAILING_NULS
from archive.dicom.structure import Encoding, Walk
from archive.errors import CannotUnderstand, DataSetMismatch

PIXELS = 0x7FE00010
FRAGMENTS = ds.item() + ds.item(b"ab") + ds.item(b"cdef")


def accepted(data_set, syntax=ds.EXPLICIT):
    return parse_data_set(data_set, syntax).sop_instance_uid == "1.2.3"


def refused(data_set, syntax=ds.EXPLICIT):
    with pytest.raises(CannotUnderstand):
        parse_data_set(data_set, syntax)
    return True


def sequence(tag, vr, value):
    return ds.element(tag, vr, value + ds.SEQUENCE_END, length=ds.UNDEFINED)


ELEMENTS = (
    ds.element(0x00080005, b"CS", b"ISO_IR 100"),
    ds.nested(3, undefined=True),
    ds.nested(3),
    sequence(0x00091001, b"UN", ds.item(ds.implicit(0x00080070, b"ab"))),
    ds.smallest(),
    ds.element(0x00280010, b"US", b"\1\0"),
    sequence(PIXELS, b"OB", FRAGMENTS),
)


def test_every_cut_inside_of_an_element_is_refused():
    whole = b"".join(ELEMENTS)
    assert accepted(whole)
    begin = 0
    for element in ELEMENTS:
        for cut in range(begin + 1, begin + len(element)):
            assert cuts(whole[:cut])
        begin += len(element)


def cuts(data_set):
    """A cut between two elements of the top level lacks UIDs at most, any other is said to be one."""
    try:
        parse_data_set(data_set, ds.EXPLICIT)
    except CannotUnderstand:
        return True
    except DataSetMismatch:
        return ends_between_elements(data_set)
    return ends_between_elements(data_set)


def ends_between_elements(data_set):
    ends = []

    def see(element):
        if element.depth == 0 and element.stop is not None:
            ends.append(element.stop)

    Walk(data_set, see).data_set(0, len(data_set), Encoding(implicit=False))
    return ends[-1] == len(data_set)


def test_depth_is_bounded_and_never_recursive():
    for nest in (
        ds.nested,
        lambda depth: ds.nested(depth, undefined=True),
        lambda depth: ds.nested(depth, vr=b"UN"),
    ):
        assert accepted(nest(64) + ds.smallest())
        assert refused(nest(65) + ds.smallest())
        assert refused(nest(2000) + ds.smallest())
    assert accepted(ds.nested_implicit(64) + ds.smallest_implicit(), ds.IMPLICIT)
    assert refused(ds.nested_implicit(65) + ds.smallest_implicit(), ds.IMPLICIT)


@pytest.mark.parametrize(
    "oddity",
    {
        "unknown sequence, implicit inside": sequence(
            0x00091001, b"UN", ds.item(ds.implicit(0x00080070, b"ab"))
        ),
        "unknown sequence, explicit inside": ds.element(
            0x00091001,
            b"UN",
            ds.item(ds.element(0x00080070, b"LO", b"ab")) + ds.SEQUENCE_END,
            length=ds.UNDEFINED,
        ),
        "implicit item in an explicit sequence": ds.element(
            0x00091001, b"SQ", ds.item(ds.implicit(0x00080070, b"ab")) + ds.SEQUENCE_END, length=ds.UNDEFINED
        ),
        "UN that only begins like a sequence": ds.element(0x00091001, b"UN", ds.item(b"xyz", length=99)),
        "an empty sequence": ds.element(0x00091001, b"SQ"),
        "an empty sequence of undefined length": ds.element(
            0x00091001, b"SQ", ds.SEQUENCE_END, length=ds.UNDEFINED
        ),
        "an empty item": ds.element(0x00091001, b"SQ", ds.item()),
        "an item of known length with a delimiter": ds.element(0x00091001, b"SQ", ds.item(ds.ITEM_END)),
        "a sequence of known length with a delimiter": ds.element(
            0x00091001, b"SQ", ds.item() + ds.SEQUENCE_END
        ),
        "one implicit element": ds.implicit(0x00091001, b"ab"),
        "an odd length": ds.element(0x00091001, b"LO", b"abc"),
        "a VR of tomorrow": ds.element(0x00091001, b"ZZ", b"ab"),
        "group length that lies": ds.element(0x00080000, b"UL", b"\xff\xff\xff\xff"),
        "data set trailing padding": ds.element(0xFFFCFFFC, b"OB", bytes(10)),
        "fragments": ds.element(PIXELS, b"OB", FRAGMENTS + ds.SEQUENCE_END, length=ds.UNDEFINED),
        "fragments in OW": ds.element(PIXELS, b"OW", FRAGMENTS + ds.SEQUENCE_END, length=ds.UNDEFINED),
        "no fragments": ds.element(PIXELS, b"OB", ds.SEQUENCE_END, length=ds.UNDEFINED),
        "private fragments": ds.element(0x00091001, b"OB", FRAGMENTS + ds.SEQUENCE_END, length=ds.UNDEFINED),
        "pixels that look like an item": ds.element(PIXELS, b"OW", ds.item(b"zz", length=70)),
        "a repeated tag": ds.element(0x00080018, b"UI", b"9.9.9\0"),
    }.items(),
    ids=lambda oddity: oddity[0],
)
def test_oddities_of_real_files_pass(oddity):
    assert accepted(ds.element(0x00080005, b"CS") + oddity[1] + ds.smallest())


def test_pixels_that_look_like_an_item_in_implicit_vr():
    assert accepted(ds.smallest_implicit() + ds.implicit(PIXELS, ds.item(b"zz", length=70)), ds.IMPLICIT)


def test_a_sequence_hidden_in_big_endian_is_little_endian():
    hidden = ds.item(ds.implicit(0x00080070, b"ab")) + ds.SEQUENCE_END
    assert accepted(
        ds.smallest(order=">") + ds.element(0x00091001, b"UN", hidden, length=ds.UNDEFINED, order=">"),
        ds.BIG_ENDIAN,
    )


def test_padding_of_a_sector_passes_and_more_does_not():
    assert accepted(ds.smallest() + bytes(TRAILING_NULS))
    assert accepted(ds.smallest() + bytes(1))
    assert refused(ds.smallest() + bytes(1) + b"\1")


@pytest.mark.parametrize(
    "fault",
    {
        "a value beyond the end": ds.element(0x00091001, b"LO", b"ab", length=3000),
        "a long value beyond the end": ds.element(0x00091001, b"OB", b"ab", length=0x7FFFFFFF),
        "a sequence beyond the end": ds.element(0x00091001, b"SQ", ds.item(), length=3000),
        "an item beyond its sequence": ds.element(0x00091001, b"SQ", ds.item(b"", length=20)),
        "no sequence delimiter": ds.element(0x00091001, b"SQ", ds.item(), length=ds.UNDEFINED),
        "no item delimiter": ds.element(0x00091001, b"SQ", ds.item(b"", length=ds.UNDEFINED)),
        "no items in a sequence": ds.element(0x00091001, b"SQ", ds.element(0x00080070, b"LO", b"ab")),
        "fragments without a delimiter": ds.element(PIXELS, b"OB", FRAGMENTS, length=ds.UNDEFINED),
        "fragments of undefined length": ds.element(
            PIXELS, b"OB", ds.item(length=ds.UNDEFINED), length=ds.UNDEFINED
        ),
        "a fragment beyond the end": ds.element(PIXELS, b"OB", ds.item(length=999), length=ds.UNDEFINED),
        "something else between fragments": ds.element(PIXELS, b"OB", b"abcdefgh", length=ds.UNDEFINED),
        "a stray item": ds.item(),
        "a stray item whose length reads as a VR": ds.item(length=0x00064955) + bytes(6),
        "a stray item delimiter": ds.ITEM_END,
        "a stray sequence delimiter": ds.SEQUENCE_END,
        "half an element": b"\x09\x00\x01\x10LO",
    }.items(),
    ids=lambda fault: fault[0],
)
def test_faults_are_refused(fault):
    assert refused(ds.smallest() + fault[1])


def test_what_is_no_item_is_not_shown_as_one():
    for wrong in (
        ds.element(0x00091001, b"SQ", ds.implicit(0x00080070, b"ab")),
        ds.element(PIXELS, b"OB", ds.item() + ds.implicit(0x00080070, b"ab"), length=ds.UNDEFINED),
    ):
        seen = []
        with pytest.raises(CannotUnderstand):
            Walk(wrong, seen.append).data_set(0, len(wrong), Encoding(implicit=False))
        assert {element.tag for element in seen} <= {0x00091001, PIXELS, 0xFFFEE000}
