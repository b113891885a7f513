import threading
import time
from dataclasses import dataclass
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from noctis_tui.reading.frame_cache import FrameCache
from noctis_tui.reading.reach import Aim, Reach, in_turns, outwards
from noctis_tui.reading.series_loader import SeriesLoader
from noctis_tui.reading.stack import FrameRef, Stack


@dataclass(frozen=True)
class Frame:
    ref: FrameRef
    size_bytes: int = 10


def _stack(count, name="s"):
    return Stack(tuple(FrameRef(Path(f"{name}{number}"), 0) for number in range(count)))


def _numbers(frames):
    return [int(frame.path.name[1:]) for frame in frames]


def _until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


class Gate:
    """A decoder that decodes when it is let."""

    def __init__(self):
        self.begun = []
        self.permits = threading.Semaphore(0)

    def __call__(self, ref):
        self.begun.append(ref)
        assert self.permits.acquire(timeout=10)
        return Frame(ref)


def test_outwards_without_a_direction():
    assert _numbers(outwards(Aim(_stack(6), 2))) == [2, 3, 1, 4, 0, 5]


def test_outwards_looks_further_ahead_than_behind():
    assert _numbers(outwards(Aim(_stack(8), 3, 1))) == [3, 4, 5, 2, 6, 7, 1, 0]
    assert _numbers(outwards(Aim(_stack(8), 3, -1)))[:4] == [3, 2, 1, 4]


@given(st.integers(0, 40), st.integers(-5, 50), st.sampled_from([-1, 0, 1]))
def test_outwards_yields_every_frame_once(count, here, direction):
    assert sorted(_numbers(outwards(Aim(_stack(count), here, direction)))) == list(range(count))


def test_panes_take_turns_and_share_frames():
    first, second = _stack(3, "a"), _stack(3, "b")
    order = [frame.path.name for frame in in_turns([Aim(first, 0), Aim(second, 0), Aim(first, 1)])]
    assert order == ["a0", "b0", "a1", "b1", "a2", "b2"]


def test_what_is_looked_at_is_decoded_first_then_outwards():
    gate, cache = Gate(), FrameCache(10_000)
    loader = SeriesLoader(gate, cache, lambda _: None, workers=1)
    stack = _stack(9)
    loader.aim([Aim(stack, 4)])
    gate.permits.release(9)
    _until(lambda: loader.loaded_count(stack) == 9)
    loader.close()
    assert _numbers(gate.begun) == [4, 5, 3, 6, 2, 7, 1, 8, 0]


def test_the_latest_wish_wins():
    gate, cache = Gate(), FrameCache(10_000)
    loader = SeriesLoader(gate, cache, lambda _: None, workers=1)
    stack = _stack(100)
    loader.aim([Aim(stack, 0)])
    _until(lambda: gate.begun)
    loader.aim([Aim(stack, 50)])
    loader.aim([Aim(stack, 90)])
    gate.permits.release(2)
    _until(lambda: len(gate.begun) == 3)
    loader.aim([])
    gate.permits.release(1)
    loader.close()
    assert _numbers(gate.begun) == [0, 90, 91]


def test_nothing_more_is_decoded_than_the_cache_holds():
    decoded, cache = [], FrameCache(200)

    def decode(ref):
        decoded.append(ref)
        return Frame(ref)

    loader = SeriesLoader(decode, cache, lambda _: None)
    stack = _stack(1000)
    loader.aim([Aim(stack, 500)])
    _until(lambda: loader.idle)
    near = set(_numbers(decoded))
    assert len(decoded) <= 20
    assert cache.size_bytes <= 200
    assert near <= set(range(485, 516))
    # Looking elsewhere moves what is kept, and what is in view is always there.
    loader.aim([Aim(stack, 10)])
    _until(lambda: loader.idle)
    assert stack.frames[10] in cache
    assert cache.size_bytes <= 200
    loader.close()


def test_every_loaded_frame_is_told_once():
    told, cache = [], FrameCache(10_000)
    loader = SeriesLoader(Frame, cache, told.append)
    stack = _stack(30)
    loader.aim([Aim(stack, 3)])
    _until(lambda: len(told) == 30)
    loader.aim([Aim(stack, 8)])
    _until(lambda: loader.idle)
    loader.close()
    assert sorted(_numbers(told)) == list(range(30))


def test_aiming_never_waits_for_a_decode():
    gate = Gate()
    loader = SeriesLoader(gate, FrameCache(1000), lambda _: None, workers=2)
    stack = _stack(10)
    loader.aim([Aim(stack, 0)])
    _until(lambda: len(gate.begun) == 2)
    for place in range(10):  # both workers are stuck in a decode: this must return all the same
        loader.aim([Aim(stack, place)])
    gate.permits.release(20)
    loader.close()


def test_a_decoder_that_raises_ends_neither_thread_nor_order():
    def decode(ref):
        if ref.path.name == "s1":
            raise RuntimeError
        return Frame(ref)

    cache = FrameCache(1000)
    loader = SeriesLoader(decode, cache, lambda _: None, workers=1)
    stack = _stack(4)
    loader.aim([Aim(stack, 0)])
    _until(lambda: loader.idle)
    loader.close()
    assert _numbers([ref for ref in stack.frames if ref in cache]) == [0, 2, 3]


def test_what_may_be_looked_at_next_is_read_when_all_around_is_there():
    decoded = []

    def decode(ref):
        decoded.append(ref.path.name)
        return Frame(ref)

    loader = SeriesLoader(decode, FrameCache(10_000), lambda _: None, workers=1)
    here, after, before = _stack(3, "h"), _stack(2, "n"), _stack(2, "p")
    loader.aim([Aim(here, 1)], [Aim(after, 0), Aim(before, 1)])
    _until(lambda: len(decoded) == 7)
    loader.close()
    assert decoded == ["h1", "h2", "h0", "n0", "p1", "n1", "p0"]


def test_reading_ahead_never_drops_what_is_around_the_picture_in_view():
    decoded, cache = [], FrameCache(100)
    here, after = _stack(8, "h"), _stack(50, "n")

    def decode(ref):
        decoded.append(ref)
        return Frame(ref)

    loader = SeriesLoader(decode, cache, lambda _: None)
    loader.aim([Aim(here, 4)], [Aim(after, 0)])
    _until(lambda: len(cache) == 10)
    loader.close()
    assert all(frame in cache for frame in (*here.frames, *after.frames[:2]))
    assert len(decoded) == 10


def test_a_frame_read_ahead_that_is_too_large_is_not_kept_at_the_cost_of_others():
    cache, read = FrameCache(100), threading.Event()
    here, after = _stack(5, "h"), _stack(3, "n")

    def decode(ref):
        large = ref in after.frames
        if large:
            read.set()
        return Frame(ref, 90 if large else 10)

    loader = SeriesLoader(decode, cache, lambda _: None)
    loader.aim([Aim(here, 0)], [Aim(after, 0)])
    assert read.wait(10)
    loader.close()
    assert [frame in cache for frame in here.frames] == [True] * 5
    assert not any(frame in cache for frame in after.frames)


def test_the_reader_ends_reading_ahead_and_finds_a_thread_free():
    gate = Gate()
    here, after = _stack(1, "h"), _stack(9, "n")
    loader = SeriesLoader(gate, FrameCache(10_000), lambda _: None, workers=2)
    loader.aim([Aim(here, 0)], [Aim(after, 0)])
    gate.permits.release(1)
    _until(lambda: gate.begun == [here.frames[0], after.frames[0]])
    other = _stack(1, "o")
    loader.aim([Aim(other, 0)])
    _until(lambda: gate.begun[2:] == [other.frames[0]])  # while the one read ahead is still being decoded
    gate.permits.release(2)
    loader.close()
    assert len(gate.begun) == 3


def test_everything_in_view_is_kept_even_when_it_is_more_than_the_cache_holds():
    told, cache = [], FrameCache(25)
    stacks = [_stack(20, name) for name in "abcd"]
    loader = SeriesLoader(Frame, cache, told.append)
    loader.aim([Aim(stack, 7) for stack in stacks])
    _until(lambda: loader.idle)
    loader.close()
    assert [stack.frames[7] in cache for stack in stacks] == [True] * 4
    assert cache.size_bytes == 40


@given(st.integers(10, 300), st.integers(0, 49), st.lists(st.integers(1, 40), min_size=50, max_size=50))
def test_a_reach_keeps_the_nearest(capacity, place, sizes):
    cache, stack = FrameCache(capacity), _stack(50)
    reach = Reach(cache, [Aim(stack, place)])
    order = list(outwards(Aim(stack, place)))
    while (frame := reach.next_near(())) is not None:
        reach.keep(frame, Frame(frame, sizes[stack.place_of(frame)]))
    kept = [frame in cache for frame in order]
    assert kept[0]
    assert kept == sorted(kept, reverse=True)
    assert cache.size_bytes <= max(capacity, sizes[place])


def test_a_late_frame_of_an_older_wish_does_not_end_the_present_one():
    cache, stack, old = FrameCache(50), _stack(5), _stack(1, "o")
    reach = Reach(cache, [Aim(stack, 0)])
    first = reach.next_near(())
    reach.keep(first, Frame(first))
    reach.keep(old.frames[0], Frame(old.frames[0], 45))
    assert old.frames[0] not in cache
    assert reach.next_near(()) == stack.frames[1]


def test_coming_to_rest_is_told_once_for_all_that_was_loaded():
    rests, cache = [], FrameCache(10_000)
    loader = SeriesLoader(Frame, cache, lambda _: None, on_rest=lambda: rests.append(len(cache)))
    loader.aim([Aim(_stack(30, "a"), 3)], [Aim(_stack(5, "b"), 3)])
    _until(lambda: rests)
    loader.aim([Aim(_stack(30, "a"), 4)])  # all there
    _until(lambda: loader.idle)
    loader.aim([Aim(_stack(2, "c"), 0)])
    _until(lambda: len(rests) == 2)
    loader.close()
    assert rests == [35, 37]
