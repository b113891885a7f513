"""Prove an archive: `noctis verify` against sha256sum of the same files, in one run, as ratios.

    python benchmarks/verify.py [--files 4000] [--bytes 526000] [--rounds 3]

Each round reads all files cold (their pages are given up first) and warm, by `sha256sum` in one process, by
as many as there are cores, and by `noctis verify`, which besides looks every file up in the index and every
folder for files that the index does not name. Start-up of the interpreter is part of its time.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
from pydicom.data import get_testdata_file

sys.path.insert(0, str(Path(__file__).parent.parent))

from archive.dicom.header import parse_data_set
from archive.dicom.part10 import write_file_meta
from archive.ingest import Arrival, accept
from archive.local_archive import LocalArchive

GROUP, PER_SERIES = 256, 200


def make_archive(root, files, size):
    """Record so many CT instances, each with bytes of its own."""
    root.mkdir()
    (root / "noctis.toml").write_text(
        "[storage]\nfsync = false\nminimum_free_bytes = 0\nminimum_free_percent = 0.0\n"
    )
    ds = pydicom.Dataset(pydicom.dcmread(get_testdata_file("CT_small.dcm")))  # without its file meta
    ds.Rows, ds.Columns = max(1, size // 1024), 512
    dice = np.random.default_rng(1)
    with LocalArchive.open(root) as archive, archive.hold("benchmark") as lease:
        for start in range(0, files, GROUP):
            group = [arrival(archive, ds, number, dice) for number in range(start, min(files, start + GROUP))]
            accept(archive, lease, group)


def arrival(archive, ds, number, dice):
    ds.StudyInstanceUID, ds.SeriesInstanceUID = "1.2.3", f"1.2.3.{number // PER_SERIES}"
    ds.SOPInstanceUID = f"1.2.3.4.{number}"
    ds.PixelData = dice.bytes(ds.Rows * ds.Columns * 2)
    buffer = BytesIO()
    pydicom.dcmwrite(buffer, ds, implicit_vr=False, little_endian=True)
    syntax = "1.2.840.10008.1.2.1"
    part = archive.spool.create(write_file_meta(ds.SOPClassUID, ds.SOPInstanceUID, syntax))
    part.write(buffer.getvalue())
    return Arrival(part, parse_data_set(buffer.getvalue(), syntax))


def give_up_pages(root):
    os.sync()
    for path in root.glob("instances/*/*/*.dcm"):
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def sha256sum(root, processes):
    command = f"find instances -name '*.dcm' -print0 | xargs -0 -n 64 -P {processes} sha256sum > /dev/null"
    subprocess.run(command, shell=True, cwd=root, check=True)


def noctis(root):
    command = [sys.executable, "-m", "noctis_tui", "--archive", root, "verify", "--json"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    done = subprocess.run(command, capture_output=True, check=True, env=environment)
    counts = json.loads(done.stdout)
    assert counts["checked"] > 0


def measure(root, rounds):
    cores = os.cpu_count() or 1
    readers = {
        "sha256sum": lambda: sha256sum(root, 1),
        f"sha256sum x{cores}": lambda: sha256sum(root, cores),
        "noctis verify": lambda: noctis(root),
    }
    seconds = {(state, name): [] for state in ("cold", "warm") for name in readers}
    for _ in range(rounds):
        for state in ("cold", "warm"):
            for name, read in readers.items():
                if state == "cold":
                    give_up_pages(root)
                began = time.perf_counter()
                read()
                seconds[state, name].append(time.perf_counter() - began)
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=4000)
    parser.add_argument("--bytes", type=int, default=526_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the archive is made; the disk to measure")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        root = Path(folder) / "archive"
        make_archive(root, options.files, options.bytes)
        megabytes = sum(path.stat().st_size for path in root.glob("instances/*/*/*.dcm")) / 1e6
        print(f"{options.files} files, {megabytes:.0f} MB; medians of {options.rounds} rounds")
        seconds = measure(root, options.rounds)
    for (state, name), times in seconds.items():
        ours = seconds[state, "noctis verify"]
        ratio = statistics.median(one / other for one, other in zip(times, ours, strict=True))
        median = statistics.median(times)
        print(
            f"{state}  {name:<14} {median:7.2f} s {megabytes / median:7.0f} MB/s"
            f" {options.files / median:8.0f} files/s   verify is {ratio:.2f}x as fast"
        )


if __name__ == "__main__":
    main()
