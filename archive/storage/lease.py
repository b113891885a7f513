"""The lease: one process at a time writes to an archive, and the others can say who it is."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from typing import TYPE_CHECKING, Self

from archive.errors import ArchiveBusy, OutOfResources
from archive.storage.layout import FILE_MODE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LEASE_NAME = "lease"
BRIEF = "preparing the index"
"""Who holds the archive while it migrates: others wait for that one instead of giving up."""
AMENDING = "keeping an annotation"
"""Who holds the archive for one change of a reader's: others wait for that one, too."""
NOTING = "noting how far a job is"
"""Who holds the archive to keep the record of a job: the same."""
_BRIEF = (BRIEF, AMENDING, NOTING)
BRIEF_SECONDS = 5.0
ONLOOKER_SECONDS = 0.05
"""How long who looks with `holder` may stand in the way, beside the record of one that crashed."""


class Lease:
    """The right to write to one archive; an ``flock`` that ends with the process, however it ends.

    Construct it through `LocalArchive.hold`; a context manager.

    Attributes
    ----------
    follows_a_crash
        Whether the holder before did not release it.
    """

    def __init__(self, run: Path, who: str) -> None:
        self.who = who
        self._before_release: list[Callable[[], None]] = []
        self._file, self.follows_a_crash = _acquire(run / LEASE_NAME, who)

    def before_release(self, action: Callable[[], None]) -> None:
        """Have `action` called while the archive is still held; last registered, first called."""
        self._before_release.append(action)

    @property
    def held(self) -> bool:
        """Whether this is still the right to write."""
        return self._file >= 0

    def release(self) -> None:
        """Let others write; does nothing when done before."""
        if not self.held:
            return
        try:
            while self._before_release:
                self._before_release.pop()()
        finally:
            with contextlib.suppress(OSError):  # the disk has become read-only
                os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def holder(run: Path) -> str | None:
    """Return who holds the archive ("receive, process 123"), or None when nobody does."""
    try:
        file = os.open(run / LEASE_NAME, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _describe(_read_record(file))
    else:
        return None
    finally:
        os.close(file)


def _acquire(path: Path, who: str) -> tuple[int, bool]:
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, FILE_MODE)
    except OSError as error:
        raise OutOfResources(f"The archive cannot be written to: {error.strerror}.") from error
    try:
        _lock(file)
        follows_a_crash = os.fstat(file).st_size > 0
        record = {"pid": os.getpid(), "who": who, "since": int(time.time())}
        os.ftruncate(file, 0)
        os.pwrite(file, json.dumps(record).encode(), 0)
    except BaseException:
        os.close(file)
        raise
    return file, follows_a_crash


def _lock(file: int) -> None:
    begun = time.monotonic()
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            record = _read_record(file)
            # An empty record is a holder between locking and writing, or an onlooker in `holder`.
            patience = BRIEF_SECONDS if record.get("who", BRIEF) in _BRIEF else ONLOOKER_SECONDS
            if time.monotonic() - begun > patience:
                raise ArchiveBusy(f"The archive is held by {_describe(record)}.") from None
            time.sleep(0.01)
        else:
            return


def _read_record(file: int) -> dict[str, object]:
    with contextlib.suppress(ValueError, OSError):
        record = json.loads(os.pread(file, 4096, 0))
        if isinstance(record, dict):
            return record
    return {}


def _describe(record: dict[str, object]) -> str:
    if "who" not in record:
        return "another process"
    return f"{record['who']!s}, process {record.get('pid')!s}"
