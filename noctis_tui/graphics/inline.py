"""One picture at the cursor, for commands that end: the same encoders, without the interface."""

from __future__ import annotations

import os
import secrets
import shutil
from typing import TYPE_CHECKING

from noctis_tui.graphics.canvas import font_px
from noctis_tui.graphics.cells.canvas import cell_rows
from noctis_tui.graphics.encoding.dither import Quality
from noctis_tui.graphics.encoding.png import encode_png
from noctis_tui.graphics.encoding.sixel import encode_sixel
from noctis_tui.graphics.kitty import commands as kitty
from noctis_tui.graphics.kitty.placeholders import placeholder_cells, placeholder_id
from noctis_tui.graphics.labels import draw_labels
from noctis_tui.graphics.sixel.tmux import with_every_register
from noctis_tui.graphics.terminal.passthrough import wrap_commands

if TYPE_CHECKING:
    from noctis_tui.graphics.picture import Picture
    from noctis_tui.graphics.terminal.detection import TerminalGraphics

LARGEST_PX = 1000
"""What a pipe is given when nobody says a size, and the most that a terminal is given."""

INLINE = Quality((101,), grain=0.5)
"""Every grey that sixel can state: a single picture has time."""


def asked_size_px(graphics: TerminalGraphics, size: tuple[int, int]) -> tuple[int, int]:
    """Return the picture's pixels for a size that was asked for; in cells, one is half a cell's height."""
    if graphics.protocol != "blocks":
        return size
    return size[0] * graphics.cell_width_px, -(-size[1] // 2) * graphics.cell_height_px


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
        cell_px = (graphics.cell_width_px, graphics.cell_height_px)
        return "".join(f"{row.ansi}\n" for row in cell_rows(picture, cell_px, graphics.cells)).encode()
    labelled = draw_labels(picture, font_px(graphics.cell_height_px))
    if graphics.protocol == "sixel":
        # A newline after the picture: terminals leave the cursor on its last line.
        sixels = encode_sixel(labelled, INLINE, registers=graphics.color_registers)
        return (with_every_register(sixels) if graphics.whole_bands else sixels) + b"\n"
    if graphics.placeholders:
        return _in_placeholders(labelled, graphics)
    image_id = (os.getpid() & 0xFFFF) << 15 | secrets.randbelow(1 << 15) | 1
    return kitty.show_here(image_id, labelled) + b"\n"


def _in_placeholders(picture: Picture, graphics: TerminalGraphics) -> bytes:
    """Whole cells: the terminal fits the picture into them, its proportions kept."""
    image_id = placeholder_id(secrets.randbelow(1 << 15))
    columns = -(-picture.size_px[0] // graphics.cell_width_px)
    rows = -(-picture.size_px[1] // graphics.cell_height_px)
    place = b"\x1b_Ga=p,U=1,i=%d,c=%d,r=%d,q=2\x1b\\" % (image_id, columns, rows)
    lines = "".join(f"{placeholder_cells(image_id, row, 0, columns)}\n" for row in range(rows))
    return wrap_commands([*kitty.send(image_id, encode_png(picture)), place]) + lines.encode()
