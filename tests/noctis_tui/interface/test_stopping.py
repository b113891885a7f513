"""Ctrl+Z while something is being written."""

import signal
import sys
import time
from pathlib import Path

from conftest import REPOSITORY
from pseudo_terminals import PseudoTerminal

APP = """
import os, signal
from textual.app import App
from noctis_tui.interface.stopping import stop_between_events

class Writing(App):
    def on_mount(self):
        stop_between_events(self)
        self.set_timer(0.3, self.write)

    def write(self):
        with self._driver._writer_thread._queue.mutex:  # as every write has it for a moment
            os.kill(os.getpid(), signal.SIGTSTP)
            sum(range(1000))
        self.set_timer(0.5, self.exit)

Writing().run()
"""


def is_stopped(process):
    return "T (stopped)" in Path(f"/proc/{process.pid}/status").read_text()


def test_an_application_that_is_stopped_while_it_writes_stops_and_goes_on():
    command = [sys.executable, "-c", APP]
    with PseudoTerminal(command, environment={"PYTHONPATH": str(REPOSITORY)}) as terminal:
        end = time.monotonic() + 15
        while not is_stopped(terminal.process) and time.monotonic() < end:
            time.sleep(0.02)
        assert is_stopped(terminal.process), "it waits for itself"
        terminal.process.send_signal(signal.SIGCONT)
        assert terminal.process.wait(15) == 0


CONTINUED = """
import threading
from textual.app import App
from noctis_tui.interface.stopping import stop_between_events

class Running(App):
    def on_mount(self):
        stop_between_events(self)
        self.set_timer(0.2, lambda: self._driver.write("ready"))
        self.set_timer(3.0, self.exit)

app = Running()
app.run()
print("left:", sum(each.name == "textual-input" for each in threading.enumerate()), "readers")
"""


def test_an_application_that_others_stop_and_continue_ends_when_it_is_left():
    command = [sys.executable, "-c", CONTINUED]
    with PseudoTerminal(command, environment={"PYTHONPATH": str(REPOSITORY)}) as terminal:
        terminal.wait_for("ready")
        for _ in range(2):
            terminal.process.send_signal(signal.SIGSTOP)
            time.sleep(0.1)
            terminal.process.send_signal(signal.SIGCONT)
            time.sleep(0.2)
        assert terminal.process.wait(15) == 0
        assert "left: 0 readers" in terminal.text
