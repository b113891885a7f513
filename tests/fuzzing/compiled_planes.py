"""Small volumes of any bytes, sampled by compiled loops on any grid and by numpy: all the same.

And called with arguments that do not fit: refused, or done within their arrays.
"""

from __future__ import annotations

import struct

import numpy as np
from fuzzing.odd_calls import Bytes, is_bearable, spoiled

from noctis_tui.imaging.planes import compiled_reslice
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.imaging.planes.sampling_grid import SamplingGrid
from noctis_tui.imaging.planes.trilinear import sample

loops = compiled_reslice.loops
TYPES = (np.int16, np.uint16, np.uint8, np.float32)
PROJECTIONS = (Projection.MAX, Projection.MIN, Projection.MEAN)
HEAD = struct.Struct("<8B12h")
"""Shape, type, projection, planes, rows and columns; then the grid in eighths of a voxel."""


def seeds():
    """Give straight, oblique and distant grids through noise."""
    noise = bytes(np.random.default_rng(1).integers(0, 256, 250, np.uint8))
    for shape, dtype, projection in (
        ((3, 4, 5), 0, 0),
        ((1, 1, 2), 1, 1),
        ((6, 2, 3), 2, 2),
        ((2, 3, 4), 3, 0),
    ):
        for steps in ((0, 8, 0, 0, 0, 8), (3, 5, -2, 1, -4, 6), (-30_000, 1, 0, 0, 30_000, 0)):
            yield HEAD.pack(*shape, dtype, projection, 2, 7, 11, 4, 9, -3, 1, 2, 0, *steps) + noise


def check(data):
    """Sample in both ways."""
    if loops is None:
        return
    head = HEAD.unpack(data[: HEAD.size].ljust(HEAD.size, b"\0"))
    stored = voxels(data[HEAD.size :], tuple(1 + count % 7 for count in head[:3]), TYPES[head[3] % 4])
    numbers = np.array(head[8:], np.float64).reshape(4, 3) / 8
    # Some numbers are those that no index is; numpy cannot make indices of them, and nobody asks it to.
    numbers[np.abs(numbers) > 4000] *= 1e6
    grid = SamplingGrid(*numbers, head[6] % 9, head[7] % 40, stored.shape)
    planes = [grid.moved(step * grid.per_mm) for step in range(1 + head[5] % 4)]
    projection = PROJECTIONS[head[4] % 3]
    padding = padding_of(stored, Bytes(data[::-1]))
    with np.errstate(all="ignore"):
        ours = sample(stored, planes, projection, padding=padding)
        try:
            compiled_reslice.loops = None
            other = sample(stored, planes, projection, padding=padding)
        finally:
            compiled_reslice.loops = loops
    assert np.array_equal(ours, other, equal_nan=True)
    _call_oddly(stored, numbers, Bytes(data[::-1]))


def _call_oddly(stored, numbers, chance):
    """Call the loop itself with steps of any size, and with what does not fit."""
    out = np.zeros((chance.below(5), chance.below(9)), np.float32)
    with np.errstate(all="ignore"):
        origins = numbers[: 1 + chance.below(2)] * chance.real()
        steps = np.array([[chance.real() for _ in range(3)] for _ in range(2)])
    arguments = stored, origins, steps, chance.below(40), chance.below(3), out
    if chance.below(2):
        arguments += (chance.real(300), chance.real(300))
    is_bearable(loops.sample, arguments)
    odd, guards = spoiled(arguments, chance)
    is_bearable(loops.sample, odd, guards)


def voxels(content, shape, dtype):
    """Return a volume in memory of its own, exactly as large as it is: what reads beside it is seen."""
    stored = np.empty(shape, dtype)
    bytes_of = stored.reshape(-1).view(np.uint8)
    bytes_of[:] = np.resize(np.frombuffer(content or b"\0", np.uint8), bytes_of.size)
    if stored.dtype.kind == "f":
        stored[np.isnan(stored)] = np.nan  # of signalling ones numpy makes what it likes
    return stored


def padding_of(stored, chance):
    """Return values from that of some voxel on as padding, or none, or a range as the files have it."""
    kind, more = chance.below(4), chance.byte()
    low = float(stored.reshape(-1)[chance.byte() * 257 % stored.size])
    high = low + (0, more, more * 300)[kind - 1]
    if kind == 0 or not np.isfinite(high):
        return None
    if stored.dtype.kind != "f":
        high = min(high, float(np.iinfo(stored.dtype).max))
    return low, float(stored.dtype.type(high))
