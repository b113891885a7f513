"""Small volumes of any bytes, folded along their axes by compiled loops and by numpy: all the same.

And called with arguments that do not fit: refused, or done within their arrays.
"""

from __future__ import annotations

import numpy as np
from fuzzing.compiled_planes import PROJECTIONS, TYPES, voxels
from fuzzing.odd_calls import Bytes, is_bearable, spoiled

from noctis_tui.imaging.planes import compiled_reslice
from noctis_tui.imaging.planes.folding import fold
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
    with np.errstate(all="ignore"):
        ours = fold([part], axis, projection)
        try:
            compiled_reslice.projections = None
            other = fold([part], axis, projection)
        finally:
            compiled_reslice.projections = loops
    assert np.array_equal(ours, other, equal_nan=part.dtype.kind == "f")
    shape = tuple(size for place, size in enumerate(part.shape) if place != axis)
    out = np.zeros(shape, np.int32 if projection is Projection.MEAN else part.dtype)
    odd, guards = spoiled((part, axis, PROJECTIONS.index(projection), out), Bytes(data[::-1]))
    is_bearable(loops.project, odd, guards)
