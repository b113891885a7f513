"""The receiver's screen in a real terminal: drawn, alive while images come, gone again by one key."""

from __future__ import annotations

import sys

import pytest
from conftest import require_program
from interface_apps import open_archive
from receiver_process import ENVIRONMENT
from terminals import PROGRAMS, Terminal

from archive.network.association_log import AssociationLog
from archive.network.events import Event

pytestmark = pytest.mark.terminal
WARNING, ACCENT, SUCCESS = (208, 167, 95), (110, 168, 200), (127, 174, 134)


def near(pixels, color, by=8):
    return (abs(pixels.astype(int) - color) <= by).all(axis=2)


def fill(root):
    """Leave a refused association in the log of an archive."""
    peer = {"peer": "10.0.0.7:5", "calling_ae_title": "CT99", "called_ae_title": "NOCTIS_SCP"}
    with open_archive(root) as (archive, _):
        log = AssociationLog(archive.layout)
        log.start()
        log.hear(
            Event("association_rejected", peer | {"factor": "calling_ae_title", "reason": "it is unknown"})
        )
        log.close()


@pytest.mark.parametrize("kind", ["xterm", "kitty"])
def test_a_refused_peer_is_seen_and_explained(tmp_path, kind):
    require_program(kind, *PROGRAMS)
    root = tmp_path / "archive"
    fill(root)
    (root / "noctis.toml").write_text("[receiver]\nport = 0\n")
    command = [sys.executable, "-m", "noctis_tui", "--archive", str(root)]
    with Terminal(kind, command, 80, 24, environment={"PYTHONPATH": ENVIRONMENT["PYTHONPATH"]}) as terminal:
        width, height = terminal.cell_px
        terminal.wait_until(
            lambda pixels: near(pixels[-2 * height : -height], SUCCESS).any(), 40
        )  # it receives
        terminal.press("l")
        pixels = terminal.wait_until(lambda pixels: near(pixels, WARNING).sum() > 20)
        assert near(pixels[2 * height : 6 * height], ACCENT, 90).any()  # the graphs' ground line
        assert near(pixels[-height:], ACCENT).any()  # hints, on the last row
        terminal.press("Return")
        dialog = terminal.settle()
        assert near(dialog, (23, 27, 31)).sum() > 20 * width * 4 * height  # the panel of a dialog
        terminal.press("Escape", "q", "ctrl+q")
        terminal.wait_until(lambda _: terminal.exit_status is not None)
        assert terminal.exit_status == 0
