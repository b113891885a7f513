"""How long it takes until a job that is told to stop has stopped, in each of its phases.

    python benchmarks/cancel.py [--slices 400] [--rounds 5] [--busy 0] [--only surface]

A CT of 512 x 512 is reconstructed again and again by `noctis reconstruct`, and told to stop at a random
moment of the phase that its record names: by SIGTERM, which is what the jobs screen and `noctis jobs cancel`
send, and every second time by SIGINT, which is Ctrl+C. Printed, in milliseconds, medians and the worst: until
the record says cancelled, and until all processes of the job are gone; and what went wrong: other exit codes
than 130, anything left. Then the same by the command, and while a job starts, when there is no record yet.
Target: 200 ms.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from ct_slices import write_ct
from receivers import ENVIRONMENT

MPR = ("--kind", "mpr", "--plane", "coronal")
SURFACE = ("--kind", "surface", "--preset", "bone", "--largest", "1", "--smooth", "40", "--reduce", "0.5")
CASES = (
    ("mpr", "x.nii.gz", MPR, ("headers", "slices", "reconstructing", "writing")),
    ("mpr", "x.nii", MPR, ("reconstructing",)),
    ("mpr", "dicom", MPR, ("writing",)),
    ("mpr", "png", (*MPR, "--format", "png"), ("writing",)),
    ("mpr", "x.npy", (*MPR, "--spacing", "0.3"), ("writing",)),
    ("mip", "turning", ("--kind", "mip", "--rotate", "720", "--format", "png"), ("writing",)),
    (
        *("surface", "x.stl", SURFACE),
        ("Finding the surface", "Finding its pieces", "Smoothing", "Reducing the triangles", "writing"),
    ),
)
PATIENCE_SECONDS = 120.0


@dataclass
class Measured:
    """What was seen in the rounds of one phase: milliseconds, and how many went wrong."""

    recorded: list[float] = field(default_factory=list)
    gone: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    missed: int = 0

    def line(self, *names):
        def said(values):
            return f"{median(values):6.0f} {max(values):6.0f}" if values else "     -      -"

        wrong = ", ".join(self.wrong) or "-"
        return f"{' '.join(names):42} {len(self.gone):3}  {said(self.recorded)}   {said(self.gone)}   {wrong}"


class Records:
    """The newest job of an archive, looked at as any other process would."""

    def __init__(self, archive):
        self._index = sqlite3.connect(f"file:{archive / 'index.sqlite'}?mode=ro", uri=True, timeout=5)

    def newest(self):
        """Return number, process, state and what is being done."""
        found = self._index.execute(
            "SELECT id, pid, state, what FROM job ORDER BY id DESC LIMIT 1"
        ).fetchone()
        return found or (0, 0, "", "")


def below(pid):
    """Return all processes below one."""
    found = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *below(int(child))]
    return found


def is_there(pid):
    """Tell whether a process runs: a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


def begun(archive, series, out, arguments):
    """Start a reconstruction."""
    command = [sys.executable, "-m", "noctis_tui", "--archive", archive, "reconstruct", series, *arguments]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([*map(str, command), "--out", str(out)], env=ENVIRONMENT, **quiet)


def reached(process, records, phase):
    """Wait until the record of a process names a phase; False when it was over before."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        _, pid, state, what = records.newest()
        if pid == process.pid and (state == "running" and what.lower() == phase.lower()):
            return True
        if process.poll() is not None:
            return False
        time.sleep(0.005)
    return False


def stopped(process, records, number):
    """Send a signal; return milliseconds until it is recorded and until all is gone, and the exit code."""
    family = [process.pid, *below(process.pid)]
    began, recorded = time.monotonic(), None
    process.send_signal(number)
    while recorded is None or any(map(is_there, family)):
        _, pid, state, _ = records.newest()
        if recorded is None and pid == process.pid and state == "cancelled":
            recorded = time.monotonic() - began
        if time.monotonic() - began > PATIENCE_SECONDS or (recorded is None and process.poll() is not None):
            break
        time.sleep(0.002)
    gone = time.monotonic() - began
    return recorded and recorded * 1e3, gone * 1e3, process.wait()


def measure(archive, series, folder, case, phase, rounds):
    """Stop a job so many times in one phase."""
    _, name, arguments, _ = case
    records, measured = Records(archive), Measured()
    while len(measured.gone) < rounds and measured.missed < rounds:
        process = begun(archive, series, folder / name, arguments)
        try:
            if not reached(process, records, phase):
                measured.missed += 1
                continue
            time.sleep(random.uniform(0, 0.25))
            if process.poll() is not None or records.newest()[3].lower() != phase.lower():
                measured.missed += 1
                continue
            number = (signal.SIGTERM, signal.SIGINT)[len(measured.gone) % 2]
            recorded, gone, code = stopped(process, records, number)
        finally:
            process.kill()
            process.wait()
            left = sorted(path.name for path in folder.iterdir())
            for path in folder.iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        measured.gone.append(gone)
        measured.recorded += [recorded] if recorded else []
        measured.wrong += [f"exit {code}"] if code != 130 else []
        measured.wrong += [f"left {each}" for each in left]
        measured.wrong += [] if recorded else ["not recorded"]
    return measured


def measure_start(archive, series, folder, rounds):
    """Stop a job while its command starts; the exit codes that came of it."""
    measured, codes = Measured(), {}
    for round_number in range(rounds):
        process = begun(archive, series, folder / "x.npy", ("--kind", "mip", "--rotate", "720"))
        time.sleep(0.02 + 0.6 * round_number / rounds)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        code = process.wait()
        measured.gone.append((time.monotonic() - began) * 1e3)
        codes[code] = codes.get(code, 0) + 1
    measured.wrong = [f"exit {code}: {count}" for code, count in sorted(codes.items())]
    return measured


def measure_command(archive, series, folder, rounds):
    """Stop a job by `noctis jobs cancel`: until that has said so, its own start included."""
    records, measured = Records(archive), Measured()
    for _ in range(rounds):
        process = begun(archive, series, folder / "turning", CASES[5][2])
        if not reached(process, records, "writing"):
            continue
        command = [sys.executable, "-m", "noctis_tui", "--archive", str(archive), "jobs", "cancel"]
        began = time.monotonic()
        said = subprocess.run(
            [*command, str(records.newest()[0])], env=ENVIRONMENT, capture_output=True, text=True, check=False
        )
        measured.gone.append((time.monotonic() - began) * 1e3)
        measured.wrong += [] if "is cancelled" in said.stdout else [said.stdout + said.stderr]
        process.kill()
        process.wait()
    return measured


@contextlib.contextmanager
def busy(count):
    """Keep so many processes busy meanwhile."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def imported(archive, folder, slices):
    """Bring a CT into a new archive; return its series."""
    import pydicom

    from archive.importing import Mode, import_paths
    from archive.local_archive import LocalArchive

    first, *_ = write_ct(folder, slices)
    with LocalArchive.open(archive) as opened, opened.hold("benchmark") as lease:
        import_paths(opened, lease, [folder], mode=Mode.IN_PLACE)
    return str(pydicom.dcmread(first, stop_before_pixels=True).SeriesInstanceUID)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--slices", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--busy", type=int, default=0, help="processes that use all they can get meanwhile")
    parser.add_argument("--only", default="", help="kinds, files or phases that hold this text")
    arguments = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="noctis-cancel-"))
    try:
        archive, folder = work / "archive", work / "out"
        folder.mkdir()
        series = imported(archive, work / "ct", arguments.slices)
        print(
            f"{arguments.slices} slices, ms: median and worst, {os.cpu_count()} cores, {arguments.busy} busy"
        )
        print(f"{'':42}   n  {'until recorded':>13}   {'until gone':>13}   wrong")
        with busy(arguments.busy):
            for case in CASES:
                for phase in case[3]:
                    if arguments.only in f"{case[0]} {case[1]} {phase}":
                        measured = measure(archive, series, folder, case, phase, arguments.rounds)
                        print(measured.line(case[0], case[1], phase), flush=True)
            if arguments.only in "noctis jobs cancel":
                print(measure_command(archive, series, folder, arguments.rounds).line("noctis jobs cancel"))
            if arguments.only in "starting":
                print(measure_start(archive, series, folder, 4 * arguments.rounds).line("starting"))
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
