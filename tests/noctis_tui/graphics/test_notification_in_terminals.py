"""Notifications in real terminals: kitty hands them to the desktop, and the screen shows nothing of them."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np
import pytest
from conftest import REPOSITORY, require_program
from terminals import PROGRAMS, Terminal

pytestmark = pytest.mark.terminal
SAY = """
import sys, time
from noctis_tui.graphics.notification import notification
for protocol in sys.argv[1:]:
    sys.stdout.buffer.write(notification(protocol, "\\x1b]0;PWNED\\x07\\x9c;4;1 Müller has arrived"))
print("said", flush=True)
time.sleep(60)
"""


def saying(kind, tmp_path, *protocols):
    script = tmp_path / "say.py"
    script.write_text(SAY)
    command = [sys.executable, str(script), *protocols]
    return Terminal(kind, command, 60, 6, environment={"PYTHONPATH": str(REPOSITORY)})


@pytest.mark.parametrize("kind", ["xterm", "kitty"])
def test_a_terminal_shows_nothing_of_a_notification(kind, tmp_path):
    require_program(kind, *PROGRAMS)
    with saying(kind, tmp_path) as terminal:
        without = terminal.settle()
    with saying(kind, tmp_path, "osc9", "osc777", "osc99") as terminal:
        terminal.wait_until(lambda pixels: np.array_equal(pixels, without))


@pytest.fixture
def desktop(tmp_path, monkeypatch):
    """A session bus that no desktop listens on, and the log of what is called on it."""
    require_program("dbus-daemon", "dbus-monitor")
    with (tmp_path / "bus.log").open("wb") as log:
        address = f"unix:path={tmp_path}/bus"
        options = ["--session", "--nofork", "--nopidfile", f"--address={address}", "--print-address=1"]
        bus = subprocess.Popen(["dbus-daemon", *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        bus.stdout.readline()
        monitor = subprocess.Popen(["dbus-monitor", "--address", address], stdout=log, stderr=log)
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield tmp_path / "bus.log"
        for process in (monitor, bus):
            process.terminate()
            process.communicate()


def test_kitty_hands_the_notification_to_the_desktop(desktop, tmp_path):
    require_program("kitty", *PROGRAMS)
    with saying("kitty", tmp_path, "osc99") as terminal:
        terminal.settle()
        deadline = time.monotonic() + 20
        while "has arrived" not in (told := desktop.read_text(errors="replace")):
            assert time.monotonic() < deadline, told
            time.sleep(0.1)
    assert "member=Notify" in told
    assert 'string "Noctis"' in told
    assert 'string "␛]0;PWNED␇\\x9c;4;1 Müller has arrived"' in told
