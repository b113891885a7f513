"""One picture at the cursor, for commands that end: the same encoders, without the interface."""

from __future__ import annotations

import os
import secrets
import shutil
from typing import TYPE_CHECKING

from noctis_tui.graphics import kitty
from noctis_tui.graphics.canvas import font_px
from noctis_tui.graphics.dither import Quality
from noctis_tui.graphics.halfcell import cell_of, halves, label_cells
from noctis_tui.graphics.labels import draw_labels
from noctis_tui.graphics.sixel import encode_sixel

if TYPE_CHECKING:
    from noctis_tui.graphics.detection import TerminalGraphics
    from noctis_tui.graphics.picture import Picture

LARGEST_PX = 1000
"""What a pipe is given when nobody says a size, and the most that a terminal is given."""

INLINE = Quality((101,), grain=0.5)
"""Every grey that sixel can state: a single picture has time."""


def fitting_size_px(graphics: TerminalGraphics) -> tuple[int, int]:
    """Width and height of a picture that fits the terminal and leaves a line for the prompt."""
    columns, rows = shutil.get_terminal_size()
    width = columns * graphics.cell_width_px
    height = max(rows - 2, 1) * graphics.cell_height_px
    if graphics.protocol == "blocks":
        return width, height
    largest_width, largest_height = graphics.max_picture_px or (LARGEST_PX, LARGEST_PX)
    return min(width, LARGEST_PX, largest_width), min(height, LARGEST_PX, largest_height - 5)


def inline(picture: Picture, graphics: TerminalGraphics) -> bytes:
    """Bytes that show the picture at the cursor and leave the cursor on the line below."""
    if graphics.protocol == "blocks":
        return _blocks(picture, true_color=graphics.true_color)
    labelled = draw_labels(picture, font_px(graphics.cell_height_px))
    if graphics.protocol == "sixel":
        # A newline after the picture: terminals leave the cursor on its last line.
        return encode_sixel(labelled, INLINE, registers=graphics.color_registers) + b"\n"
    image_id = (os.getpid() & 0xFFFF) << 15 | secrets.randbelow(1 << 15) | 1
    return kitty.show_here(image_id, labelled) + b"\n"


def _blocks(picture: Picture, *, true_color: bool) -> bytes:
    pairs = halves(picture)
    rows, columns = pairs.shape[:2]
    letters = label_cells(picture.labels, columns, rows)
    sgr = _true_color_sgr if true_color else _indexed_sgr
    lines = []
    for row in range(rows):
        last = ""
        for column, pair in enumerate(pairs[row].tolist()):
            letter, foreground, background = cell_of(pair, letters.get((row, column)))
            colors = sgr(38, foreground) + sgr(48, background)
            lines.append(letter if colors == last else colors + letter)
            last = colors
        lines.append("\x1b[0m\n")
    return "".join(lines).encode()


def _true_color_sgr(layer: int, rgb: tuple[int, ...]) -> str:
    return f"\x1b[{layer};2;{rgb[0]};{rgb[1]};{rgb[2]}m"


def _indexed_sgr(layer: int, rgb: tuple[int, ...]) -> str:
    """Nearest of xterm's 256 colours: the 24 greys for what is grey, else the 6 x 6 x 6 cube."""
    if max(rgb) - min(rgb) < 12:
        grey = sum(rgb) // 3
        number = 16 if grey < 4 else 231 if grey > 246 else 232 + min(max((grey - 3) // 10, 0), 23)
    else:
        red, green, blue = (0 if value < 48 else 1 if value < 115 else (value - 35) // 40 for value in rgb)
        number = 16 + 36 * red + 6 * green + blue
    return f"\x1b[{layer};5;{number}m"
