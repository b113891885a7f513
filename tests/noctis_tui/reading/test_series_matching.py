from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.index.worklist import SeriesRow
from noctis_tui.reading.elapsed import elapsed_text
from noctis_tui.reading.series_matching import best_match, likeness


def row(number, description, modality="MR", part="", frames=20):
    return SeriesRow(number, "", 1, str(number), modality, number, description, part, frames, frames, 0)


PRIOR = [
    row(1, "localizer", frames=3),
    row(2, "T2 TSE sag"),
    row(3, "T1 tse axial"),
    row(4, "T2 tse axial"),
    row(5, "", modality="CT", part="HEAD"),
]


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        (row(9, "T2_TSE_Axial"), 4),
        (row(2, "t1-tse-axial"), 3),
        (row(1, "Localizer", frames=3), 1),
        (row(1, "CT head 5 mm", modality="CT", part="HEAD"), 5),
        (row(1, "something else", modality="CT"), 5),
    ],
)
def test_the_like_of_a_series_is_found(wanted, number):
    assert best_match(wanted, PRIOR).series_number == number


def test_nothing_is_like_nothing():
    assert best_match(PRIOR[0], []) is None


@given(st.sampled_from(PRIOR), st.sampled_from(PRIOR))
def test_likeness_is_mutual_and_greatest_to_itself(one, other):
    assert likeness(one, other) == likeness(other, one) <= max(likeness(one, one), likeness(other, other))


@given(st.dates(date(1900, 1, 1)), st.integers(1, 30000))
def test_what_was_before_is_never_called_after(day, days):
    earlier = day - timedelta(days=days) if day.toordinal() > days else day
    text = elapsed_text(f"{earlier:%Y%m%d}".zfill(8), f"{day:%Y%m%d}")
    assert text.endswith("before") or earlier == day


@pytest.mark.parametrize(
    ("of", "before", "text"),
    [
        ("20240229", "20250228", "11 m before"),
        ("20240101", "20250101", "1 y before"),
        ("20250101", "20250101", "same day"),
        ("20250130", "20250101", "29 d after"),
        ("", "20250101", ""),
        ("20251301", "20250101", ""),
        ("2025010x", "20250101", ""),
    ],
)
def test_elapsed(of, before, text):
    assert elapsed_text(of, before) == text
