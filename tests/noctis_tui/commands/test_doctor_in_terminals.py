"""The test pattern of `noctis doctor graphics` in real terminals, and the shell's line after it."""

import sys
import time

import numpy as np
import pytest
from conftest import REPOSITORY, require_program
from terminals import PROGRAMS, Terminal

from noctis_tui.graphics.canvas import font_px
from noctis_tui.graphics.flattening import flatten
from noctis_tui.graphics.labels import draw_labels
from noctis_tui.graphics.terminal.pattern import pattern

pytestmark = pytest.mark.terminal

COLUMNS, ROWS = 80, 24
DOCTOR = f"{sys.executable} -m noctis_tui doctor graphics"


def running(kind):
    require_program(kind, *PROGRAMS)
    # What the terminal still said after the command would be echoed where the next one is typed.
    command = ["sh", "-c", f"{DOCTOR}; status=$?; sleep 1; echo status $status"]
    environment = {"PYTHONPATH": str(REPOSITORY), "NOCTIS_GRAPHICS": ""}
    return Terminal(kind, command, COLUMNS, ROWS, environment=environment)


def expected(terminal, lines):
    width, height = terminal.cell_px
    picture = pattern((COLUMNS - 1) * width, lines * height)
    return flatten(draw_labels(picture, font_px(height))).astype(int)


def finished(terminal):
    end = time.monotonic() + 40
    while terminal.exit_status is None and time.monotonic() < end:
        time.sleep(0.1)
    assert terminal.exit_status == 0
    return terminal.settle()


def test_xterm_shows_the_pattern_and_no_answer_stays_behind():
    with running("xterm") as terminal:
        seen = finished(terminal).astype(int)
        text = terminal.text().splitlines()
        lines = next(number for number, line in enumerate(text) if line.startswith("17 greys"))
        wanted = expected(terminal, lines)
        assert np.abs(seen[: wanted.shape[0], : wanted.shape[1]] - wanted).max() <= 4
    said = "\n".join(line.rstrip() for line in text).rstrip()
    assert "^[" not in said
    assert said.endswith("\nstatus 0")
    assert "sixel graphics: XTerm(" in said
    assert "round trip" in said


def test_kitty_shows_the_pattern():
    with running("kitty") as terminal:
        seen = finished(terminal).astype(int)
        matches = []
        for lines in range(5, ROWS):
            wanted = expected(terminal, lines)
            part = seen[: wanted.shape[0], : wanted.shape[1]]
            matches.append(part.shape == wanted.shape and np.abs(part - wanted).max() <= 1)
        assert any(matches)
