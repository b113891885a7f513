"""Instances find their partners by UID, by number, by position; none has two."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from archive.comparing import InstanceRef, pair_instances


def ref(sop, series="s", number=None, modality="CT", series_number=1):
    return InstanceRef(Path(sop), sop, series, modality, series_number, number)


def matched(lefts, rights):
    return [
        (
            pair.left.sop_instance_uid if pair.left else None,
            pair.right.sop_instance_uid if pair.right else None,
            pair.matched_by,
        )
        for pair in pair_instances(lefts, rights)
    ]


def test_uids_come_before_numbers_and_numbers_before_positions():
    lefts = [ref("1", number=1), ref("2", number=2), ref("3"), ref("4")]
    rights = [ref("x"), ref("2", number=9), ref("y", number=1)]
    assert matched(lefts, rights) == [
        ("1", "y", "number"),
        ("2", "2", "uid"),
        ("3", "x", "position"),
        ("4", None, ""),
    ]


def test_series_belong_together_by_uid_by_number_by_order():
    lefts = [ref("1", "a", 1, "CT", 1), ref("2", "b", 1, "CT", 2), ref("3", "c", 1, "MR", 7)]
    rights = [ref("6", "z", 1, "CT", 3), ref("5", "y", 1, "CT", 2), ref("4", "a", 1, "CT", 9)]
    assert matched(lefts, rights) == [("1", "4", "number"), ("2", "5", "number"), ("3", "6", "number")]


def test_two_single_instances_belong_together():
    assert matched([ref("1", "a", 1)], [ref("2", "b", 5, "MR", 4)]) == [("1", "2", "position")]


def test_numbers_that_repeat_match_nothing_by_number():
    lefts, rights = [ref("1", number=1), ref("2", number=1)], [ref("3", number=1), ref("4", number=2)]
    assert [how for _, _, how in matched(lefts, rights)] == ["position", "position"]


refs = st.lists(
    st.builds(
        ref,
        st.sampled_from("abcdefg"),
        st.sampled_from("xyz"),
        st.one_of(st.none(), st.integers(1, 3)),
        st.sampled_from(["CT", "MR"]),
        st.one_of(st.none(), st.integers(1, 2)),
    ),
    max_size=6,
)


@given(refs, refs)
def test_everything_is_in_exactly_one_pair(lefts, rights):
    pairs = pair_instances(lefts, rights)
    assert [pair.left for pair in pairs if pair.left] == lefts
    assert sorted(map(id, (pair.right for pair in pairs if pair.right))) == sorted(map(id, rights))
    assert all(bool(pair.matched_by) == pair.is_complete for pair in pairs)


@given(refs)
def test_a_side_matches_itself(side):
    unique = list({each.sop_instance_uid: each for each in side}.values())
    assert all(
        pair.left is pair.right and pair.matched_by == "uid" for pair in pair_instances(unique, unique)
    )
