from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from noctis_tui.reading.frame_cache import FrameCache


@dataclass(frozen=True)
class Frame:
    size_bytes: int


def test_the_least_recently_used_goes_first():
    cache = FrameCache(30)
    for key in "abc":
        cache.put(key, Frame(10))
    assert cache.get("a") is not None
    cache.put("d", Frame(10))
    assert [key in cache for key in "abcd"] == [True, False, True, True]


def test_one_frame_larger_than_everything_is_kept_alone():
    cache = FrameCache(30)
    cache.put("small", Frame(10))
    cache.put("large", Frame(100))
    assert "large" in cache
    assert "small" not in cache


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 40)), max_size=60))
def test_the_bound_holds(puts):
    cache = FrameCache(100)
    for key, size in puts:
        cache.put(key, Frame(size))
        assert cache.size_bytes <= 100
        assert key in cache
    cache.clear()
    assert (cache.size_bytes, len(cache)) == (0, 0)
