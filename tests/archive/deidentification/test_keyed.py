from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import UID

from archive.deidentification.keyed import KeyedReplacements

keys, texts = st.binary(min_size=32, max_size=32), st.text(max_size=64)


@given(keys, texts, texts)
def test_replacements_are_valid_stable_and_distinct(key, one, other):
    keyed = KeyedReplacements(key)
    assert UID(keyed.uid(one)).is_valid
    assert keyed.uid(one) == KeyedReplacements(key).uid(one)
    assert (keyed.uid(one) == keyed.uid(other)) == (one == other)
    assert (keyed.patient_id(one) == keyed.patient_id(other)) == (one == other)
    assert 30 <= keyed.days(one) < 3650


@given(keys, st.dates(), st.dates())
def test_distances_between_dates_stay(key, one, other):
    keyed = KeyedReplacements(key)
    moved = [keyed.shifted(f"{day.year:04}{day:%m%d}", "patient") for day in (one, other)]
    if None in moved:
        return
    from datetime import date

    first, second = (date(int(text[:4]), int(text[4:6]), int(text[6:])) for text in moved)
    assert second - first == other - one
    assert keyed.shifted("2024", "patient") is None
    assert keyed.shifted("20249999", "patient") is None
