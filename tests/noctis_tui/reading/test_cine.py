from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from noctis_tui.reading.cine import Cine, frame_times_of, frames_per_second_of
from noctis_tui.reading.frame_reading import read_frame
from noctis_tui.reading.stack import FrameRef, Stack

if TYPE_CHECKING:
    from pathlib import Path


def test_frames_of_equal_length_follow_the_clock():
    cine = Cine(2, 5, 1, 100.0, 10.0)
    assert [cine.index_at(100 + tenth / 10) for tenth in range(6)] == [3, 4, 5, 2, 3, 4]
    assert cine.tick_seconds == pytest.approx(0.1)


def test_each_frame_is_shown_as_long_as_the_file_says():
    cine = Cine(4, 6, 0, 0.0, 30.0, (20.0, 60.0, 20.0))  # a mean of 33.3 ms: as recorded
    shown = Counter(cine.index_at(ms / 1000 + 1e-6) for ms in range(1000))
    assert shown == {4: 200, 5: 600, 6: 200}
    assert [cine.index_at(ms / 1000) for ms in (0, 19, 21, 79, 81, 99, 101)] == [4, 4, 5, 5, 6, 6, 4]
    assert cine.tick_seconds <= 0.02


def test_going_on_from_a_frame_and_another_speed_keep_the_lengths():
    slow = Cine(0, 2, 0, 0.0, 30.0, (20.0, 60.0, 20.0)).restarted(1, 5.0).sped_up(0.5, 5.0)
    assert [slow.index_at(5 + ms / 1000) for ms in (1, 119, 121, 159, 161)] == [1, 1, 2, 2, 0]


def test_bouncing_goes_there_and_back():
    cine = Cine(2, 5, 0, 100.0, 10.0, bounces=True)
    assert [cine.index_at(100 + tenth / 10) for tenth in range(9)] == [2, 3, 4, 5, 4, 3, 2, 3, 4]


def test_bouncing_keeps_its_direction_and_its_lengths():
    cine = Cine(0, 2, 0, 0.0, 30.0, (20.0, 60.0, 20.0), bounces=True)
    order = [cine.index_at(ms / 1000) for ms in (19, 21, 79, 81, 99, 101, 159, 161)]
    assert order == [0, 1, 1, 2, 2, 1, 1, 0]
    back = cine.restarted(1, 0.101)  # on the way back
    assert [back.index_at(0.101 + ms / 1000) for ms in (1, 59, 61)] == [1, 1, 0]
    assert cine.sped_up(2, 0.101).index_at(0.101 + 0.031) == 0


def test_turning_begins_at_the_frame_in_view():
    cine = Cine(0, 3, 2, 0.0, 10.0)
    turned = cine.turned(0.1)
    assert [turned.index_at(0.1 + tenth / 10) for tenth in range(5)] == [3, 2, 1, 0, 1]
    assert [turned.turned(0.2).index_at(0.2 + tenth / 10) for tenth in range(4)] == [2, 3, 0, 1]


def test_one_frame_bounces_nowhere():
    assert Cine(4, 4, 0, 0.0, 10.0, bounces=True).index_at(3.0) == 4


def test_a_stress_echo_plays_as_it_was_recorded(shared_data: Path):
    path = shared_data / "single/us_cine_stressecho_11f.dcm"
    frame = read_frame(path)
    stack = Stack(tuple(FrameRef(path, index) for index in range(11)))
    times = frame_times_of(frame, stack, 0, 10)
    # the vector holds what leads to a frame: 20, 20, 40... so the first stays 20 ms, the second 40
    assert times == (20, 40, 20, 20, 40, 20, 20, 40, 20, 26.667, 20)
    cine = Cine(0, 10, 0, 0.0, frames_per_second_of(frame, frame_times_ms=times), times)
    assert [cine.index_at(ms / 1000) for ms in (19, 21, 59, 61, 286, 287)] == [0, 1, 1, 2, 10, 0]


def test_a_vector_of_one_value_is_a_speed(shared_data: Path):
    path = shared_data / "single/xa_cine_96f.dcm"
    frame = read_frame(path)
    assert frame_times_of(frame, Stack(tuple(FrameRef(path, k) for k in range(96))), 0, 95) == ()
