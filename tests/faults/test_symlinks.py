"""Folders of the archive become symbolic links while it works: nothing outside is written or removed."""

from __future__ import annotations

import ctypes
import os
import threading
import time

import load
from receiver_process import ReceiverProcess

from archive.ingest import Line
from archive.local_archive import LocalArchive

_LIBC = ctypes.CDLL(None, use_errno=True)
_EXCHANGE, _HERE = 2, -100


def exchange(one, other):
    """Let two names change places, at once (renameat2)."""
    if _LIBC.renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE):
        raise OSError(ctypes.get_errno(), "renameat2", str(one))


class Swapping(threading.Thread):
    """Exchanges folders below the archive with links that lead outside, and back, until it is stopped."""

    def __init__(self, archive, outside, folder):
        super().__init__(daemon=True)
        self.archive, self.outside, self.links = archive, outside, folder
        self.stopped, self.swaps = threading.Event(), 0

    def run(self):
        while not self.stopped.is_set():
            top = [self.archive / name for name in ("instances", "incoming", "variants", "quarantine")]
            below = [path for path in (self.archive / "instances").glob("*/*") if path.is_dir()]
            for path in [*top, *below, *{each.parent for each in below}]:
                self.swap(path)

    def swap(self, path):
        link = self.links / "link"
        link.symlink_to(self.outside)
        exchange(link, path)
        time.sleep(0.02)
        exchange(link, path)
        link.unlink()
        time.sleep(0.01)
        self.swaps += 1


def test_a_thread_that_swaps_folders_for_links_leads_nothing_outside(tmp_path):
    archive, outside, links = tmp_path / "archive", tmp_path / "outside", tmp_path / "links"
    for folder in (archive, outside, links):
        folder.mkdir()
    canaries = {"a.part", "ab.sealed", f"{'0' * 32}-1-a-2-3.sealed"}
    for name in canaries:
        (outside / name).write_bytes(b"not the archive's")
    (archive / "noctis.toml").write_text("[storage]\nminimum_free_bytes = 0\nminimum_free_percent = 0\n")
    senders = load.Senders(sizes=(2_048,))
    with ReceiverProcess(archive) as receiver:
        swapping = Swapping(archive, outside, links)
        swapping.start()
        senders.start(receiver.port, each=150)
        senders.join()
        swapping.stopped.set()
        swapping.join()
        assert receiver.end()[0] == 0
    assert swapping.swaps > 10
    assert set(senders.statuses) <= {"0000", "A700"}
    assert senders.acknowledged
    assert {path.name for path in outside.iterdir()} == canaries
    assert all(path.read_bytes() == b"not the archive's" for path in outside.iterdir())


def test_a_writer_that_starts_removes_nothing_through_a_link(tmp_path):
    archive, outside = tmp_path / "archive", tmp_path / "outside"
    LocalArchive.open(archive).close()
    outside.mkdir()
    (outside / "a.part").touch()
    (archive / "incoming").rmdir()
    (archive / "incoming").symlink_to(outside)
    with LocalArchive.open(archive) as opened, opened.hold("test") as lease:
        try:
            Line(opened, lease).close()
        except Exception as error:  # noqa: BLE001 - whatever it says, the file must be there
            print(error)
    assert (outside / "a.part").exists()
