from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import volume_phantoms as vp

from noctis_tui.reading import volume_filling
from noctis_tui.reading.volume_filling import Outwards, contiguous
from noctis_tui.reading.volume_loading import load_volumes


@pytest.mark.parametrize("count", [1, 2, 3, 8, 9])
def test_slices_are_taken_from_the_middle_to_both_ends(count):
    outwards = Outwards(count)
    taken = []
    while (place := outwards.take(len(taken) % 2)) is not None:
        taken.append(place)
    assert sorted(taken) == list(range(count))
    assert taken[0] == count // 2
    away = [abs(place - count // 2) for place in taken]
    assert all(b >= a - 1 for a, b in pairwise(away))


def test_a_thread_that_is_done_helps_the_other():
    outwards = Outwards(5)
    assert [outwards.take(1) for _ in range(6)] == [1, 0, 2, 3, 4, None]


def test_a_run_around_the_middle_is_what_is_filled():
    filled = np.array([True, False, True, True, True, False])
    assert contiguous(filled) == (2, 5)
    filled[3] = False
    assert contiguous(filled) == (3, 3)
    assert contiguous(np.ones(4, bool)) == (0, 4)


def test_a_volume_is_published_while_it_fills_from_the_middle_outwards(tmp_path, monkeypatch):
    monkeypatch.setattr(volume_filling, "PUBLISHED_EVERY_SECONDS", 0.0)
    grid = vp.Grid((30, 6, 5))
    truth = vp.sampled(grid, vp.index_ramp(grid))
    seen = []

    def publish(partial):
        held = partial.volume.stored_values[partial.first : partial.stop]
        seen.append((partial.first, partial.stop, bool((held == truth[partial.first : partial.stop]).all())))

    load_volumes(vp.write_series(tmp_path, grid, vp.index_ramp(grid)), publish=publish)
    assert len(seen) > 5
    assert all(right for _, _, right in seen)
    assert all(first <= 15 < stop for first, stop, _ in seen)
    assert seen[-1][:2] == (0, 30)


def test_a_volume_that_fills_at_once_is_published_once(tmp_path, monkeypatch):
    monkeypatch.setattr(volume_filling, "PUBLISHED_EVERY_SECONDS", 1e9)
    grid = vp.Grid((5, 6, 5))
    seen = []
    load_volumes(vp.write_series(tmp_path, grid, vp.index_ramp(grid)), publish=seen.append)
    assert [(partial.first, partial.stop) for partial in seen] == [(0, 5)]
