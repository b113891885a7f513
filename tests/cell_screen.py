"""Cells read back as a terminal would show them: a small screen of its own, for judging what is sent."""

import re

import numpy as np

from noctis_tui.graphics.terminal.cell_shapes import CHARACTERS, GRIDS

TOKEN = re.compile(r"\x1b\[([\d;]*)m|(.)", re.DOTALL)
CUBE = [0, 95, 135, 175, 215, 255]
VGA = [(170 * (n & 1), 170 * (n >> 1 & 1), 170 * (n >> 2 & 1)) for n in range(8)]


def xterm_rgb(number):
    """RGB of one of xterm's colours from 16 on."""
    if number >= 232:
        return (8 + 10 * (number - 232),) * 3
    number -= 16
    return CUBE[number // 36], CUBE[number // 6 % 6], CUBE[number % 6]


def shown(lines, shapes):
    """RGB of every block, uint8 [rows * blocks down, columns * blocks across, 3]."""
    return np.concatenate([_row(line, shapes) for line in lines])


def _row(line, shapes):
    across, down = GRIDS[shapes]
    masks = {character: mask for mask, character in enumerate(CHARACTERS[shapes])}
    layers = {38: (255, 255, 255), 48: (0, 0, 0)}
    cells = []
    for parameters, letter in TOKEN.findall(line):
        if letter:
            bits = [masks[letter] >> bit & 1 for bit in range(across * down)]
            cells.append(np.array([layers[38 if bit else 48] for bit in bits]).reshape(down, across, 3))
        else:
            _set(layers, [int(number or 0) for number in parameters.split(";")])
    return np.concatenate(cells, axis=1).astype(np.uint8)


def _set(layers, numbers):
    while numbers:
        first = numbers.pop(0)
        if first in layers and numbers.pop(0) == 2:
            layers[first] = tuple(numbers[:3])
            del numbers[:3]
        elif first in layers:
            layers[first] = xterm_rgb(numbers.pop(0))
        elif 30 <= first < 38 or 40 <= first < 48:
            layers[first // 10 * 10 + 8] = VGA[first % 10]
        elif 90 <= first < 98:
            layers[38] = tuple(85 + value for value in VGA[first - 90])
        elif first:
            raise AssertionError(f"SGR {first} is not understood")


def psnr(seen, wanted):
    """Peak signal-to-noise ratio in dB."""
    error = np.mean((seen.astype(float) - wanted) ** 2)
    return 10 * np.log10(255**2 / error)
