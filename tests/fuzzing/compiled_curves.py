"""Small volumes of any bytes, sampled along lines by compiled loops and by numpy: all the same.

And called with arguments that do not fit: refused, or done within their arrays.
"""

from __future__ import annotations

import numpy as np
from fuzzing.compiled_planes import TYPES, padding_of, voxels
from fuzzing.odd_calls import Bytes, is_bearable, spoiled

from noctis_tui.imaging.curves import compiled_lines
from noctis_tui.imaging.curves.line_sampling import values_on_lines
from noctis_tui.imaging.volume import Volume

loops = compiled_lines.loops


def seeds():
    """Give every type, lines within, across and far away, and more points than go through at once."""
    noise = bytes(np.random.default_rng(1).integers(0, 256, 250, np.uint8))
    for dtype in range(4):
        for shape in ((0, 0, 0), (1, 3, 5), (6, 0, 2)):
            for points in (0, 7, 64, 65, 200):
                yield bytes([dtype, *shape, 3, points, 0]) + noise
                yield bytes([dtype, *shape, 3, points, 1]) + bytes([250, 255, 245] * 8) + noise


def check(data):
    """Sample in both ways, or with something odd."""
    if loops is None:
        return
    chance = Bytes(data)
    dtype, shape = TYPES[chance.below(4)], tuple(1 + chance.below(7) for _ in range(3))
    rows, count, is_odd = chance.below(5), chance.byte(), chance.byte() % 2
    lines = np.array([chance.real() / (1 if at % 6 < 3 else 16) for at in range(6 * rows)]).reshape(rows, 6)
    oddness = Bytes(bytes(chance.byte() for _ in range(24)))
    stored = voxels(chance.rest(), shape, dtype)
    if is_odd:
        arguments = stored, lines, np.zeros((rows, count), np.float32)
        if oddness.below(2):
            arguments += (oddness.real(300), oddness.real(300))
        is_bearable(loops.sample_lines, arguments)
        odd, guards = spoiled(arguments, oddness)
        is_bearable(loops.sample_lines, odd, guards)
        return
    lines = np.nan_to_num(lines, nan=0.0, posinf=1e9, neginf=-1e9)  # numpy makes no indices of others
    volume = Volume(stored, np.eye(4), padding_range=padding_of(stored, oddness))
    with np.errstate(all="ignore"):
        asked = volume, lines[:, :3], lines[:, 3:], count
        ours, other = values_on_lines(*asked), _by_numpy(*asked)
    assert np.array_equal(ours, other, equal_nan=True)


def _by_numpy(*asked):
    compiled_lines.loops = None
    try:
        return values_on_lines(*asked)
    finally:
        compiled_lines.loops = loops
