"""Pictures in cells in real terminals: near what they should be, around dialogs and after resizing."""

import sys
from pathlib import Path

import numpy as np
import picture_app
import pytest
from cell_screen import psnr
from conftest import REPOSITORY, require_program
from PIL import Image
from terminals import PROGRAMS, Terminal

from noctis_tui.graphics.flattening import flatten
from noctis_tui.graphics.terminal.cell_terminals import fine_cell_px

pytestmark = pytest.mark.terminal

LEAST_DB = {"xterm": 19, "kitty": 20}
"""Quadrants of a font, sextants of the terminal's own; another picture is 3 dB and more below."""


@pytest.mark.parametrize("kind", ["xterm", "kitty"])
def test_cells_show_the_picture(kind):
    require_program(kind, *PROGRAMS)
    command = [sys.executable, str(Path(picture_app.__file__)), "one"]
    environment = {"PYTHONPATH": str(REPOSITORY), "NOCTIS_GRAPHICS": "blocks"}
    with Terminal(kind, command, 60, 20, environment=environment) as terminal:
        terminal.wait_until(near(terminal, 0))
        terminal.press(*"nnnnnn")
        terminal.wait_until(near(terminal, 6))
        terminal.press("d")
        terminal.wait_until(lambda pixels: not near(terminal, 6)(pixels))
        terminal.press("Escape")
        terminal.wait_until(near(terminal, 6))
        terminal.resize(75, 24)
        terminal.wait_until(near(terminal, 6))


def near(terminal, number):
    width, height = terminal.cell_px
    rows, columns = (terminal.rows - 1) * height, terminal.columns * width
    fine = fine_cell_px((width, height))
    picture = picture_app.picture(number, terminal.columns * fine[0], (terminal.rows - 1) * fine[1])
    flat = Image.fromarray(flatten(picture)).resize((columns, rows), Image.Resampling.BOX)
    wanted = np.asarray(flat).mean(axis=2)

    def holds(pixels):
        seen = pixels[height : rows - height, :columns].mean(axis=2)
        return psnr(seen, wanted[height : rows - height]) > LEAST_DB[terminal.kind]

    return holds
