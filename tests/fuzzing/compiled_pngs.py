"""Small pictures of any bytes through the compiled filters of PNG and through numpy: all the same."""

from __future__ import annotations

import zlib

import numpy as np
from fuzzing.compiled_sixels import in_exact_memory

from noctis_tui.graphics.encoding import compiled
from noctis_tui.graphics.encoding.png import filter_lines

loops = compiled.filters
NUMBERS = 4
"""Bytes before the pixels: rows, bytes a line, bytes a pixel, and how far the rows lie apart."""


def seeds():
    """Give noise, ramps and flat pictures of one and of three bytes a pixel."""
    noise = bytes(np.random.default_rng(1).integers(0, 256, 200, np.uint8))
    for rows, columns, pixel in ((0, 0, 0), (0, 39, 2), (7, 29, 0), (20, 8, 2), (39, 35, 7)):
        head = bytes([rows, columns, pixel, columns % 3])
        yield head + noise
        yield head + bytes(range(0, 250, 3))
        yield head + b"\x80"


def check(data):
    """Filter in both ways, and undo it."""
    if loops is None:
        return
    numbers, pixels = data[:NUMBERS].ljust(NUMBERS, b"\0"), bytes(data[NUMBERS:])
    rows, columns, pixel = numbers[0] % 40 + 1, numbers[1] % 40 + 1, numbers[2] % 8 + 1
    lines = in_exact_memory(pixels, rows, columns, numbers[3] % 4)
    ours = loops.filter(lines, pixel)
    try:
        compiled.filters = None
        assert filter_lines(lines, pixel) == ours
    finally:
        compiled.filters = loops
    assert len(ours) == rows * (columns + 1)
    assert zlib.crc32(_unfiltered(ours, rows, columns, pixel)) == zlib.crc32(lines.tobytes())


def _unfiltered(filtered, rows, columns, pixel):
    """What a decoder makes of it (PNG, third edition, 9.2)."""
    above, done = bytes(columns), []
    for row in range(rows):
        number, *differences = filtered[row * (columns + 1) : (row + 1) * (columns + 1)]
        line = bytearray(columns)
        for x, difference in enumerate(differences):
            left, corner = (line[x - pixel], above[x - pixel]) if x >= pixel else (0, 0)
            predicted = (0, left, above[x], (left + above[x]) // 2, _paeth(left, above[x], corner))[number]
            line[x] = (difference + predicted) & 255
        above = bytes(line)
        done.append(above)
    return b"".join(done)


def _paeth(left, above, corner):
    guess = left + above - corner
    distances = abs(guess - left), abs(guess - above), abs(guess - corner)
    return (left, above, corner)[distances.index(min(distances))]
