"""What is detected in real terminals and multiplexers, and whether the right picture is seen there."""

import re
import secrets
import shlex
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import picture_app
import pytest
from conftest import REPOSITORY, require_program
from terminals import PROGRAMS, Terminal

from noctis_tui.graphics.canvas import font_px
from noctis_tui.graphics.flattening import flatten
from noctis_tui.graphics.labels import draw_labels
from noctis_tui.graphics.terminal.cell_terminals import fine_cell_px

pytestmark = pytest.mark.terminal

COLUMNS, ROWS = 60, 20
APP = [sys.executable, str(Path(picture_app.__file__)), "one"]


def version(*command):
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return tuple(int(number) for number in re.search(r"(\d+)\.(\d+)", said).groups())


@pytest.fixture
def in_tmux(tmp_path):
    """Command of a private tmux with these settings around a command; its server is ended with the test."""
    require_program("tmux")
    socket = str(tmp_path / "tmux")

    def around(command, *settings):
        configuration = tmp_path / "tmux.conf"
        configuration.write_text("".join(f"{setting}\n" for setting in settings))
        return ["tmux", "-f", str(configuration), "-S", socket, "new-session", shlex.join(command)]

    yield around
    subprocess.run(["tmux", "-S", socket, "kill-server"], capture_output=True, check=False)


@pytest.fixture
def in_screen():
    """Command of a GNU screen of this test's own around a command; it is ended with the test."""
    require_program("screen")
    name = f"noctis-{secrets.token_hex(6)}"
    yield lambda command: ["screen", "-S", name, "-c", "/dev/null", *command]
    subprocess.run(["screen", "-S", name, "-X", "quit"], capture_output=True, check=False)


def running(kind, command, *, options=()):
    require_program(kind, *PROGRAMS)
    environment = {"PYTHONPATH": str(REPOSITORY), "NOCTIS_GRAPHICS": "", "NOCTIS_CELLS": ""}
    return Terminal(kind, command, COLUMNS, ROWS, environment=environment, options=options)


def expected_pixels(terminal, rows):
    """The app's picture as pixels."""
    width, height = terminal.cell_px
    picture = picture_app.picture(0, COLUMNS * width, rows * height)
    pixels = flatten(draw_labels(picture, font_px(height))).astype(int)
    return pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)


def expected_cells(terminal, rows):
    """How bright each cell of the app's picture is, in cells."""
    width, height = fine_cell_px(terminal.cell_px)
    picture = picture_app.picture(0, COLUMNS * width, rows * height)
    return picture.pixels.reshape(rows, height, COLUMNS, width).mean(axis=(1, 3))


def shows_pixels(terminal, rows, tolerance):
    wanted = expected_pixels(terminal, rows)

    def holds(seen):
        left, top = (spare // 2 for spare in terminal.spare_px)
        part = seen[top : top + wanted.shape[0], left : left + wanted.shape[1]].astype(int)
        return part.shape == wanted.shape and np.abs(part - wanted).max() <= tolerance

    return holds


def shows_cells(terminal, rows):
    wanted = expected_cells(terminal, rows)

    def holds(seen):
        width, height = terminal.cell_px
        part = seen[: rows * height, : COLUMNS * width].astype(float)
        means = part.reshape(rows, height, COLUMNS, width, 3).mean(axis=(1, 3, 4))
        # Labels and the overlay stand in a few cells; the border's colours in those at the edge.
        return np.median(np.abs(means - wanted)[1:-1, 1:-1]) < 10

    return holds


def leaves_nothing(terminal):
    terminal.press("q")
    end = time.monotonic() + 20
    while terminal.exit_status is None and time.monotonic() < end:
        time.sleep(0.1)
    assert terminal.exit_status == 0
    terminal.wait_until(lambda pixels: (pixels.max(axis=2) < 40).mean() > 0.9)


def test_mlterm_shows_pixels():
    with running("mlterm", APP) as terminal:
        terminal.wait_until(shows_pixels(terminal, ROWS - 1, 9))
        leaves_nothing(terminal)


def test_an_xterm_without_sixel_shows_cells():
    with running("xterm", APP, options=["-ti", "vt100"]) as terminal:
        terminal.wait_until(shows_cells(terminal, ROWS - 1))
        leaves_nothing(terminal)


def test_screen_shows_cells(in_screen):
    # Of a terminal that says it has 8 colours, screen makes use of no more.
    with running("xterm", in_screen(APP), options=["-tn", "xterm-256color"]) as terminal:
        terminal.wait_until(shows_cells(terminal, ROWS - 1))
        leaves_nothing(terminal)


def test_tmux_in_xterm_shows_sixel_where_it_can(in_tmux):
    with running("xterm", in_tmux(APP)) as terminal:
        rows = ROWS - 2
        if version("tmux", "-V") >= (3, 4):
            terminal.wait_until(shows_pixels(terminal, rows, 9))
        else:
            terminal.wait_until(shows_cells(terminal, rows))
        leaves_nothing(terminal)


@pytest.mark.parametrize("passthrough", ["on", "off"])
def test_tmux_in_kitty_shows_pixels_through_its_passthrough(in_tmux, passthrough):
    require_program("kitty")
    setting = f"set -g allow-passthrough {passthrough}"
    with running("kitty", in_tmux(APP, setting)) as terminal:
        rows = ROWS - 2
        if passthrough == "on" and version("kitty", "--version") >= (0, 28):
            terminal.wait_until(shows_pixels(terminal, rows, 1))
        else:
            terminal.wait_until(shows_cells(terminal, rows))
        leaves_nothing(terminal)
