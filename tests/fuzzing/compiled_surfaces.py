"""Small volumes of any bytes, looked up between voxels by compiled loops and by numpy: all the same.

And called with arguments that do not fit: refused, or done within their arrays.
"""

from __future__ import annotations

import numpy as np
from fuzzing.compiled_planes import TYPES, padding_of, voxels
from fuzzing.odd_calls import Bytes, is_bearable, spoiled

from noctis_tui.imaging.turning import compiled_turning
from noctis_tui.imaging.turning.ray_entries import ray_entries
from noctis_tui.imaging.turning.values_between import differences, trilinear

loops = compiled_turning.points


def seeds():
    """Give every type, points inside, beside and far away."""
    noise = bytes(np.random.default_rng(1).integers(0, 256, 250, np.uint8))
    for dtype in range(4):
        for shape in ((0, 0, 0), (1, 3, 5), (4, 0, 2)):
            yield bytes([dtype, *shape, 6, 0]) + noise
            yield bytes([dtype, *shape, 3, 1]) + bytes([250, 255, 245] * 8) + noise


def check(data):
    """Look up values and differences and follow rays in both ways, or with something odd."""
    if loops is None:
        return
    chance = Bytes(data)
    dtype, shape = TYPES[chance.below(4)], tuple(1 + chance.below(6) for _ in range(3))
    count, is_odd = chance.below(12), chance.byte() % 2
    indices = np.array([chance.real() for _ in range(3 * count)]).reshape(3, count)
    oddness = Bytes(bytes(chance.byte() for _ in range(24)))
    instead = float(np.nan_to_num(chance.real(3000), posinf=1e9, neginf=-1e9))
    stored = voxels(chance.rest(), shape, dtype)
    padding = padding_of(stored, oddness)
    replaced = None if padding is None else (*padding, instead)
    if is_odd:
        ray = [chance.real() for _ in range(5)]
        for function, size, more in (
            (loops.values, (count,), ()),
            (loops.differences, (3, count), ()),
            (loops.entries, (count,), ray),
        ):
            given = stored, indices, np.zeros(size), 0, count, *more, *(replaced or ())
            odd, guards = spoiled(given, oddness)
            is_bearable(function, odd, guards)
        return
    indices = np.nan_to_num(indices, nan=0.0, posinf=1e9, neginf=-1e9)  # numpy makes no indices of others
    way = np.clip(indices, -100, 100).sum(axis=1) / 64
    limit = float(np.nan_to_num(stored.reshape(-1)[0]))

    def entries(stored, indices, replaced):
        return ray_entries(stored, indices, way, (limit, 1 - 2 * (count % 2)), replaced)

    for ask in (trilinear, differences, entries):
        with np.errstate(all="ignore"):
            ours, other = ask(stored, indices, replaced), _by_numpy(ask, stored, indices, replaced)
        assert np.array_equal(ours, other, equal_nan=True)


def _by_numpy(ask, *asked):
    compiled_turning.points = None
    try:
        return ask(*asked)
    finally:
        compiled_turning.points = loops
