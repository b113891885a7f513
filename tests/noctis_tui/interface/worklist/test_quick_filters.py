"""The quick filters: one of days, any of modalities, all ended by 0."""

from __future__ import annotations

from datetime import date

from noctis_tui.interface.worklist.quick_filters import EVERYTHING, QUICK_FILTERS

TODAY = date(2026, 3, 2)


def test_the_keys_are_their_places():
    assert [quick.key for quick in QUICK_FILTERS] == list(range(10))


def test_days_exclude_one_another_and_reach_back_from_today():
    narrowed = EVERYTHING.toggled(1)
    assert narrowed.study_filter(TODAY).study_date_from == "20260302"
    assert narrowed.toggled(2).study_filter(TODAY).study_date_from == "20260224"
    assert narrowed.toggled(1) == EVERYTHING


def test_modalities_add_up():
    narrowed = EVERYTHING.toggled(4).toggled(6)
    assert narrowed.study_filter(TODAY).modalities == {"CT", "US", "IVUS"}
    assert narrowed.toggled(4).study_filter(TODAY).modalities == {"US", "IVUS"}
    assert narrowed.holds(4)
    assert not narrowed.holds(0)


def test_zero_ends_them_but_keeps_the_text():
    narrowed = EVERYTHING.toggled(1).toggled(5).toggled(0)
    assert narrowed == EVERYTHING
    assert narrowed.holds(0)
