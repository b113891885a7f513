"""The receivers that are measured beside each other, each in a fresh folder, with their process started.

Noctis stores durably and indexed; DCMTK's storescp writes files; Orthanc runs as it is installed.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENT = os.environ | {"PYTHONPATH": str(HERE.parent)}


def dcmtk(name):
    """Return DCMTK's program: pynetdicom installs scripts of the same names into a virtual environment."""
    found = shutil.which(name, path="/usr/local/bin:/usr/bin")
    return found or sys.exit(f"needs {name}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process):
    for _ in range(400):
        if process.poll() is not None:
            sys.exit(f"{process.args[0]} ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    sys.exit(f"{process.args[0]} does not listen")


@contextmanager
def started(arguments, port, folder):
    process = subprocess.Popen(
        [str(each) for each in arguments],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, process)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def noctis(folder, port, *, fsync):
    archive = folder / "archive"
    archive.mkdir()
    (archive / "noctis.toml").write_text(f"[storage]\nfsync = {str(fsync).lower()}\n")
    return [sys.executable, "-m", "noctis_tui", "--archive", archive, "receive", "--port", port]


def storescp(folder, port):
    (folder / "out").mkdir()
    return [dcmtk("storescp"), "--accept-all", "--output-directory", folder / "out", port]


def orthanc(folder, port):
    settings = {
        "DicomPort": port,
        "HttpPort": free_port(),
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "DicomAlwaysAllowStore": True,
        "DicomCheckCalledAet": False,
        "RemoteAccessAllowed": False,
        "Plugins": [],
    }
    (folder / "orthanc.json").write_text(json.dumps(settings))
    return ["/usr/sbin/Orthanc", folder / "orthanc.json"]


def resident_mb(process):
    """Return the peak of what a receiver and its children keep in memory; what they share counts twice."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return sum(_peak_mb(pid) for pid in (process.pid, *children))


def _peak_mb(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0
