from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.pixels.processing import _expand_segmented_lut

from archive.errors import CannotDecode
from archive.pixels.segmented_table import expand

values = st.lists(st.integers(0, 65535), min_size=1, max_size=9)


def expanded(parts: list[int], part_bytes: int = 2) -> list[int]:
    return expand(parts, part_bytes).tolist()


@given(st.lists(st.tuples(st.sampled_from(["run", "ramp"]), values)))
def test_runs_and_ramps_are_what_pydicom_makes_of_them(segments):
    parts = [0, 1, 7]
    for kind, entries in segments:
        parts += [0, len(entries), *entries] if kind == "run" else [1, len(entries), entries[0]]
    expected = _expand_segmented_lut(tuple(parts), "<H")
    assert len(expanded(parts)) == len(expected)
    np.testing.assert_allclose(expanded(parts), expected, atol=1)  # halves are rounded either way


def test_an_offset_counts_bytes():
    run, ramp = [0, 2, 100, 200], [1, 2, 600]
    assert expanded([*run, *ramp, 2, 1, 8, 0]) == [100, 200, 400, 600, 600, 600]
    assert expanded([0, 2, 1, 2, 1, 2, 6, 2, 1, 4, 0, 0, 0], 1) == [1, 2, 4, 6, 6, 6]


def test_repeats_of_nothing_end():
    nothing = [0, 0] * 16000
    with pytest.raises(CannotDecode):
        expanded([*nothing, *[2, 16000, 0, 0] * 8000])


@given(st.lists(st.integers(0, 5) | st.integers(0, 65535), max_size=60), st.sampled_from([1, 2]))
def test_anything_ends_in_a_table_or_a_sentence(parts, part_bytes):
    with contextlib.suppress(CannotDecode):
        assert len(expanded(parts, part_bytes)) <= 1 << 16
