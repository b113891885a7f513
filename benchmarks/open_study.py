"""From Enter in the worklist to the first picture of a CT of 400 slices, in xterm.

The worklist of a fresh archive is opened in xterm under Xvfb, Enter is pressed, and the clock runs until a
third of the middle of the window shows a picture; the framebuffer is read from memory. Then back, and again:
the first opening of a session is told apart from the later ones. As a measure of the machine, the same slice
is read, windowed and drawn as sixels in a process that does nothing else.

Example: benchmarks/open_study.py --rounds 3
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from first_picture import Display, as_installed
from load import CT

from archive.dicom.uids import EXPLICIT_VR_LITTLE_ENDIAN

SLICES, SIDE = 400, 512
OPENINGS = 6
TARGET_MS = 300


def write_series(folder: Path) -> None:
    """Write 400 CT slices of noise around a disc."""
    import pydicom
    from pydicom.dataset import Dataset, FileMetaDataset

    folder.mkdir()
    rows, columns = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    disc = np.where(rows**2 + columns**2 < (SIDE / 3) ** 2, 1064, 24)
    noise = np.random.default_rng(1)
    root = "1.2.826.0.1.3680043.10.1"
    for number in range(1, SLICES + 1):
        ds = Dataset()
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = EXPLICIT_VR_LITTLE_ENDIAN
        ds.SOPClassUID, ds.SOPInstanceUID = CT, f"{root}.3.{number}"
        ds.StudyInstanceUID, ds.SeriesInstanceUID = f"{root}.1", f"{root}.2"
        ds.FrameOfReferenceUID = f"{root}.4"
        ds.PatientName, ds.PatientID, ds.StudyDate, ds.Modality = "Bench^Mark", "1", "20260101", "CT"
        ds.SeriesNumber, ds.InstanceNumber = 1, number
        ds.ImagePositionPatient = [-250, -250, number]
        ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        ds.PixelSpacing, ds.SliceThickness = [0.97, 0.97], 1
        ds.RescaleSlope, ds.RescaleIntercept, ds.WindowCenter, ds.WindowWidth = 1, -1024, 40, 400
        ds.Rows = ds.Columns = SIDE
        ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
        ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 0
        ds.PixelData = (disc + noise.normal(0, 20, disc.shape)).clip(0).astype("<u2").tobytes()
        pydicom.dcmwrite(folder / f"{number}.dcm", ds, enforce_file_format=True)


def noctis(archive: Path, *words: str) -> list[str]:
    """Return a command line."""
    return [sys.executable, "-m", "noctis_tui", "--archive", str(archive), *words]


class Worklist:
    """The worklist in an xterm."""

    def __init__(self, display: Display, archive: Path) -> None:
        self._display = display
        self._environment = {**as_installed(), "DISPLAY": display.name, "COLORTERM": "truecolor"}
        command = shlex.join(noctis(archive))
        self._terminal = subprocess.Popen(
            [
                *("xterm", "-ti", "vt340", "-geometry", "120x36+0+0", "-bg", "black", "-fg", "white"),
                *("-xrm", "XTerm*numColorRegisters: 256", "-xrm", "XTerm*maxGraphicSize: 4096x4096"),
                *("-xrm", "XTerm*sixelScrollsRight: false", "-fa", "DejaVu Sans Mono", "-fs", "10"),
                *("-e", "sh", "-c", command),
            ],
            env=self._environment,
            start_new_session=True,
            stderr=subprocess.DEVNULL,
        )

    def press(self, key: str) -> None:
        """Press a key."""
        subprocess.run(["xdotool", "key", key], env=self._environment, check=True, capture_output=True)

    def opening_ms(self) -> float:
        """Press Enter; return the milliseconds to the picture."""
        began = time.monotonic()
        self.press("Return")
        while not self._display.shows_picture():
            if time.monotonic() - began > 30:
                sys.exit("no picture came within 30 seconds")
            time.sleep(0.002)
        return (time.monotonic() - began) * 1e3

    def back(self) -> None:
        """Go back to the worklist."""
        time.sleep(1)
        self.press("q")
        time.sleep(1)

    def end(self) -> None:
        """End the terminal and what runs in it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._terminal.pid, 15)
        self._terminal.wait()


def openings(display: Display, archive: Path) -> list[float]:
    """Open the study some times in one session; milliseconds each."""
    worklist = Worklist(display, archive)
    try:
        time.sleep(5)
        times = []
        for _ in range(OPENINGS):
            times.append(worklist.opening_ms())
            worklist.back()
        return times
    finally:
        worklist.end()
        time.sleep(1)


def bare_ms(file: Path) -> float:
    """Read, window, scale and encode one slice, without anything around it."""
    script = (
        "import sys, time; from pathlib import Path\n"
        "from noctis_tui.reading.frame_reading import read_frame\n"
        "from noctis_tui.reading.rendering import render\n"
        "from noctis_tui.reading.viewport import ViewState\n"
        "from noctis_tui.graphics.encoding.sixel import encode_sixel\n"
        "for _ in range(3):\n"
        " began = time.perf_counter()\n"
        " picture = render(read_frame(Path(sys.argv[1])), ViewState(), 840, 600)\n"
        " encode_sixel(picture)\n"
        "print((time.perf_counter() - began) * 1e3)\n"
    )
    command = [sys.executable, "-c", script, str(file)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=as_installed())
    return float(done.stdout)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    first, later, bare = [], [], []
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        write_series(work / "series")
        command = noctis(work / "archive", "import", str(work / "series"))
        subprocess.run(command, check=True, capture_output=True)
        display = Display(work)
        try:
            for _ in range(wanted.rounds):
                bare.append(bare_ms(work / "series" / "1.dcm"))
                times = openings(display, work / "archive")
                first.append(times[0])
                later += times[1:]
        finally:
            display.process.terminate()
            display.process.wait()
    print(f"{SLICES} slices of {SIDE}x{SIDE}, Enter to picture, ms (median, from to)")
    for what, times in (("first of a session", first), ("later", later), ("the slice alone", bare)):
        print(f"  {what:20}{statistics.median(times):7.0f}   {min(times):.0f} to {max(times):.0f}")
    met = statistics.median(first) < TARGET_MS and statistics.median(later) < TARGET_MS
    print(f"  {'met' if met else 'NOT met'}: below {TARGET_MS} ms")


if __name__ == "__main__":
    main()
