"""Esc and a key at once: in xterm the same bytes as Alt and the key."""

import sys
import time
from functools import partial

import pytest
from conftest import require_program
from pydicom.data import get_testdata_file
from receiver_process import ENVIRONMENT
from terminals import PROGRAMS, Terminal
from textual._xterm_parser import XTermParser
from viewing import reading, settled, take_in

from archive.local_archive import LocalArchive
from noctis_tui.interface.escape_first import tell_escaped_keys
from noctis_tui.interface.key_names import key_of

tell_escaped_keys()


def keys(data):
    parser = XTermParser()
    found = list(parser.feed(data))
    time.sleep(0.15)
    return [key_of(event) for event in [*found, *parser.tick()]]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ("\x1bj", ["alt+j"]),
        ("\x1bJ", ["alt+shift+j"]),
        ("\x1bjj", ["alt+j", "j"]),
        ("\x1bb", ["alt+b"]),
        ("\x1bf", ["alt+f"]),
        ("\x1b5", ["alt+5"]),
        ("\x1b.", ["alt+."]),
        ("\x1b#", ["alt+#"]),
        ("\x1b ", ["alt+space"]),
        ("\x1b\r", ["alt+enter"]),
        ("\x1b\x04", ["alt+ctrl+d"]),
        ("\x1b[k", ["alt+[", "k"]),
        ("\x1b", ["escape"]),
        ("\x1b\x1b", ["escape", "escape"]),
        ("\x1b\x1b[A", ["escape", "up"]),
        ("\x1b[A", ["up"]),
        ("\x1bOP", ["f1"]),
        ("\x1b[1;3D", ["alt+left"]),
        ("\x1b\t", ["shift+tab"]),
        ("\x1b[106;3u", ["alt+j"]),
    ],
)
def test_an_escaped_key_is_told_as_alt_and_the_key(data, found):
    assert keys(data) == found


@pytest.fixture
def archive():
    with LocalArchive.temporary() as temporary:
        take_in(temporary, [type(temporary.root)(get_testdata_file("CT_small.dcm"))])
        yield temporary


def type_fast(app, data):
    """What a driver posts for these bytes."""
    parser = XTermParser()
    events = list(parser.feed(data))
    time.sleep(0.15)
    for event in [*events, *parser.tick()]:
        app.post_message(event)


async def test_esc_ends_the_tool_before_the_next_key_acts(archive):
    async with reading(archive) as (pilot, screen):
        await pilot.press("w")
        assert screen.mode == "reading_window"
        type_fast(pilot.app, "\x1bi")
        await pilot.pause(0.2)
        assert screen.mode == ""
        assert screen.active.state.view.inverted
        await pilot.press("w")
        type_fast(pilot.app, "\x1b.")
        await pilot.pause(0.2)
        await settled(pilot, screen)
        assert (screen.mode, screen.active.state.view.inverted) == ("", False)


async def test_esc_gives_words_up_before_the_next_key(archive):
    async with reading(archive) as (pilot, screen):
        await pilot.press("T", "enter", "n", "o")
        await pilot.pause(0.1)
        type_fast(pilot.app, "\x1bi")
        await pilot.pause(0.3)
        assert screen.mode == ""
        assert not screen.measuring.editing.kept.annotations
        assert screen.active.state.view.inverted


async def test_a_bound_alt_key_stays_one_key(archive):
    from noctis_tui.interface.keymap import Keymap

    async with reading(archive) as (pilot, screen):
        pilot.app.keymap = Keymap(pilot.app.keymap.registry, [{"reading": {"invert": "alt+r"}}])
        await pilot.press("w")
        screen.mode = "reading_window"
        type_fast(pilot.app, "\x1br")
        await pilot.pause(0.2)
        assert screen.mode == "reading_window"
        assert screen.active.state.view.inverted


@pytest.mark.terminal
def test_esc_struck_just_before_another_key_in_xterm(tmp_path):
    require_program("xterm", *PROGRAMS)
    file = get_testdata_file("CT_small.dcm")
    command = [sys.executable, "-m", "noctis_tui", "--archive", str(tmp_path), "view", file]
    environment = {"PYTHONPATH": ENVIRONMENT["PYTHONPATH"], "NOCTIS_GRAPHICS": "blocks"}
    with Terminal("xterm", command, 80, 24, environment=environment) as terminal:
        until(lambda: "Zoom" in terminal.text())
        until(partial(draws_a_box, terminal))  # not before the series is read
        terminal.press("Escape")
        until(lambda: "Box" not in terminal.text())
        terminal.press("w")
        until(lambda: "WINDOW" in terminal.text())
        terminal.strike("Escape", "b")
        until(lambda: "Box" in terminal.text())  # the two at once were Ctrl+Left to Textual
        terminal.strike("Escape", "period")
        until(lambda: "Box" not in terminal.text())
        terminal.strike("Escape", "q")
        until(lambda: terminal.exit_status is not None)


def draws_a_box(terminal):
    terminal.press("b")
    time.sleep(0.2)
    return "Box" in terminal.text()


def until(holds, seconds=30):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)
