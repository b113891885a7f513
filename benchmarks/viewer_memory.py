"""The viewer's memory while large series are paged through, against the setting that bounds it.

    python benchmarks/viewer_memory.py [--setting MIB] [--only NAME] [--steps 400]

Each series is read in a process of its own, by the real viewer without a terminal: every frame is looked at,
forwards and back, without waiting for its neighbours and, every so often, waiting until all is loaded. What
counts is the resident memory of the process (VmRSS, sampled every 10 ms) above that of the same viewer with a
single small image. Wanted: no more than the setting, the frames that are being decoded and drawn at that
moment (three, each with as much again to work in), and 32 MB for code and tables
that only large series load (imagecodecs alone is 20). Exit code 1 otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).parent.parent
ALLOWED_MB = 32
AT_WORK = 3
ROOT = "1.2.826.0.1.3680043.10.7"
EXPLICIT, JPEG_2000 = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.90"
CT, MR, SC = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.7"
MULTI_FRAME_WORD, MULTI_FRAME_COLOR = f"{SC}.3", f"{SC}.4"


def data_set(number, series, shape, *, frames=1, sop_class=CT, syntax=EXPLICIT):
    """An image of `series` without pixels."""
    from pydicom.dataset import Dataset, FileMetaDataset

    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    ds.SOPClassUID, ds.SOPInstanceUID = sop_class, f"{ROOT}.{series}.3.{number}"
    ds.StudyInstanceUID, ds.SeriesInstanceUID = f"{ROOT}.1", f"{ROOT}.{series}.2"
    ds.PatientName, ds.PatientID, ds.StudyDate, ds.Modality = "Bench^Mark", "1", "20260101", "OT"
    ds.SeriesNumber, ds.InstanceNumber, ds.NumberOfFrames = series, number, frames
    ds.RescaleSlope, ds.RescaleIntercept, ds.WindowCenter, ds.WindowWidth = 1, -1024, 40, 400
    ds.Rows, ds.Columns = shape[:2]
    color = len(shape) == 3
    ds.SamplesPerPixel, ds.PhotometricInterpretation = (3, "RGB") if color else (1, "MONOCHROME2")
    bits = 8 if color else 16
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = bits, bits, bits - 1, 0
    if color:
        ds.PlanarConfiguration = 0
    return ds


def noise(shape):
    """Pixels around a disc."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    disc = (rows - shape[0] / 2) ** 2 + (columns - shape[1] / 2) ** 2 < (min(shape[:2]) / 3) ** 2
    random = np.random.default_rng(1)
    if len(shape) == 3:
        return (disc[..., None] * random.integers(100, 140, shape)).astype(np.uint8)
    return (disc * 1000 + random.integers(0, 60, shape)).astype(np.uint16)


def write_files(folder, series, shape, count, *, compressed=False):
    """A series of single images."""
    import pydicom
    from pydicom.encaps import encapsulate

    pixels = noise(shape)
    if compressed:
        import imagecodecs

        value = encapsulate([imagecodecs.jpeg2k_encode(pixels, level=0, codecformat="j2k")])
    else:
        value = pixels.tobytes()
    for number in range(1, count + 1):
        ds = data_set(number, series, shape, syntax=JPEG_2000 if compressed else EXPLICIT)
        ds.PixelData = value
        if compressed:
            ds["PixelData"].is_undefined_length = True
        pydicom.dcmwrite(folder / f"{series}-{number}.dcm", ds, enforce_file_format=True)


def write_clip(folder, series, shape, count):
    """One image of many frames."""
    import pydicom

    pixels = noise(shape).tobytes()
    sop_class = MULTI_FRAME_COLOR if len(shape) == 3 else MULTI_FRAME_WORD
    ds = data_set(1, series, shape, frames=count, sop_class=sop_class)
    ds.PixelData = b"\0\0"
    path = folder / f"{series}-1.dcm"
    pydicom.dcmwrite(path, ds, enforce_file_format=True)
    with path.open("r+b") as file:  # many gigabytes need not be in memory to be written
        file.seek(-6, os.SEEK_END)
        file.write((len(pixels) * count).to_bytes(4, "little"))
        for _ in range(count):
            file.write(pixels)


SERIES = {
    "grey": (lambda folder, n: write_files(folder, n, (512, 512), 400), 512 * 512 * 2),
    "color": (lambda folder, n: write_clip(folder, n, (512, 512, 3), 400), 512 * 512 * 3),
    "large": (lambda folder, n: write_clip(folder, n, (4096, 8192), 8), 4096 * 8192 * 2),
    "small": (lambda folder, n: write_clip(folder, n, (64, 64), 20_000), 64 * 64 * 2),
    "jpeg2000": (
        lambda folder, n: write_files(folder, n, (1024, 1024), 60, compressed=True),
        1024 * 1024 * 2,
    ),
}
"""What is read: how it is made, and the bytes of a frame."""


def resident_mb():
    """Return what the kernel says of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


class Peak:
    """Samples the resident memory."""

    def __init__(self):
        self.mb = 0.0
        self._ended = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while not self._ended.wait(0.01):
            self.mb = max(self.mb, resident_mb())


async def page_through(files, setting, steps):
    """Read files with the viewer; return the highest resident memory, and the last."""
    sys.path.insert(0, str(REPOSITORY / "tests"))
    from viewing import BLOCKS, settled, take_in

    from archive.local_archive import LocalArchive
    from noctis_tui.interface.app import NoctisApp
    from noctis_tui.interface.viewer.screen import ViewerScreen
    from noctis_tui.preferences import Preferences

    with LocalArchive.temporary() as archive:
        take_in(archive, files)
        screen = ViewerScreen(archive)
        app = NoctisApp(archive, BLOCKS, Preferences(frame_memory_mib=setting), lambda: screen)
        async with app.run_test(size=(120, 40)) as pilot:
            await settled(pilot, screen)
            peak = Peak()
            for entry in screen.shelf.entries:
                await screen.go_to_frame(screen.active, entry, 0)
                await settled(pilot, screen)
                await look_at_all(pilot, screen, steps)
            await settled(pilot, screen)
            await pilot.pause(0.5)
            return peak.mb, resident_mb()


async def look_at_all(pilot, screen, steps):
    """Go to the end and back; rest now and then until everything is loaded."""
    count = len(screen.active.state.stack)
    places = [round(place) for place in np.linspace(0, count - 1, min(steps, count))]
    for number, place in enumerate((*places, *places[::-2])):
        screen.go_to(screen.active, place)
        await pilot.pause(0.001)
        if number % 50 == 49:
            end = time.monotonic() + 5
            while not screen._source._loader.idle and time.monotonic() < end:  # noqa: SLF001 - the tests' way
                await pilot.pause(0.02)


def measured(files, setting, steps):
    """Page through files in another process; MB at the peak and at the end."""
    paths = os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")])
    command = [
        sys.executable,
        __file__,
        "--setting",
        str(setting),
        "--steps",
        str(steps),
        "--read",
        *map(str, files),
    ]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": paths}
    )
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--setting", type=int, default=64, help="frame_memory_mib")
    parser.add_argument("--only", choices=SERIES, action="append", help="only this series")
    parser.add_argument("--steps", type=int, default=400, help="images of a series that are looked at")
    parser.add_argument("--read", nargs="+", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        print(json.dumps(asyncio.run(page_through(options.read, options.setting, options.steps))))
        return
    setting = options.setting * 1.048576
    held = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder, 1, (64, 64), 1)
        base, _ = measured(sorted(folder.iterdir()), options.setting, options.steps)
        print(f"a single small image: {base:.0f} MB; the setting: {setting:.0f} MB\n")
        print(f"{'':12}{'peak':>8}{'above':>8}{'at rest':>9}{'bound':>8}   MB")
        for number, kind in enumerate(options.only or SERIES, 2):
            write, frame = SERIES[kind]
            write(folder, number)
            files = sorted(folder.glob(f"{number}-*.dcm"))
            peak, last = measured(files, options.setting, options.steps)
            for file in files:
                file.unlink()
            bound = max(setting, frame / 1e6) + AT_WORK * 2 * frame / 1e6 + ALLOWED_MB
            held = held and peak - base <= bound
            print(f"{kind:12}{peak:8.0f}{peak - base:8.0f}{last - base:9.0f}{bound:8.0f}")
    print("\nheld" if held else "\nNOT held")
    sys.exit(not held)


if __name__ == "__main__":
    main()
