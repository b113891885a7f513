"""Small volumes of any bytes, folded along their axes by compiled loops and by numpy: all the same.

And called with arguments that do not fit: refused, or done within their arrays.
"""

from __future__ import annotations

import numpy as np
from fuzzing.compiled_planes import PROJECTIONS, TYPES, padding_of, voxels
from fuzzing.odd_calls import Bytes, is_bearable, spoiled

from noctis_tui.imaging.planes import compiled_reslice
from noctis_tui.imaging.planes.folding import count_measured, fold
from noctis_tui.imaging.planes.projection import Projection

loops = compiled_reslice.projections
NUMBERS = 9
"""Bytes before the voxels: shape, type, axis, projection, and the steps along each axis."""


def seeds():
    """Give noise and ramps of every type along every axis."""
    noise = bytes(np.random.default_rng(1).integers(0, 256, 250, np.uint8))
    for dtype in range(4):
        for axis in range(3):
            for projection in range(3):
                yield bytes([axis + 2, 6, 8, dtype, axis, projection, 0, axis, 0]) + noise
                yield bytes([1, 1, axis, dtype, axis, projection, 1, 2, projection]) + bytes(range(250))


def check(data):
    """Fold in both ways."""
    if loops is None:
        return
    numbers, content = data[:NUMBERS].ljust(NUMBERS, b"\0"), bytes(data[NUMBERS:])
    stored = voxels(content, tuple(1 + count % 9 for count in numbers[:3]), TYPES[numbers[3] % 4])
    part = stored[tuple(slice(None, None, (1, -1, 2)[step % 3]) for step in numbers[6:])]
    axis, projection = numbers[4] % 3, PROJECTIONS[numbers[5] % 3]
    padding = padding_of(stored, Bytes(data[::-1]))
    with np.errstate(all="ignore"):
        ours = _folded(part, axis, projection, padding)
        try:
            compiled_reslice.projections = None
            other = _folded(part, axis, projection, padding)
        finally:
            compiled_reslice.projections = loops
    for one, theirs in zip(ours, other, strict=True):
        assert np.array_equal(one, theirs, equal_nan=one.dtype.kind == "f")
    shape = tuple(size for place, size in enumerate(part.shape) if place != axis)
    out = np.zeros(shape, np.int32 if projection is Projection.MEAN else part.dtype)
    arguments = part, axis, PROJECTIONS.index(projection), out, *(padding or ())
    odd, guards = spoiled(arguments, Bytes(data[::-1]))
    is_bearable(loops.project, odd, guards)


def _folded(part, axis, projection, padding):
    folded = [fold([part], axis, projection, padding=padding)]
    return folded if padding is None else [*folded, count_measured([part], axis, padding)]
