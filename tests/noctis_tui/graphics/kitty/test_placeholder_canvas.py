import asyncio
import io
import re
from base64 import b64decode

import numpy as np
import picture_app
import pytest
from PIL import Image

from noctis_tui.graphics.canvas import font_px
from noctis_tui.graphics.canvases import canvas_for
from noctis_tui.graphics.flattening import flatten
from noctis_tui.graphics.kitty.placeholder_canvas import PlaceholderCanvas
from noctis_tui.graphics.kitty.placeholders import MARKS, PLACEHOLDER, placeholder_cells, placeholder_id
from noctis_tui.graphics.labels import draw_labels
from noctis_tui.graphics.site import CellBox, Site
from noctis_tui.graphics.terminal.detection import TerminalGraphics
from noctis_tui.graphics.terminal.passthrough import MOST_BYTES, wrap_commands

CELL_PX = (8, 17)
COLUMNS, ROWS = 30, 10


def site(*covered, x=2, y=3, columns=COLUMNS, rows=ROWS):
    return Site(CellBox(x, y, columns, rows), CellBox(0, 0, columns, rows), frozenset(covered), CELL_PX)


def picture(number, where):
    return picture_app.picture(number, *where.size_px)


class Tmux:
    """Reads what is written like tmux: cells stay with it, the rest goes on to kitty."""

    def __init__(self):
        self.cells = {}
        self.commands = []

    def write(self, pieces):
        for piece in pieces:
            for wrapped in re.findall(rb"\x1bPtmux;((?:[^\x1b]|\x1b\x1b)*)\x1b\\", piece, re.DOTALL):
                plain = wrapped.replace(b"\x1b\x1b", b"\x1b")
                self.commands += re.findall(rb"\x1b_G([^;\x1b]*);?([^\x1b]*)\x1b\\", plain)
            for row, column, cells in re.findall(r"\x1b\[(\d+);(\d+)H(\x1b\[0;.*?\x1b\[0m)", piece.decode()):
                self._put(int(row) - 1, int(column) - 1, cells)

    def _put(self, row, column, cells):
        color = int(re.match(r"\x1b\[0;38;5;(\d+);", cells)[1])
        for offset, (place, in_picture, tag) in enumerate(re.findall(f"{PLACEHOLDER}(.)(.)(.)", cells)):
            image = MARKS.index(tag) << 24 | color
            self.cells[row, column + offset] = (image, MARKS.index(place), MARKS.index(in_picture))

    def take(self):
        """The PNG of the commands since the last time, decoded, and what they are for."""
        controls = [dict(word.split(b"=") for word in control.split(b",")) for control, _ in self.commands]
        content = b64decode(b"".join(payload for _, payload in self.commands))
        self.commands.clear()
        return controls, np.asarray(Image.open(io.BytesIO(content)).convert("RGB")) if content else None


@pytest.fixture
def canvas():
    graphics = TerminalGraphics("kitty", *CELL_PX, 256, "asked for", placeholders="frames")
    made = canvas_for(graphics)
    assert isinstance(made, PlaceholderCanvas)
    return made


def shown(canvas, tmux, number, where, *, again=False):
    tmux.write(canvas.show(canvas.draw(picture(number, where), where, level=0), where, again=again))
    return tmux.take()


def wanted(number, where):
    pixels = flatten(draw_labels(picture(number, where), font_px(CELL_PX[1])))
    return pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)


def test_the_marks_are_the_protocols():
    assert len(MARKS) == len(set(MARKS)) == 297
    assert MARKS[0] == "\u0305"
    assert MARKS[1] == "\u030d"
    assert MARKS[-1] == "\U0001d244"
    assert list(MARKS) == sorted(MARKS)


def test_cells_name_the_picture_and_their_place_in_it(canvas):
    tmux, where = Tmux(), site()
    controls, pixels = shown(canvas, tmux, 1, where)
    np.testing.assert_array_equal(pixels, wanted(1, where))
    first, last = controls[0], controls[-1]
    assert (first[b"a"], last[b"a"], last[b"U"]) == (b"t", b"p", b"1")
    assert (last[b"c"], last[b"r"]) == (b"30", b"10")
    image = int(first[b"i"])
    assert tmux.cells == {
        (3 + row, 2 + column): (image, row, column) for row in range(ROWS) for column in range(COLUMNS)
    }


def test_the_next_picture_is_a_frame_and_no_cell_is_written_again(canvas):
    tmux, where = Tmux(), site()
    shown(canvas, tmux, 1, where)
    tmux.cells.clear()
    controls, pixels = shown(canvas, tmux, 2, where)
    np.testing.assert_array_equal(pixels, wanted(2, where))
    assert {control[b"a"] for control in controls} == {b"f"}
    assert {control[b"r"] for control in controls} == {b"1"}
    assert not tmux.cells


def test_a_terminal_without_frames_gets_a_picture_and_a_placement_each_time():
    tmux, where = Tmux(), site()
    canvas = PlaceholderCanvas(has_frames=False)
    shown(canvas, tmux, 1, where)
    controls, _ = shown(canvas, tmux, 2, where)
    assert (controls[0][b"a"], controls[-1][b"a"]) == (b"t", b"p")


def test_cells_under_a_dialog_are_left_out_and_come_back(canvas):
    tmux, box = Tmux(), CellBox(5, 2, 10, 4)
    shown(canvas, tmux, 1, site(box))
    assert len(tmux.cells) == COLUMNS * ROWS - 40
    assert (3 + 2, 2 + 5) not in tmux.cells

    _, pixels = shown(canvas, tmux, 1, site(), again=True)
    assert pixels is None
    assert len(tmux.cells) == COLUMNS * ROWS


def test_what_was_written_over_is_written_again(canvas):
    tmux, where = Tmux(), site()
    shown(canvas, tmux, 1, where)
    tmux.cells.clear()
    assert canvas.overwritten([CellBox(0, 0, 3, 2)])
    shown(canvas, tmux, 1, where, again=True)
    assert len(tmux.cells) == 6


def test_after_a_break_everything_comes_anew(canvas):
    tmux, where = Tmux(), site()
    shown(canvas, tmux, 1, where)
    canvas.lost()
    tmux.cells.clear()
    controls, _ = shown(canvas, tmux, 1, where)
    assert controls[0][b"a"] == b"t"
    assert len(tmux.cells) == COLUMNS * ROWS


def test_an_abandoned_frame_ends_its_chunks_and_leaves_the_picture(canvas):
    tmux, where = Tmux(), site()
    shown(canvas, tmux, 1, where)
    canvas.show(canvas.draw(picture(2, where), where, level=0), where, again=False)
    tmux.write([canvas.abandon()])
    controls, _ = tmux.take()
    assert controls == [{b"a": b"f", b"r": b"1", b"i": controls[0][b"i"], b"m": b"0", b"q": b"2"}]
    controls, _ = shown(canvas, tmux, 3, where)
    assert controls[0][b"a"] == b"f"


def test_an_abandoned_first_picture_is_sent_as_a_new_one(canvas):
    where = site()
    canvas.show(canvas.draw(picture(1, where), where, level=0), where, again=False)
    canvas.abandon()
    controls, _ = shown(canvas, Tmux(), 1, where)
    assert controls[0][b"a"] == b"t"


def test_another_size_must_be_drawn_anew(canvas):
    drawing = canvas.draw(picture(1, site()), site(), level=0)
    assert canvas.show(drawing, site(columns=20), again=False) is None


def test_coarser_levels_take_fewer_bytes(canvas):
    where = site()
    lengths = [
        len(canvas.draw(picture(1, where), where, level=level).png) for level in range(canvas.coarsest + 1)
    ]
    assert lengths == sorted(lengths, reverse=True)


def test_the_terminal_is_made_to_draw_once_more(canvas):
    tmux, where, written = Tmux(), site(), []

    async def show_and_wait():
        shown(canvas, tmux, 1, where)
        canvas.write = written.append
        canvas.sent(1)
        await asyncio.sleep(0.2)
        canvas.forget()

    asyncio.run(show_and_wait())
    before = dict(tmux.cells)
    tmux.write(written)
    assert len(written) == 1
    assert tmux.cells == before


def test_the_pixels_are_freed(canvas):
    tmux = Tmux()
    tmux.write([canvas.forget()])
    assert tmux.commands == [(tmux.commands[0][0], b"AAAAAA==")]
    controls = [dict(word.split(b"=") for word in tmux.commands[0][0].split(b","))]
    assert (controls[0][b"s"], controls[0][b"v"]) == (b"1", b"1")


def test_wide_and_high_pictures_go_beyond_the_marks():
    image = placeholder_id(1)
    assert placeholder_cells(image, 0, 296, 299).count(PLACEHOLDER) == 3
    assert PLACEHOLDER not in placeholder_cells(image, 297, 0, 3)
    assert "   " in placeholder_cells(image, 297, 0, 3)


def test_views_beside_each_other_have_ids_of_their_own():
    ids = {placeholder_id(number) for number in range(240)}
    assert len(ids) == 240
    assert all(
        16 <= image & 0xFF <= 255 and 0 < image >> 24 <= 255 and not image >> 8 & 0xFFFF for image in ids
    )


def test_no_wrapped_string_is_longer_than_tmux_takes():
    commands = [b"\x1b_Gm=1;" + b"A" * 4000 + b"\x1b\\"] * 50
    wrapped = wrap_commands(commands).split(b"\x1bPtmux;")[1:]
    assert max(map(len, wrapped)) <= MOST_BYTES + 100
    assert sum(part.count(b"\x1b\x1b_G") for part in wrapped) == 50
