import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from noctis_tui.graphics.cells.canvas import cell_rows
from noctis_tui.graphics.cells.row_strip import CellStrip, changed_rows
from noctis_tui.graphics.cells.rows import CellRow
from noctis_tui.graphics.picture import Label, Picture
from noctis_tui.graphics.terminal.cell_terminals import Cells

CELL = (4, 8)


def plain(ansi):
    return re.sub(r"\x1b\[[\d;]*m", "", ansi)


def rows(pixels, labels=(), shapes="quadrants", colors="true"):
    return cell_rows(Picture(pixels, None, labels), CELL, Cells(shapes, colors))


def text(row):
    return "".join(letter if letter.isascii() and letter.strip() else "." for letter in row.letters)


def test_labels_are_text():
    labels = (
        Label("R", "left", 2),
        Label("Im: 3\nW 400", "bottom-right"),
        Label("one", "top-left"),
        Label("two", "top-left"),
        Label("12 mm", "top-left", 2, (40, 40)),
    )
    lines = [text(row) for row in rows(np.full((80, 120), 200, np.uint8), labels)]
    assert lines[0].startswith("one.")
    assert lines[1].startswith("two.")
    assert lines[-2].endswith("Im:.3")
    assert lines[-1].endswith("W.400")
    assert any(line.startswith("R.") for line in lines)
    assert lines[5][10:15] == "12.mm"


@pytest.mark.parametrize("colors", ["true", "256", "16", "8", "none"])
def test_text_is_readable_over_white(colors):
    row = rows(np.full((8, 40), 255, np.uint8), (Label("W", "left"),), colors=colors)[0]
    assert row.letters[0] == "W"
    assert row.front[0] != row.back[0]
    if colors == "true":
        assert row.back[0] == 0x555555


@given(st.text(max_size=30), st.sampled_from(["top-left", "right", "bottom"]))
@settings(max_examples=60, deadline=None)
def test_wide_and_zero_width_letters_keep_the_row_as_wide_as_it_is(label, anchor):
    for row in rows(np.zeros((24, 64), np.uint8), (Label(label, anchor),)):
        assert cell_len(plain(row.ansi)) == len(row) == 16
        for start, end in ((0, 7), (5, 16), (3, 9), (4, 4)):
            assert cell_len(plain(row.part(start, end).ansi)) == end - start


def test_cells_alike_share_their_colours():
    flat = rows(np.full((8, 400), 120, np.uint8))[0].ansi
    assert flat == "\x1b[48;2;120;120;120m" + " " * 100 + "\x1b[0m"
    dithered = rows(np.full((8, 400), 123, np.uint8), colors="256")[0].ansi
    assert dithered.count("\x1b") <= 4


def test_a_strip_is_written_as_it_is_and_cut_where_it_is_covered():
    row = rows(np.arange(160, dtype=np.uint8).reshape(1, -1).repeat(8, axis=0))[0]
    strip, console = CellStrip(row), Console()
    assert strip.cell_length == 40
    assert strip.render(console) == row.ansi
    assert strip.crop(0, 40) is strip
    parts = strip.divide([10, 25, 40])
    assert [part.cell_length for part in parts] == [10, 15, 15]
    assert "".join(plain(part.render(console)) for part in parts) == plain(row.ansi)
    assert [segment.text for part in parts for segment in part] == row.letters
    assert list(strip)[3].style.bgcolor.triplet.hex == f"#{row.back[3]:06x}"
    assert len(strip.crop(38)) == 2


def test_only_rows_that_changed_are_written_again():
    def row(letter):
        return CellRow([letter] * 3, [0] * 3, [0] * 3, "true")

    before, after = [row("a"), row("b"), row("c")], [row("a"), row("x"), row("c")]
    assert [(region.y, region.height, region.width) for region in changed_rows(before, after)] == [(1, 1, 3)]
    assert changed_rows(before, list(before)) == []
    assert [region.size for region in changed_rows((), after)] == [(3, 3)]
