"""Cutting a stream into pieces, as a network does, from one number: the same number cuts alike again."""

from __future__ import annotations

import random

_SIZES = ((1,), (1, 2, 3), (5, 6, 7, 12), (1, 64, 700), (1_460,), (4_096, 1))


def pieces_of(stream, seed):
    """Yield pieces of `stream` as memoryviews; seed 0 leaves it whole."""
    view = memoryview(stream)
    if seed == 0:
        yield view
        return
    chance = random.Random(seed)
    sizes = _SIZES[seed % len(_SIZES)]
    while view:
        size = chance.choice(sizes)
        yield view[:size]
        view = view[size:]
