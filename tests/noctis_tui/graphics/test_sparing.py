"""Screen updates without the cells of pictures, against a small screen of characters."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from noctis_tui.graphics.site import CellBox
from noctis_tui.graphics.sparing import SparingUpdate

COLUMNS, ROWS = 20, 6
boxes = st.builds(CellBox, st.integers(0, 19), st.integers(0, 5), st.integers(1, 12), st.integers(1, 4))


def layout():
    lines = [[Strip([Segment("a" * 7)]), Strip([Segment("b" * 13)])] for _ in range(ROWS)]
    return LayoutUpdate(lines, Region(0, 0, COLUMNS, ROWS))


def chops(spans):
    lines = [{0: Strip([Segment("a" * 7)]), 7: None, 9: Strip([Segment("c" * 11)])} for _ in range(ROWS)]
    return ChopsUpdate(lines, spans, [[7, 9, 20]] * ROWS)


def written(text):
    """Which character stands where, after moves (CUP) and characters."""
    screen, x, y = {}, 0, 0
    for move, letter in re.findall(r"\x1b\[(\d+;\d+)H|([^\x1b])", text):
        if move:
            y, x = (int(number) - 1 for number in move.split(";"))
        elif letter == "\n":
            x, y = 0, y + 1
        else:
            screen[x, y] = letter
            x += 1
    return screen


def sparing(update, spared):
    told = []
    text = SparingUpdate(update, spared, told.extend).render_segments(Console())
    return written(text), told


def cells(boxes):
    return {(x, y) for b in boxes for x in range(b.x, b.x + b.width) for y in range(b.y, b.y + b.height)}


spans = st.lists(
    st.tuples(st.integers(0, ROWS - 1), st.integers(0, 18), st.integers(1, 20)).filter(lambda s: s[1] < s[2]),
    min_size=1,
    max_size=6,
)


@given(st.lists(boxes, max_size=4))
@settings(deadline=None)
def test_a_whole_screen_is_written_but_for_the_pictures(spared):
    whole = written(layout().render_segments(Console()))
    shown, told = sparing(layout(), spared)
    assert shown == {cell: letter for cell, letter in whole.items() if cell not in cells(spared)}
    assert cells(told) == set(shown)


@given(spans, st.lists(boxes, max_size=4))
@settings(deadline=None)
def test_a_part_of_the_screen_is_written_but_for_the_pictures(spans, spared):
    part = written(chops(spans).render_segments(Console()))
    shown, told = sparing(chops(spans), spared)
    assert shown == {cell: letter for cell, letter in part.items() if cell not in cells(spared)}
    assert cells(told) == set(shown)
