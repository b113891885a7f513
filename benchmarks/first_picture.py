"""From a command to its first picture in xterm: `noctis view FOLDER`, a minimal viewer, DCMTK with img2sixel.

All run in the same xterm under the same Xvfb, in turns; the clock starts when the terminal runs the command
and stops when a third of the middle of the window shows a picture. The framebuffer is read from memory, so
looking costs the processor next to nothing.

Example: benchmarks/first_picture.py --runs 5 ../shared/data/volumes/ct_chest_cmb_crc
"""

from __future__ import annotations

import argparse
import contextlib
import mmap
import os
import shlex
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

MINIMAL_VIEWER = """
import sys
from pathlib import Path
import textual_image.widget as widgets
from textual.app import App
import numpy as np
import pydicom
from PIL import Image
from pydicom.pixels import apply_modality_lut, apply_voi_lut
first = sorted(p for p in Path(sys.argv[1]).iterdir() if p.is_file())[0]
ds = pydicom.dcmread(first)
shown = apply_voi_lut(apply_modality_lut(ds.pixel_array, ds), ds).astype(float)
shown = (shown - shown.min()) / max(float(np.ptp(shown)), 1) * 255
class Viewer(App):
    CSS = "#picture { width: auto; height: 100%; }"
    def compose(self):
        yield widgets.SixelImage(Image.fromarray(shown.astype("uint8")), id="picture")
Viewer().run()
"""
"""The least that shows a folder's first file with Textual, textual-image and pydicom: no series, no text."""


class Display:
    """An Xvfb whose pixels are read from its memory."""

    def __init__(self, folder: Path) -> None:
        reading, writing = os.pipe()
        arguments = ["Xvfb", "-displayfd", str(writing), "-fbdir", str(folder), "-screen", "0", "1100x800x24"]
        self.process = subprocess.Popen(
            [*arguments, "-nolisten", "tcp"], pass_fds=[writing], stderr=subprocess.DEVNULL
        )
        os.close(writing)
        with os.fdopen(reading) as told:
            self.name = f":{told.readline().strip()}"
        with (folder / "Xvfb_screen0").open("rb") as file:
            memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        header = struct.unpack(">25I", memory[:100])
        offset, width, height, line = header[0] + header[19] * 12, header[4], header[5], header[12]
        pixels = np.frombuffer(memory, np.uint8, line * height, offset)
        self.pixels = pixels.reshape(height, line // 4, 4)[:, :width]

    def shows_picture(self) -> bool:
        """Whether a third of the middle of the terminal is neither its background nor plain."""
        middle = self.pixels[150:450:3, 240:720:3, 0]
        greys = np.bincount(middle.ravel(), minlength=256)
        greys[greys.argmax()] = 0
        return greys.sum() > middle.size // 3 and np.count_nonzero(greys) >= 8


def as_installed() -> dict[str, str]:
    """Return the environment of a command whose modules are compiled once, as in an installation."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def seconds_to_picture(display: Display, command: list[str], folder: Path) -> float | None:
    """Run a command in a fresh xterm; None when no picture came within 30 seconds."""
    started = folder / "started"
    started.unlink(missing_ok=True)
    script = folder / "command.sh"
    script.write_text(f"date +%s.%N > {shlex.quote(str(started))}\n{shlex.join(command)}\nsleep 60\n")
    terminal = subprocess.Popen(
        [
            *("xterm", "-ti", "vt340", "-geometry", "120x36+0+0", "-bg", "black", "-fg", "white"),
            *("-xrm", "XTerm*numColorRegisters: 256", "-xrm", "XTerm*maxGraphicSize: 4096x4096"),
            *("-xrm", "XTerm*sixelScrollsRight: false", "-fa", "DejaVu Sans Mono", "-fs", "10"),
            *("-e", "sh", str(script)),
        ],
        env={**as_installed(), "DISPLAY": display.name, "COLORTERM": "truecolor"},
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if display.shows_picture():
                return time.time() - float(started.read_text())
            time.sleep(0.005)
        return None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(terminal.pid, 15)
        terminal.wait()
        while display.shows_picture():
            time.sleep(0.02)


def commands(folder: Path) -> dict[str, list[str]]:
    """Return what is compared."""
    first = min(file for file in folder.iterdir() if file.is_file())
    dcmtk = f"dcm2pnm --write-bmp +Wi 1 {shlex.quote(str(first))} | img2sixel"
    return {
        "noctis view": [sys.executable, "-m", "noctis_tui", "view", str(folder)],
        "minimal viewer (textual-image, pydicom)": [sys.executable, "-c", MINIMAL_VIEWER, str(folder)],
        "dcm2pnm | img2sixel (one file, no viewer)": ["sh", "-c", dcmtk],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", help="one series; else a generated CT phantom")
    parser.add_argument("--runs", type=int, default=5)
    wanted = parser.parse_args()
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = wanted.folder or phantom(Path(name) / "phantom")
        display = Display(Path(name))
        try:
            for run in range(wanted.runs + 1):
                for what, command in commands(folder.absolute()).items():
                    seconds = seconds_to_picture(display, command, Path(name))
                    if run and seconds is not None:  # the first round warms the disk
                        times.setdefault(what, []).append(seconds)
        finally:
            display.process.terminate()
            display.process.wait()
    report(times)


def phantom(folder: Path) -> Path:
    """Write the CT phantom of the demo: 128 slices."""
    from noctis_tui.demo.phantom import write_phantom

    folder.mkdir()
    write_phantom(folder)
    return folder


def report(times: dict[str, list[float]]) -> None:
    """Print medians, and how many times as long as Noctis each took."""
    ours = statistics.median(times["noctis view"])
    for what, seconds in times.items():
        median = statistics.median(seconds)
        spread = f"{min(seconds):.2f} to {max(seconds):.2f}"
        print(f"{what:<44} {median:6.2f} s  ({spread}, {len(seconds)} runs)  {median / ours:5.2f} x")


if __name__ == "__main__":
    main()
