"""Columns fit every width, the important ones first, and every cell is exactly as wide as its column."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from archive.index.worklist import StudyRow
from noctis_tui.interface.guard import HOSTILE
from noctis_tui.interface.worklist import cells
from noctis_tui.interface.worklist.columns import COLUMNS, GAP, columns_for

ROW = StudyRow(
    *(1, "", "1.2", "P1", "Doe^Jane", "19700615", "F", "20260302", "140501.5", ("CT", "SR"), "Chest", "A1"),
    *("House^Gregory", 3, 12345, 4_200_000_000, 1e9, 1e9, "quiet", None, 0),
)


def names(width: int) -> list[str]:
    return [placed.column.name for placed in columns_for(width)]


@pytest.mark.parametrize("width", range(40, 260))
def test_the_columns_fit(width):
    placed = columns_for(width)
    assert sum(column.width for column in placed) + GAP * (len(placed) - 1) <= width
    assert all(column.width >= column.column.least for column in placed)


def test_what_matters_most_stays_on_a_narrow_screen():
    assert names(75) == ["patient", "patient_id", "date", "modalities", "description", "images"]
    assert {"sex_age", "series"} <= set(names(115))
    assert names(195) == [column.name for column in COLUMNS]


@given(st.text(max_size=80), st.integers(0, 40), st.booleans())
def test_a_fitted_text_takes_exactly_its_cells(text, width, right):
    assert cell_len(cells.fit(cells.plain(text), width, right=right)) == width


@given(st.text(alphabet=st.characters(), max_size=60))
def test_no_cell_holds_anything_that_a_terminal_obeys(text):
    row = replace(
        ROW,
        **dict.fromkeys(
            (
                *("patient_name", "patient_id", "study_date", "study_time", "patient_birth_date"),
                *("patient_sex", "study_description", "accession_number", "referring_physician_name"),
            ),
            text,
        ),
        modalities=(text,),
    )
    for column in COLUMNS:
        assert not HOSTILE.search(column.cell(row))


def test_facts_read_as_people_write_them():
    assert cells.patient_name(ROW) == "Doe, Jane"
    assert cells.patient_name(replace(ROW, patient_name="")) == cells.NO_NAME
    assert cells.day("20260302") == "2026-03-02"
    assert cells.day("not a date") == "not a date"
    assert cells.clock("140501.5") == "14:05"
    assert cells.clock("99") == ""
    assert cells.sex_and_age(ROW) == "F 55y"
    assert cells.age("20260201", "20260302") == "29d"
    assert cells.age("20250801", "20260302") == "7m"
    assert cells.age("20270101", "20260302") == ""
    assert [cells.size(n) for n in (0, 999, 1000, 99_400, 4_200_000_000)] == [
        "0 B",
        "999 B",
        "1.0 kB",
        "99.4 kB",
        "4.2 GB",
    ]
    assert cells.number(12345) == "12 345"
