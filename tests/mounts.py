"""Disks of our own for tests: tiny ones in a user namespace, an ext4 image where root may mount one.

What a machine does not let us mount is skipped, also where nothing may be skipped; the pytest header says
which disks are real. Each such fault has a simulated test beside the real one that always runs.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import subprocess
import tempfile
from functools import cache
from pathlib import Path

_SHUTDOWN = 0x8004587D
"""EXT4_IOC_SHUTDOWN, and its argument that loses what the journal has not got (include/uapi/linux/ext4.h)."""
_NO_LOG_FLUSH = 2


def run(*command):
    return subprocess.run([str(each) for each in command], check=True, capture_output=True, text=True).stdout


@cache
def can_mount_tiny_disks() -> bool:
    """Tell whether this machine lets us mount a tmpfs in a namespace of our own."""
    script = "mount -t tmpfs -o size=1m none /mnt && mount -o remount,bind,ro /mnt"
    return _works(["unshare", "-Urm", "sh", "-c", script])


@cache
def can_mount_images() -> bool:
    """Tell whether this machine lets us mount an image file (root, and a free loop device)."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("mkfs.ext4", "mount", "umount"))):
        return False
    with tempfile.TemporaryDirectory() as folder:
        image, mounted = Path(folder, "image"), Path(folder, "mounted")
        mounted.mkdir()
        with image.open("wb") as file:
            file.truncate(8 << 20)
        if not _works(["mkfs.ext4", "-q", image]) or not _works(["mount", "-o", "loop", image, mounted]):
            return False
        return _works(["umount", mounted])


def _works(command) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=20).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


class TinyDisk:
    """A tmpfs that only the programs see that are started `within`; a context manager.

    Attributes
    ----------
    path
        Where this process sees what the others see at `folder`.
    within
        What to put before a command.
    """

    def __init__(self, folder: Path, options: str) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        script = 'mount -t tmpfs -o "$1" none "$2" && echo mounted && exec cat'
        self._holder = subprocess.Popen(
            ["unshare", "-Urm", "sh", "-c", script, "sh", options, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._holder.stdout.readline() == b"mounted\n"
        pid = str(self._holder.pid)
        self.within = ["nsenter", "--target", pid, "--user", "--mount", "--preserve-credentials"]
        self.path = self.seen(folder)

    def seen(self, path: Path) -> Path:
        """Return where this process sees a path of theirs."""
        return Path(f"/proc/{self._holder.pid}/root{path}")

    def run(self, *command):
        """Run a program within to its end."""
        return run(*self.within, *command)

    def copied(self) -> Path:
        """Return a copy that this process can open: SQLite follows `path` to where only they are."""
        return Path(shutil.copytree(self.path, self.folder.with_name("copied")))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._holder.stdin.close()
        self._holder.stdout.close()
        self._holder.wait(10)


class ImageDisk:
    """An ext4 file system in an image file; a context manager.

    Attributes
    ----------
    path
        Where it is mounted.
    """

    def __init__(self, folder: Path, megabytes: int = 256) -> None:
        self.image, self.path = folder / "disk.img", folder / "disk"
        self.path.mkdir()
        with self.image.open("wb") as file:
            file.truncate(megabytes << 20)
        run("mkfs.ext4", "-q", self.image)

    def mount(self, options: str = "defaults", image: Path | None = None) -> None:
        run("mount", "-o", f"loop,{options}", image or self.image, self.path)

    def unmount(self) -> None:
        run("umount", self.path)

    def lose_power(self) -> None:
        """Cut the disk off: what was not synced is gone, and whoever still writes gets EIO."""
        folder = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(folder, _SHUTDOWN, struct.pack("I", _NO_LOG_FLUSH))
        finally:
            os.close(folder)

    def become_read_only(self) -> None:
        """Let the file system find an error: it goes read-only under those who write (errors=remount-ro)."""
        run("mount", "-o", "remount,abort", self.path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if os.path.ismount(self.path):
            run("umount", "--lazy", self.path)
