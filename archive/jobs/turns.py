"""Turns: one job of an archive at a time, since a volume may take as much memory as there is."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from typing import TYPE_CHECKING

from archive.storage.files import disk_errors
from archive.storage.layout import FILE_MODE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archive.progress import CancelToken
    from archive.storage.layout import Layout

_NAME = "jobs.turn"
_LOOK_SECONDS = 0.05


@contextlib.contextmanager
def in_turn(layout: Layout, token: CancelToken, wait: Callable[[], None]) -> Iterator[None]:
    """Wait until no other job of the archive is under way, and be it while the block runs.

    The lock is the kernel's: it ends with the process, however that ends.

    Parameters
    ----------
    wait
        Called once when there is another.

    Raises
    ------
    Cancelled
        Somebody asked to stop while it waited.
    OutOfResources
        The archive cannot be written to.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    with disk_errors():
        file = os.open(layout.run / _NAME, flags, FILE_MODE)
    try:
        if not _is_free(file):
            wait()
            while not _is_free(file):
                token.check()
                time.sleep(_LOOK_SECONDS)
        yield
    finally:
        os.close(file)


def _is_free(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
