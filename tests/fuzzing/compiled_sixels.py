"""Small pictures of any bytes through the compiled loops of sixel pictures and through numpy: all the same.

The picture lies in memory of exactly its size, so that a sanitizer sees a read or write beside it.
"""

from __future__ import annotations

import numpy as np
from sixel_reader import read_sixel

from noctis_tui.graphics.encoding import compiled
from noctis_tui.graphics.encoding.dither import Indexed
from noctis_tui.graphics.encoding.grey_steps import count_values, grey_steps, index_grey
from noctis_tui.graphics.encoding.sixel import encode_indexed

loops = compiled.loops
NUMBERS = 6
"""Bytes before the pixels: rows, columns, colours, block, greys, and how far the rows lie apart."""


def seeds():
    """Give pictures of noise, of runs and of one colour, in sizes around whole bands."""
    noise = bytes(np.random.default_rng(1).integers(0, 256, 200, np.uint8))
    for rows, columns in ((0, 0), (5, 0), (6, 9), (11, 30), (12, 31), (0, 39)):
        for colors, block, greys in ((255, 0, 99), (1, 1, 0), (3, 2, 14), (15, 15, 62)):
            head = bytes([rows, columns, colors, block, greys, columns % 3])
            yield head + noise
            yield head + bytes(value // 16 for value in noise) * 2
            yield head + b"\xff"


def check(data):
    """Index, paint over, count and encode a picture in both ways."""
    if loops is None:
        return
    numbers, pixels = data[:NUMBERS].ljust(NUMBERS, b"\0"), bytes(data[NUMBERS:])
    rows, columns = numbers[0] % 40 + 1, numbers[1] % 40 + 1
    values = in_exact_memory(pixels, rows, columns, numbers[5] % 4)
    steps = grey_steps(numbers[4] % 100 + 2, (numbers[4] % 3) / 2)
    indices = _alike(lambda: index_grey(values, steps, numbers[3] % 16 + 1))
    assert (_alike(lambda: count_values(values)) == np.bincount(values.ravel(), minlength=256)).all()
    _check_overlay(values, indices)
    _check_sixels(values % np.uint8(numbers[2] + 1) if numbers[2] < 255 else values)


def in_exact_memory(pixels, rows, columns, gap):
    """An array whose last byte is the last of its memory, its rows `gap` bytes apart."""
    stride = columns + gap
    content = (pixels or b"\0") * (rows * stride // max(len(pixels), 1) + 1)
    memory = bytearray(content[: rows * stride - gap])
    return np.ndarray((rows, columns), np.uint8, memory, 0, (stride, 1))


def _alike(call):
    ours = call()
    try:
        compiled.loops = None
        assert (call() == ours).all()
    finally:
        compiled.loops = loops
    return ours


def _check_overlay(values, indices):
    table = bytes(255 - place for place in range(256))
    wanted = np.where(values, 255 - values, indices)
    loops.overlay(values, table, indices)
    assert (indices == wanted).all()


def _check_sixels(indices):
    indexed = Indexed(indices, np.arange(768).reshape(256, 3).astype(np.uint8) % 101)
    once, over = encode_indexed(indexed, overpaint=False), encode_indexed(indexed)
    assert len(over) <= len(once)
    try:
        compiled.loops = None
        assert encode_indexed(indexed) == once
    finally:
        compiled.loops = loops
    shown = (indexed.percents[indices].astype(int) * 255 + 50) // 100
    assert (read_sixel(over) == shown).all()
