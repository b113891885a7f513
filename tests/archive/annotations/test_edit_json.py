"""Edits as JSON: the same after the way there and back, and nothing else is taken for one."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from annotated import CURVE, FRAME, LINE, STUDY
from hypothesis import given
from hypothesis import strategies as st

from archive.annotations.annotation import (
    MAXIMUM_POINTS,
    Annotation,
    FrameKey,
    KeyImage,
    Kind,
    Layer,
    point_range,
)
from archive.annotations.edit_json import edit_from_json, edit_to_json
from archive.annotations.edits import (
    MAXIMUM_EDITS,
    DeleteAnnotation,
    DeleteCurve,
    DeleteKeyImage,
    DeleteLayer,
    PutAnnotation,
    PutCurve,
    PutKeyImage,
    PutLayer,
    check_edits,
)
from archive.annotations.space_curve import FARTHEST_MM, MAXIMUM_CURVE_POINTS, SpaceCurve
from archive.errors import BadInput

uids = st.from_regex(r"[0-9.]{1,64}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=64)
names = texts.filter(str.strip)
times = st.floats(0, 9e10)
frames = st.builds(FrameKey, uids, uids, uids, st.integers(1, 2**31 - 1))
point = st.tuples(st.floats(-0.5, 65535), st.floats(-0.5, 65535))
identities = st.uuids().map(str)


@st.composite
def annotations(draw):
    kind = draw(st.sampled_from(Kind))
    least, most = point_range(kind)
    points = draw(st.lists(point, min_size=least, max_size=min(most, least + 5)))
    return Annotation(
        draw(identities),
        draw(frames),
        kind,
        tuple(points),
        draw(texts),
        draw(names),
        draw(texts),
        draw(times),
        draw(times),
    )


coordinate = st.floats(-FARTHEST_MM, FARTHEST_MM)
curves = st.builds(
    SpaceCurve,
    identities,
    uids,
    uids,
    st.just("") | uids,
    st.lists(st.tuples(coordinate, coordinate, coordinate), min_size=1, max_size=6).map(tuple),
    texts,
    st.floats(-360, 360),
    st.floats(0.5, 1000),
    texts,
    times,
    times,
)

edits = st.one_of(
    st.builds(PutAnnotation, annotations()),
    st.builds(DeleteAnnotation, uids, identities),
    st.builds(PutLayer, uids, st.builds(Layer, names, st.integers(1, 255), st.booleans(), st.booleans())),
    st.builds(DeleteLayer, uids, names),
    st.builds(PutKeyImage, st.builds(KeyImage, frames, texts, times, texts)),
    st.builds(DeleteKeyImage, frames),
    st.builds(PutCurve, curves),
    st.builds(DeleteCurve, uids, identities),
)


@given(edits)
def test_the_way_there_and_back_changes_nothing(edit):
    assert edit_from_json(json.loads(json.dumps(edit_to_json(edit)))) == edit


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(edits, st.data())
def test_what_is_changed_on_the_way_is_an_edit_or_refused(edit, data):
    value = edit_to_json(edit)
    name = data.draw(st.sampled_from(sorted(value)))
    value[name] = data.draw(json_values)
    try:
        read = edit_from_json(value)
    except BadInput:
        return
    check_edits((read,))


@given(json_values)
def test_what_is_no_edit_is_refused(value):
    with pytest.raises(BadInput):
        edit_from_json(value)


PUT = edit_to_json(PutAnnotation(LINE))


@pytest.mark.parametrize(
    "change",
    [
        {"put": "patient"},
        {"study": "../1.2"},
        {"study": "1" * 65},
        {"study": "١.٢"},
        {"series": ""},
        {"uid": "1.2.3"},
        {"uid": LINE.uid.upper()},
        {"uid": f"{{{LINE.uid}}}"},
        {"kind": "volume"},
        {"frame": 0},
        {"frame": True},
        {"frame": 1.0},
        {"frame": 2**40},
        {"points": [[1, 2]]},
        {"points": [[1, 2], [3]]},
        {"points": [[1, 2], [3, 4, 5]]},
        {"points": [[1, 2], "34"]},
        {"points": [[1, 2], [True, 4]]},
        {"points": [[1, 2], [math.nan, 4]]},
        {"points": [[1, 2], [1e300, 4]]},
        {"points": [[1, 2], [10**400, 4]]},
        {"points": [[1, 2], [-2, 4]]},
        {"kind": "polyline", "points": [[1, 2]] * (MAXIMUM_POINTS + 1)},
        {"text": "x" * 1025},
        {"text": "\ud800"},
        {"text": "a\0b"},
        {"text": 7},
        {"layer": " "},
        {"layer": "x" * 65},
        {"author": "x" * 65},
        {"created": math.inf},
        {"modified": -1},
        {"modified": "yesterday"},
    ],
)
def test_each_part_has_its_limits(change):
    edit_from_json(PUT)
    with pytest.raises(BadInput):
        edit_from_json(PUT | change)


CURVED = edit_to_json(PutCurve(CURVE))


@pytest.mark.parametrize(
    "change",
    [
        {"series": ""},
        {"uid": "1.2.3"},
        {"frame of reference": "1.2.x"},
        {"points": []},
        {"points": [[1, 2]]},
        {"points": [[1, 2, 3, 4]]},
        {"points": [[1, 2, math.nan]]},
        {"points": [[1, 2, 1e300]]},
        {"points": [[1, 2, True]]},
        {"points": [[1, 2, 3]] * (MAXIMUM_CURVE_POINTS + 1)},
        {"name": "x" * 65},
        {"name": "a\0b"},
        {"rotation": math.nan},
        {"rotation": 361},
        {"width": 0},
        {"width": 1001},
        {"width": "wide"},
        {"author": "x" * 65},
        {"created": math.inf},
        {"modified": -1},
    ],
)
def test_each_part_of_a_curve_has_its_limits(change):
    edit_from_json(CURVED)
    with pytest.raises(BadInput):
        edit_from_json(CURVED | change)


def test_too_much_at_once_is_refused():
    check_edits([DeleteAnnotation(STUDY, LINE.uid)] * MAXIMUM_EDITS)
    with pytest.raises(BadInput, match="too many"):
        check_edits([DeleteAnnotation(STUDY, LINE.uid)] * (MAXIMUM_EDITS + 1))
    large = Annotation(LINE.uid, FRAME, Kind.POLYLINE, ((1.0, 1.0),) * MAXIMUM_POINTS)
    with pytest.raises(BadInput, match="too many"):
        check_edits([PutAnnotation(large)] * 25)
    long = replace(CURVE, points_mm=CURVE.points_mm[:1] * MAXIMUM_CURVE_POINTS)
    with pytest.raises(BadInput, match="too many"):
        check_edits([PutCurve(long)] * 101)


def test_the_longest_line_of_the_ledger_is_long_enough():
    from archive.storage.annotation_ledger import _LONGEST_LINE

    wide = Annotation(
        LINE.uid, FRAME, Kind.POLYLINE, ((12345.123456789012, 0.1 + 0.2),) * MAXIMUM_POINTS, "é" * 1024
    )
    assert len(json.dumps(edit_to_json(PutAnnotation(wide)))) < _LONGEST_LINE
