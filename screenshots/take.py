"""Regenerate every picture in this folder: `noctis demo` in real terminals under a virtual X server.

    python screenshots/take.py [--only xterm-120x36] [--into FOLDER]

Needs the packages that `.ci/run` installs. What is shown ships with the project or with pydicom: no patient.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from terminals import Terminal  # noqa: E402 - the tests' own way to drive a terminal

if TYPE_CHECKING:
    from collections.abc import Callable

ARRIVING_SECONDS = 6.0
ARRIVED_SECONDS = 20.0
SIZES = ((120, 36), (200, 60))
SMALL = (80, 24)
"""To be looked at, by `--only`; not kept."""


class Scenes:
    """What is looked at, in the order of one session."""

    def __init__(self, terminal: Terminal, save: Callable[[str], None]) -> None:
        self._terminal = terminal
        self._save = save
        self._began = time.monotonic()

    def take(self) -> None:
        """Play the session and save its pictures."""
        self._wait_until(ARRIVING_SECONDS)
        self._save("worklist-receiving")
        self._wait_until(ARRIVED_SECONDS)
        self._press("l")
        self._save("receiver")
        self._press("q")
        self._read("Hollis")
        self._press("repeat:55:j", "2")
        self._save("ct-lung")
        self._press("3")
        self._save("ct-bone")
        self._press("1", "g", "f")
        self._save("four-up")
        self._press("question")
        self._save("help")
        self._press("Escape", "q")
        self._read("Novak")
        self._save("ultrasound-colour")

    def _read(self, name: str) -> None:
        """Filter the worklist by a name and read the study that is left."""
        self._press("Escape", "slash")
        self._terminal.type(name)
        self._press("Return", "Return")

    def _press(self, *keys: str) -> None:
        for key in keys:
            count, name = (
                (int(key.split(":")[1]), key.split(":")[2]) if key.startswith("repeat:") else (1, key)
            )
            self._terminal.press(*[name] * count)
            self._terminal.settle()

    def _wait_until(self, seconds: float) -> None:
        time.sleep(max(0.0, self._began + seconds - time.monotonic()))


def take(kind: str, size: tuple[int, int], into: Path) -> None:
    """Play the session in one terminal of one size."""
    columns, rows = size
    command = [sys.executable, "-m", "noctis_tui", "demo"]
    with Terminal(kind, command, columns, rows) as terminal:

        def save(name: str) -> None:
            path = into / f"{name}-{kind}-{columns}x{rows}.png"
            terminal.save(path)
            print(path.name)

        terminal.settle(within_seconds=30)
        Scenes(terminal, save).take()


def main() -> None:
    """Take them all, or those of one terminal and size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="TERMINAL-COLUMNSxROWS")
    parser.add_argument("--into", type=Path, default=HERE)
    options = parser.parse_args()
    for kind in ("xterm", "kitty"):
        for size in (*SIZES, SMALL):
            wanted = options.only == f"{kind}-{size[0]}x{size[1]}" if options.only else size != SMALL
            if wanted:
                take(kind, size, options.into)


if __name__ == "__main__":
    main()
