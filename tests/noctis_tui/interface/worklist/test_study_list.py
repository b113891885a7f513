"""The rows in memory are the index's, in its order, whatever arrives, changes or goes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.index.sorting import Sort, key_values
from archive.index.worklist import StudyRow
from noctis_tui.interface.worklist.study_list import StudyList

ROW = StudyRow(1, "", "1.2", "", "", "", "", "", "", (), "", "", "", 1, 1, 1, 0.0, 0.0, "quiet", None, 0)
rows = st.builds(
    lambda number, name, images: replace(
        ROW, id=number, study_instance_uid=f"1.{number}", patient_name=name, instance_count=images
    ),
    st.integers(1, 60),
    st.sampled_from(["A", "b", "Ä", "山田", ""]),
    st.integers(1, 3),
)


def study_list(sort: Sort, *, descending: bool) -> StudyList:
    return StudyList(lambda row: key_values(row, sort), descending=descending)


def in_order(found, sort: Sort, *, descending: bool) -> list[int]:
    return [row.id for row in sorted(found, key=lambda row: key_values(row, sort), reverse=descending)]


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sort", [Sort.RECEIVED, Sort.NAME, Sort.INSTANCES])
@given(
    first=st.lists(rows, unique_by=lambda row: row.id), waves=st.lists(st.lists(rows, max_size=5), max_size=5)
)
def test_a_complete_list_stays_equal_to_the_index(sort, descending, first, waves):
    index = {row.id: row for row in first}
    shown = study_list(sort, descending=descending)
    shown.extend(sorted(first, key=lambda row: key_values(row, sort), reverse=descending), complete=True)
    for wave in waves:
        changed = {row.id: row for row in wave}
        gone = {row.id for row in first if row.id % 7 == 0 and row.id not in changed} & index.keys()
        index = {number: row for number, row in (index | changed).items() if number not in gone}
        shown.merge(changed.values(), gone, len(index))
        assert [row.id for row in shown] == in_order(index.values(), sort, descending=descending)
        assert all(shown[shown.index_of(number)] is index[number] for number in index)
        assert shown.total == len(index)


@given(found=st.lists(rows, unique_by=lambda row: row.id, min_size=4), changed=rows)
def test_what_belongs_beyond_the_rows_that_were_read_waits_for_its_page(found, changed):
    sort, descending = Sort.NAME, False
    ordered = sorted(found, key=lambda row: key_values(row, sort))
    page, rest = ordered[: len(ordered) // 2], ordered[len(ordered) // 2 :]
    shown = study_list(sort, descending=descending)
    shown.extend(page, complete=False)
    shown.merge([changed], (), len({*(row.id for row in found), changed.id}))
    after = shown.last
    index = {row.id: row for row in found} | {changed.id: changed}
    following = [
        row for row in index.values() if after is None or key_values(row, sort) > key_values(after, sort)
    ]
    shown.extend(sorted(following, key=lambda row: key_values(row, sort)), complete=True)
    assert [row.id for row in shown] == in_order(index.values(), sort, descending=descending)
    assert rest is not None


def test_receiving_studies_are_known_until_they_are_quiet():
    shown = study_list(Sort.RECEIVED, descending=True)
    receiving = replace(ROW, state="receiving", last_received_at=100.0)
    shown.extend([receiving], complete=True)
    assert shown.receiving == 1
    assert shown.receiving_before(99.0) == set()
    assert shown.receiving_before(101.0) == {1}
    shown.merge([replace(receiving, state="quiet")], (), 1)
    assert shown.receiving == 0
