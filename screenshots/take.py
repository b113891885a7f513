"""Regenerate every picture in this folder: real terminals under a virtual X server, driven by keys.

    python screenshots/take.py [--only xterm-80x24] [--into FOLDER]

Needs the packages that `.ci/run` installs. What is shown is generated, or ships with pydicom: no patient.
`--only` takes every scene in one terminal of one size, to be looked at; without it those of `KEPT` are taken.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "tests"), str(HERE.parent)]

from clinic import write_clinic  # noqa: E402 - the tests' own patients
from PIL import Image  # noqa: E402 - behind the path
from terminals import Terminal  # noqa: E402 - the tests' own way to drive a terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    Save = Callable[[str], None]

NOCTIS = [sys.executable, "-m", "noctis_tui"]
ARRIVING_SECONDS = 6.0
ARRIVED_SECONDS = 20.0
STANDARD = (120, 36)
KEPT: dict[tuple[str, tuple[int, int]], frozenset[str] | None] = {
    ("xterm", STANDARD): None,
    ("kitty", STANDARD): frozenset({"ct-lung", "measurements", "four-panes", "planes"}),
}
"""Which scenes are kept of which terminal; None for all."""
RECEIVING = (127, 174, 134)
MIDDLE = 144
"""Column and row of the CT where a tool's cross stands first."""


class Hands:
    """Presses keys and waits until the picture rests."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal

    def press(self, *keys: str) -> None:
        """Press keys by their X names; `55*j` is j so many times."""
        for key in keys:
            count, _, name = key.rpartition("*")
            self.terminal.strike(*[name] * int(count or 1))
            self.terminal.settle()

    def read(self, name: str) -> None:
        """Filter the worklist by a name and read the first study that is left."""
        self.press("slash", "ctrl+a", "ctrl+k")
        self.terminal.type(name)
        self.press("Return", "Return")

    def draw(self, tool: str, *points: tuple[int, int], words: str = "") -> None:
        """Draw a shape through image points, by keys alone."""
        self.press(tool)
        column = row = MIDDLE
        for to_column, to_row in points:
            self._move(to_column - column, ("Left", "Right"))
            self._move(to_row - row, ("Up", "Down"))
            self.press("Return")
            column, row = to_column, to_row
        if words:
            self.terminal.type(words)
            self.press("Return")
        self.press("Escape")

    def _move(self, by: int, names: tuple[str, str]) -> None:
        tens, ones = divmod(abs(by), 10)
        self.terminal.strike(*[f"shift+{names[by > 0]}"] * tens, *[names[by > 0]] * ones)


def play_demo(terminal: Terminal, save: Save) -> None:
    """Watch studies arrive, and read some of them."""
    hands, began = Hands(terminal), time.monotonic()
    time.sleep(ARRIVING_SECONDS)
    hands.press("k")  # from the study that came first to the phantom
    save("worklist-receiving")
    time.sleep(max(0.0, began + ARRIVED_SECONDS - time.monotonic()))
    hands.press("l")
    save("receiver")
    hands.press("q")
    hands.read("Hollis")
    hands.press("55*j", "2")
    save("ct-lung")
    hands.press("1", "m")
    time.sleep(2)
    hands.press("3", "a")
    time.sleep(1)
    save("planes")
    hands.press("o", "4*Right", "12*Up")
    time.sleep(1)
    save("oblique-planes")
    hands.press("Escape", "q", "q", "q")


def play_reading(terminal: Terminal, save: Save) -> None:
    """Read, measure, compare and export what was generated."""
    hands = Hands(terminal)
    hands.read("hollis")
    hands.press("2*J", "5*j")
    time.sleep(6)  # until nothing is said in the corner
    _measure(hands, save)
    _look_around(hands, save)
    _beside(hands, save)
    _other_screens(hands, save)
    hands.press("ctrl+o")
    time.sleep(8)
    hands.press("5*Right")
    save("report")
    hands.press("q")
    hands.read("whitf")
    save("radiograph")
    hands.press("q")
    hands.read("okafor")
    hands.draw("d", (174, 150), (238, 150))
    save("ultrasound-colour")
    hands.press("q", "slash", "ctrl+a", "ctrl+k")
    terminal.type("hollis")
    hands.press("Return", "space", "j", "space", "D")
    save("differences")
    hands.press("q", "q")


def _measure(hands: Hands, save: Save) -> None:
    hands.draw("d", (66, 129), (86, 129))
    hands.draw("e", (100, 88), (118, 104))
    hands.draw("b", (196, 134), (212, 146))
    hands.draw("B", (70, 139), (62, 160), words="simple cyst")
    hands.press("asterisk")
    save("measurements")
    hands.press("M", "2*j")
    save("measurement-list")
    hands.press("Escape", "h")
    save("histogram")
    hands.press("h")


def _look_around(hands: Hands, save: Save) -> None:
    hands.press("o")
    time.sleep(1)
    save("segments")
    hands.press("o", "F", "2", "2")
    time.sleep(1)
    hands.press("H", "3*Left", "H")
    save("four-panes")
    hands.press("f")


def _beside(hands: Hands, save: Save) -> None:
    hands.press("ampersand", "Return")
    time.sleep(1)
    save("comparison")
    hands.press("ampersand", "Return")


def _other_screens(hands: Hands, save: Save) -> None:
    hands.press("I", "12*j")
    save("tags")
    hands.press("q", "ctrl+x")
    save("export")
    hands.press("Escape", "comma")
    save("preferences")
    hands.press("q", "question")
    save("help")
    hands.press("Escape")


def archive_in(folder: Path) -> Path:
    """Make an archive of the tests' patients, which nobody holds."""
    root = folder / "archive"
    write_clinic(folder / "files")
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    importing = [*NOCTIS, "--archive", str(root), "import", str(folder / "files")]
    subprocess.run(importing, env=environment, check=True, stdout=subprocess.DEVNULL)
    (root / "noctis.toml").write_text("[receiver]\nport = 0\n")
    return root


def take(kind: str, size: tuple[int, int], into: Path, wanted: frozenset[str] | None) -> None:
    """Play both sessions in one terminal of one size."""
    columns, rows = size
    with tempfile.TemporaryDirectory(prefix="noctis-pictures-") as name:
        folder = Path(name)
        reading = [*NOCTIS, "--archive", str(archive_in(folder))]
        environment = {"HOME": name, "LOGNAME": "reader", "USER": "reader", "PYTHONPATH": str(HERE.parent)}
        for command, play in (([*NOCTIS, "demo"], play_demo), (reading, play_reading)):
            with Terminal(kind, command, columns, rows, environment=environment) as terminal:

                def save(scene: str, terminal: Terminal = terminal) -> None:
                    if wanted is None or scene in wanted:
                        write(terminal, into / f"{scene}-{kind}-{columns}x{rows}.png")

                terminal.wait_until(lambda pixels, rows=rows: _receives(pixels, rows), 60)
                play(terminal, save)


def _receives(pixels: NDArray[np.uint8], rows: int) -> bool:
    """Tell whether the last row but one says so with a green point."""
    height = pixels.shape[0] // rows
    line = pixels[-2 * height : -height].astype(int)
    return bool((abs(line - RECEIVING) <= 8).all(axis=2).any())


def write(terminal: Terminal, path: Path) -> None:
    """Save a picture in at most 256 colours, a third as large as in all of them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(terminal.settle())
    image.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    print(path.name, path.stat().st_size >> 10, "KiB")


def main() -> None:
    """Take them all, or those of one terminal and size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="TERMINAL-COLUMNSxROWS")
    parser.add_argument("--into", type=Path, default=HERE)
    options = parser.parse_args()
    if options.only:
        kind, _, size = options.only.partition("-")
        columns, _, rows = size.partition("x")
        take(kind, (int(columns), int(rows)), options.into, None)
        return
    for (kind, size), wanted in KEPT.items():
        take(kind, size, options.into, wanted)


if __name__ == "__main__":
    main()
