import os

import data_sets as ds
import pytest
from fuzzing import compiled_elements
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.dicom import compiled_plain, plain
from archive.dicom.elements import Encoding
from archive.dicom.structure import Walk, read_element

EXPLICIT = False
TAGS = (0x00080018, 0x00081140, 0x00100010, 0x00280010, 0x7FE00010, 0x00091001, 0, 0xFFFEE000)
VRS = (b"LO", b"UI", b"US", b"PN", b"XX", b"\x04\x00", b"OB", b"UT", b"UN", b"OW")
STEP = st.tuples(
    st.sampled_from(["element", "sequence", "open sequence", "item", "open item", "end", "end", "delimiter"]),
    st.sampled_from(TAGS),
    st.sampled_from(VRS),
    st.binary(max_size=16),
)


def is_compiled():
    return compiled_plain.loops is not plain


def test_the_extension_is_built_where_nothing_may_be_missing():
    assert is_compiled() or not os.environ.get("NOCTIS_NOTHING_MAY_SLEEP")


def written(steps, implicit):
    """Write elements, sequences and items inside each other; what is left open at the end is ended."""
    levels = [("", 0, b"")]
    for kind, tag, vr, value in [*steps, *[("end", 0, b"", b"")] * len(steps)]:
        if kind == "end" and len(levels) > 1:
            opened, outer, inside = levels.pop()
            add(levels, ended(opened, outer, inside, implicit))
        elif kind in {"element", "delimiter"}:
            plain_element = ds.implicit(tag, value) if implicit else ds.element(tag, vr, value)
            add(levels, plain_element if kind == "element" else ds.ITEM_END)
        elif kind != "end":
            levels.append((kind, tag, b""))
    return levels[0][2]


def add(levels, more):
    kind, tag, inside = levels[-1]
    levels[-1] = (kind, tag, inside + more)


def ended(kind, tag, inside, implicit):
    length = ds.UNDEFINED if kind.startswith("open") else None
    if kind.endswith("item"):
        return ds.item(inside + (ds.ITEM_END if length else b""), length=length)
    inside += ds.SEQUENCE_END if length else b""
    if implicit:
        return ds.implicit(tag, inside, length=length)
    return ds.element(tag, b"SQ", inside, length=length)


CUTS = st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(0, 255)).map(bytes)


@settings(max_examples=1_000, deadline=None)
@given(st.lists(STEP, max_size=14), CUTS, st.booleans())
def test_elements_are_passed_as_python_passes_them(steps, cuts, implicit):
    compiled_elements.check(bytes([implicit]) + cuts + written(steps, implicit))


@pytest.mark.skipif(not is_compiled(), reason="the extension is not built")
@pytest.mark.parametrize("undefined", [False, True])
def test_a_sequence_that_is_as_it_should_be_is_passed_whole(undefined):
    inner = ds.element(0x00280010, b"US", b"\1\0") + ds.nested(2, undefined=undefined)
    value = 3 * ds.item(inner)
    end = ds.SEQUENCE_END if undefined else b""
    sequence = ds.element(0x00081140, b"SQ", value + end, length=ds.UNDEFINED if undefined else None)
    buffer = sequence + ds.smallest()
    encoding = Encoding(implicit=False)
    walk = Walk(buffer)
    stop = walk.value(read_element(buffer, 0, len(buffer), encoding, 0), len(buffer), encoding)
    passed = compiled_plain.whole_sequence(buffer, 0, len(buffer), {}, EXPLICIT)
    assert passed == (stop, walk.elements + 1) == (len(sequence), walk.elements + 1)


@pytest.mark.skipif(not is_compiled(), reason="the extension is not built")
def test_what_is_odd_or_deep_is_left_to_the_walk():
    for odd in (
        ds.nested(33),
        ds.nested(1, vr=b"UN"),
        ds.element(0x00081140, b"SQ", ds.item()[:-1]),
        ds.element(0x00081140, b"SQ", ds.smallest()),
        ds.element(0x00081140, b"SQ", ds.item() + ds.SEQUENCE_END),
        ds.element(0x00081140, b"SQ", ds.item(ds.implicit(0x00080070, b"ab"))),
        ds.element(0x00081140, b"SQ", ds.item(), length=ds.UNDEFINED),
        ds.smallest(),
    ):
        assert compiled_plain.whole_sequence(odd, 0, len(odd), {}, EXPLICIT) == (0, 0)
    wanted = {0x11400008: 0x00081140}
    assert compiled_plain.whole_sequence(ds.nested(1), 0, len(ds.nested(1)), wanted, EXPLICIT) == (0, 0)


@pytest.mark.skipif(not is_compiled(), reason="the extension is not built")
def test_positions_outside_of_the_buffer_are_refused():
    for position, limit in ((-1, 8), (0, 9)):
        with pytest.raises(ValueError, match="outside of the buffer"):
            compiled_plain.plain_explicit(bytes(8), position, limit, limit, {}, {})
        with pytest.raises(ValueError, match="outside of the buffer"):
            compiled_plain.whole_sequence(bytes(8), position, limit, {}, not EXPLICIT)
    with pytest.raises(TypeError):
        compiled_plain.plain_explicit(bytes(8), 0, 8, 8, {"tag": 1}, {})
