"""How late the interface's event loop is while four senders run flat out: p50, p95, max.

    python benchmarks/interface_lag.py [--instances 2400] [--side 512] [--size 120x36]

Noctis runs as a person runs it, in a pseudo-terminal, with its embedded receiver; a task inside asks to be
woken every 5 ms and notes how late it was. Four fast senders store CT instances of new studies meanwhile,
once with the worklist open, once with the receiver's screen. A bare event loop in a process of its own is
measured at the same time: what the machine adds when more wants to run than it has cores.
Target: p95 below 20 ms.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]

from fast_sender import data_set_of, send  # noqa: E402 - beside this file
from pseudo_terminals import PseudoTerminal  # noqa: E402 - the tests' harness
from receivers import ENVIRONMENT, free_port, wait_for  # noqa: E402 - beside this file

SENDERS = 4
SERIES = 120
"""Instances of a study."""
IDLE_SECONDS = 5.0
TARGET_SECONDS = 0.020


def make_instance(folder, side):
    """Write one CT instance whose UIDs can be told apart in its bytes."""
    import numpy as np
    import pydicom
    from pydicom.data import get_testdata_file

    ds = pydicom.dcmread(get_testdata_file("CT_small.dcm"))
    ds.Rows = ds.Columns = side
    ds.PixelData = np.random.default_rng(1).integers(0, 4096, (side, side), dtype="uint16").tobytes()
    ds.StudyInstanceUID, ds.SeriesInstanceUID = _uid(0, 1), _uid(0, 2)
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = _uid(0, 3)
    ds.save_as(folder / "ct.dcm", enforce_file_format=True)
    return data_set_of(folder / "ct.dcm")


def _uid(number, kind):
    return f"1.2.826.0.1.3680043.8.498.{kind}.{10**9 + number}"


class Share:
    """The instances of one sender: made while they are sent, so that memory is no limit."""

    def __init__(self, template, first, count):
        self._template, self._first, self._count = template, first, count

    def __iter__(self):
        sop_class, _, syntax, data = self._template
        for number in range(self._first, self._first + self._count):
            study = number // SERIES + 1
            changed = data.replace(_uid(0, 1).encode(), _uid(study, 1).encode(), 1)
            changed = changed.replace(_uid(0, 2).encode(), _uid(study, 2).encode(), 1)
            changed = changed.replace(_uid(0, 3).encode(), _uid(number + 1, 3).encode(), 1)
            yield sop_class, _uid(number + 1, 3), syntax, changed


def flood(port, template, first, count):
    """Send so many new instances over four associations in a process of its own; return images/s."""
    command = [sys.executable, str(HERE / "interface_lag.py"), "--flood", str(port), str(first), str(count)]
    done = subprocess.run(
        [*command, "--template", template], capture_output=True, env=ENVIRONMENT, check=True
    )
    return json.loads(done.stdout)["rate"]


def flood_here(port, folder, first, count):
    """Be the process of `flood`."""
    template = data_set_of(Path(folder) / "ct.dcm")
    contexts = {1: (template[0], template[2])}
    statuses, each = Counter(), count // SENDERS
    threads = [
        threading.Thread(
            target=send,
            args=(port, "NOCTIS_SCP", contexts, Share(template, first + number * each, each), statuses),
        )
        for number in range(SENDERS)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if set(statuses) != {"0000"}:
        sys.exit(f"not everything was stored: {dict(statuses)}")
    print(json.dumps({"rate": sum(statuses.values()) / (time.perf_counter() - began)}))


def lags(result, between):
    """Return the lags of a probe in a period, in seconds, sorted."""
    began, ended = between
    return sorted(lag for at, lag in json.loads(result.read_text()) if began <= at <= ended)


def worst(result, between, many=5):
    """Return the largest lags of a period as words: how long, how many seconds after it began."""
    began, ended = between
    found = sorted((lag, at - began) for at, lag in json.loads(result.read_text()) if began <= at <= ended)
    return ", ".join(f"{lag * 1e3:.0f} at {at:.1f} s" for lag, at in reversed(found[-many:]))


def line(name, values, rate=None):
    """Return one line of the table."""
    p50, p95 = statistics.median(values), values[int(len(values) * 0.95)]
    speed = f"{rate:8.0f} images/s" if rate else ""
    return f"{name:34}{p50 * 1e3:8.1f}{p95 * 1e3:8.1f}{values[-1] * 1e3:8.1f}{speed:>20}"


def measure(work, options):
    """Run everything once and print the table."""
    make_instance(work, options.side)
    archive, port = work / "archive", free_port()
    columns, rows = map(int, options.size.split("x"))
    command = [sys.executable, str(HERE / "lagging_app.py"), archive, str(port), work / "app.json"]
    bare = subprocess.Popen(
        [sys.executable, str(HERE / "bare_loop.py"), str(work / "bare.json")],
        stdin=subprocess.PIPE,
        env=ENVIRONMENT,
    )
    phases = []
    with PseudoTerminal(list(map(str, command)), columns, rows, ENVIRONMENT) as terminal:
        wait_for(port, terminal.process)
        terminal.wait_for("No studies yet")
        time.sleep(2)
        for name, key in (("worklist", ""), ("receiver's screen", "l")):
            terminal.type(key, then=1.0)
            began = time.time()
            time.sleep(IDLE_SECONDS)
            phases.append((f"{name}, nothing comes", (began, time.time()), None))
            began = time.time()
            rate = flood(port, work, len(phases) * options.instances, options.instances)
            phases.append((f"{name}, 4 senders", (began, time.time()), rate))
        terminal.type("\x11", then=0)  # Ctrl+Q
        terminal.process.wait(30)
    bare.communicate()
    report(work, phases)


def report(work, phases):
    """Print the table and whether the target is met."""
    print(f"{'lag of the event loop, ms':34}{'p50':>8}{'p95':>8}{'max':>8}")
    for name, between, rate in phases:
        values = lags(work / "app.json", between)
        print(line(name, values, rate))
        print(line("  a bare loop meanwhile", lags(work / "bare.json", between)))
        if rate:
            p95 = values[int(len(values) * 0.95)]
            print(f"  the longest, ms: {worst(work / 'app.json', between)}")
            print(f"  {'met' if p95 < TARGET_SECONDS else 'MISSED'}: p95 below {TARGET_SECONDS * 1e3:.0f} ms")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--instances", type=int, default=2400, help="a phase, of all senders together")
    parser.add_argument("--side", type=int, default=512, help="pixels of a row and of a column")
    parser.add_argument("--size", default="120x36", help="terminal size in cells")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()), help="on which disk")
    parser.add_argument("--flood", nargs=3, type=int, help=argparse.SUPPRESS)
    parser.add_argument("--template", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.flood:
        port, first, count = options.flood
        flood_here(port, options.template, first, count)
        return
    work = Path(tempfile.mkdtemp(prefix="noctis-lag-", dir=options.folder))
    try:
        measure(work, options)
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
