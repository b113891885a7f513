"""Reads what other programs write as sixel pictures: definitions select, sizes may be missing."""

from __future__ import annotations

import re

import numpy as np

_TOKEN = re.compile(
    rb'"\d+;\d+(?:;(?P<columns>\d+);(?P<rows>\d+))?|#(?P<define>\d+);2;(?P<rgb>\d+;\d+;\d+)|#(?P<select>\d+)'
    rb"|!(?P<count>\d+)(?P<repeated>[?-~])|(?P<sixel>[?-~])|(?P<return>\$)|(?P<next>-)"
)


def read_any_sixel(data: bytes, side: int):
    """Pixels, uint8 [side, side, 3], of the picture at the upper left; what is not painted is black."""
    start = re.search(rb"\x1bP[\d;]*q", data)
    body = data[start.end() : data.index(b"\x1b\\", start.end())]
    painted = np.zeros((side + 6, side, 3), np.uint8)
    palette = {}
    color = np.zeros(3, np.uint8)
    x = y = 0
    for token in _TOKEN.finditer(body):
        if token["define"]:
            percents = map(int, token["rgb"].split(b";"))
            color = palette[token["define"]] = np.array([(value * 255 + 50) // 100 for value in percents])
        elif token["select"]:
            color = palette[token["select"]]
        elif token["return"]:
            x = 0
        elif token["next"]:
            x, y = 0, y + 6
        elif token["repeated"] or token["sixel"]:
            count = int(token["count"] or 1)
            bits = (token["repeated"] or token["sixel"])[0] - 63
            for row in range(6):
                if bits >> row & 1 and y + row < side:
                    painted[y + row, x : x + count] = color
            x += count
    return painted[:side]
