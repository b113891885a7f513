"""`noctis demo` on a pseudo-terminal: studies arrive from a second process, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
from pseudo_terminals import PseudoTerminal
from receiver_process import ENVIRONMENT

COMMAND = [sys.executable, "-m", "noctis_tui", "demo"]


def environment(folder) -> dict[str, str]:
    return {
        "NOCTIS_GRAPHICS": "blocks",
        "TMPDIR": str(folder),
        "NOCTIS_CONFIG": str(folder / "none.toml"),
        "PYTHONPATH": ENVIRONMENT["PYTHONPATH"],
    }


def processes_of(folder) -> list[str]:
    """Return the command lines of the living processes that were told about the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except (OSError, ValueError):
            continue
        if str(folder) in line and state != "Z":
            found.append(line)
    return found


@pytest.mark.parametrize("how", ["q", signal.SIGTERM, signal.SIGHUP])
def test_studies_arrive_and_leaving_removes_everything(tmp_path, how):
    with PseudoTerminal(COMMAND, 120, 36, environment(tmp_path)) as terminal:
        terminal.wait_for("Demo: watch studies arrive")
        terminal.wait_for("Okafor, Daniel")
        terminal.wait_for("Berger, Jörg")
        assert list(tmp_path.glob("noctis-demo-*"))
        if how == "q":
            terminal.type("q", 0)
        else:
            os.kill(terminal.process.pid, how)
        assert terminal.process.wait(20) == 0
    assert not list(tmp_path.glob("noctis-demo-*"))
    assert not processes_of(tmp_path)
