"""A disk that becomes read-only: A700, everything can still be read, and the interface says so."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest
from raw_peer import store_all
from receiver_process import ENVIRONMENT, ReceiverProcess, run_noctis
from senders import instance

INTERFACE = """
import asyncio, sys
from pathlib import Path
from archive.local_archive import LocalArchive
from interface_apps import NoReception, running, screen_text, settled, worklist_app
from noctis_tui.interface.receiver.child import EmbeddedReceiver
from noctis_tui.interface.receiver.reception import Reception

async def main():
    root = Path(sys.argv[1])
    with LocalArchive.open(root) as archive:
        app = worklist_app(archive, Reception(archive, EmbeddedReceiver(root, ["--port", "0"])))
        async with running(app) as pilot:
            await settled(pilot, lambda: "read-only" in screen_text(app))
            await settled(pilot, lambda: "Receiver, Test" in screen_text(app))
            print(screen_text(app))

asyncio.run(main())
"""


def studies_of(folder, within=()):
    listed = run_noctis(folder, "studies", "--json", within=within)
    assert listed.returncode == 0, listed.stderr
    return [study["study_instance_uid"] for study in json.loads(listed.stdout)]


def test_a_file_system_that_finds_an_error_is_refused_and_read(image_disk):
    image_disk.mount("errors=remount-ro")
    root, first = image_disk.path / "archive", instance()
    root.mkdir()
    (root / "noctis.toml").write_text("[storage]\nminimum_free_bytes = 0\n")
    with ReceiverProcess(root) as receiver:
        assert store_all(receiver.port, first) == [0]
        while list((root / "incoming").iterdir()):  # until its place is synced
            time.sleep(0.02)
        image_disk.become_read_only()
        assert store_all(receiver.port, instance(), instance(pixel_bytes=1_000_000)) == [0xA700] * 2
        assert studies_of(root) == [first.study_uid]
        code, _, log = receiver.end()
        assert code == 0, log
    assert studies_of(root) == [first.study_uid]
    again = run_noctis(root, "receive", "--port", 0)
    assert again.returncode == 2
    assert "read-only" in again.stderr.lower()


def test_a_read_only_archive_is_refused_and_read_with_a_banner(tiny_disk):
    disk, first = tiny_disk("size=60m"), instance()
    (disk.path / "noctis.toml").write_text("[storage]\nminimum_free_bytes = 0\n")
    with ReceiverProcess(disk.folder, within=disk.within) as receiver:
        assert store_all(receiver.port, first) == [0]
        assert receiver.end()[0] == 0
    disk.run("mount", "--bind", disk.folder, disk.folder)
    disk.run("mount", "-o", "remount,bind,ro", disk.folder)
    assert studies_of(disk.folder, disk.within) == [first.study_uid]
    shown = subprocess.run(
        [*disk.within, sys.executable, "-c", INTERFACE, str(disk.folder)],
        capture_output=True,
        text=True,
        env=ENVIRONMENT | {"PYTHONPATH": ENVIRONMENT["PYTHONPATH"] + "/tests:" + ENVIRONMENT["PYTHONPATH"]},
        timeout=60,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    assert "This archive is read-only." in shown.stdout
    disk.run("mount", "-t", "tmpfs", "none", disk.folder / "run")  # so that the lease can be had
    with pytest.raises(RuntimeError, match="read-only"):
        ReceiverProcess(disk.folder, within=disk.within)
    assert studies_of(disk.folder, disk.within) == [first.study_uid]
