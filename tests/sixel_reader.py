"""A strict sixel decoder of the tests' own: what it lets pass, a picky terminal shows right."""

from __future__ import annotations

import re

import numpy as np

_TOKEN = re.compile(
    rb'"(?P<raster>\d+;\d+;\d+;\d+)|#(?P<define>\d+);2;(?P<rgb>\d+;\d+;\d+)|#(?P<select>\d+)'
    rb"|!(?P<count>\d+)(?P<repeated>[?-~])|(?P<sixel>[?-~])|(?P<return>\$)|(?P<next>-)"
)


def read_sixel(data: bytes, *, once: bool = False):
    """Pixels, uint8 [rows, columns, 3].

    Insists on: one DCS string, raster attributes first, then all definitions, then only selections of what
    was defined; a selection before the first pixel; nothing painted outside the raster, or not at all; with
    `once` nothing painted twice.
    """
    head = re.match(rb"\x1bP\d+;1;\d*q", data)
    assert head, "not a sixel string with a transparent background"
    assert data.endswith(b"\x1b\\"), "not terminated"
    body = data[head.end() : -2]
    columns = rows = None
    palette: dict[int, tuple[int, ...]] = {}
    register = painted = None
    x = y = place = 0
    while place < len(body):
        token = _TOKEN.match(body, place)
        assert token, f"not sixel at {place}: {body[place : place + 20]!r}"
        place = token.end()
        if token["raster"]:
            assert painted is None
            aspect_1, aspect_2, columns, rows = map(int, token["raster"].split(b";"))
            assert aspect_1 == aspect_2 == 1
            painted = np.full((rows, columns), -1, np.int32)
        elif token["define"]:
            assert painted is not None, "raster attributes come first"
            assert register is None, "a colour is defined after painting began"
            percent = tuple(map(int, token["rgb"].split(b";")))
            assert int(token["define"]) not in palette, "a colour is defined twice"
            assert max(percent) <= 100
            palette[int(token["define"])] = percent
        elif token["select"]:
            register = int(token["select"])
            assert register in palette, f"colour {register} is used but not defined"
        elif token["return"]:
            x = 0
        elif token["next"]:
            x, y = 0, y + 6
        else:
            assert register is not None, "painted before a colour was selected"
            count = int(token["count"] or 1)
            bits = (token["repeated"] or token["sixel"])[0] - 63
            for row in range(6):
                if bits >> row & 1:
                    assert y + row < rows, "painted below the picture"
                    assert x + count <= columns, "painted beyond the right edge"
                    assert not once or (painted[y + row, x : x + count] == -1).all(), "painted twice"
                    painted[y + row, x : x + count] = register
            x += count
    assert (painted >= 0).all(), "not painted everywhere"
    lookup = np.zeros((max(palette) + 1, 3), np.uint8)
    for number, percent in palette.items():
        lookup[number] = [(value * 255 + 50) // 100 for value in percent]
    return lookup[painted]
