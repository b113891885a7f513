"""Words beside points never cover each other, and the first stay where they are."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from noctis_tui.graphics.picture import Label
from noctis_tui.reading.note_places import MOST, _box, _overlap, spread

LINE_PX = 16
PLACES = st.tuples(st.integers(0, 600), st.integers(0, 400))


def label(at_px: tuple[int, int], text: str = "12.3 mm") -> Label:
    return Label(text, "top-left", 3, at_px)


def test_words_apart_stay_and_words_at_one_place_stand_below_each_other() -> None:
    apart = label((0, 0)), label((300, 0))
    assert spread(apart, LINE_PX) == apart
    below = spread([label((10, 20))] * 3, LINE_PX)
    assert [each.at_px for each in below] == [(10, 20), (10, 36), (10, 52)]


@given(st.lists(PLACES, max_size=8))
def test_none_covers_another(places: list[tuple[int, int]]) -> None:
    placed = spread([label(place) for place in places], LINE_PX)
    assert [each.text for each in placed] == ["12.3 mm"] * len(places)
    for one, other in combinations(placed, 2):
        assert not _overlap(_box(one, LINE_PX), _box(other, LINE_PX))
    if places:
        assert placed[0].at_px == places[0]


def test_very_many_stay_where_they_are() -> None:
    crowd = [label((0, 0))] * (MOST + 1)
    assert spread(crowd, LINE_PX) == tuple(crowd)
