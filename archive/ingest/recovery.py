"""What a crashed writer left in ``incoming``: parts are deleted, journal entries adopted exactly once."""

from __future__ import annotations

import contextlib
import os
import stat
from itertools import islice
from typing import TYPE_CHECKING
from weakref import WeakSet

from archive.dicom.header import read_header
from archive.dicom.part10 import read_sender
from archive.errors import CannotRead, FailingDisk, NoctisError, OutOfResources
from archive.index.records import Source
from archive.ingest.arrival import Arrival
from archive.ingest.group import Group, placement_of, require_held, settle
from archive.ingest.judging import file_digest
from archive.reindexing import restore_index
from archive.storage.files import FOLDER, disk_errors, sync_data
from archive.storage.placement import Sealed
from archive.storage.spool import PART, PROCESS_MARK, SEALED, digest_in, sequence_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archive.local_archive import LocalArchive
    from archive.storage.lease import Lease

GROUP = 256
_BLOCK_BYTES = 1 << 20
_RECOVERED: WeakSet[Lease] = WeakSet()


def recover(archive: LocalArchive, lease: Lease) -> None:
    """Bring ``incoming`` and the index together; does nothing the second time under one lease.

    An index that is damaged or gone is made again first.

    Raises
    ------
    OutOfResources
        An entry could not be adopted; it stays, and nothing may be accepted before it is.
    """
    require_held(lease)
    if lease in _RECOVERED:
        return
    restore_index(archive, lease, look_closely=lease.follows_a_crash, starting=True)
    leftovers = _leftovers(archive)
    while entries := list(islice(leftovers, GROUP)):
        archive.index.is_lasting = not archive.index.durable  # their rows may be there, and not be synced yet
        with placement_of(archive) as placement, Group(archive, entries, placement, adopting=True) as group:
            results = group.accept()
            group.tidy()
            settle(archive, placement)
        for entry, result in zip(entries, results, strict=True):
            if isinstance(result, OutOfResources):
                raise result
            if isinstance(result, NoctisError):  # a person may look at it; it keeps no service from starting
                assert isinstance(entry.content, Sealed)
                _set_aside(archive, entry.content.name)
    _RECOVERED.add(lease)


def _leftovers(archive: LocalArchive) -> Iterator[Arrival]:
    with _opened(archive.layout.incoming) as folder:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - pathlib lists no descriptor
        for name in names:
            if name.endswith(PART) and not name.startswith(f"{PROCESS_MARK}-"):
                with contextlib.suppress(OSError):
                    os.unlink(name, dir_fd=folder)
    for name in _in_order_of_arrival(archive, [name for name in names if name.endswith(SEALED)]):
        entry = _entry(archive, name)
        if entry is not None:
            yield entry


def _in_order_of_arrival(archive: LocalArchive, names: list[str]) -> list[str]:
    """Sort entries as they were judged before: of those under one UID, the first are no variant."""

    def arrived(name: str) -> tuple[int, int]:
        with contextlib.suppress(OSError):  # a file system's clock ticks a few hundred times a second
            return (archive.layout.incoming / name).lstat().st_mtime_ns, sequence_in(name)
        return 0, 0

    return sorted(names, key=arrived)


def _entry(archive: LocalArchive, name: str) -> Arrival | None:
    path, digest = archive.layout.incoming / name, digest_in(name)
    if digest is None:
        return None  # not one of ours
    try:
        header = read_header(path)
        intact = file_digest(path) == digest
        sender = read_sender(path)
        facts = _synced(archive, path)
    except FailingDisk:
        raise
    except (CannotRead, OutOfResources, OSError) as error:
        # It may have been acknowledged: what cannot be read now is neither forgotten nor set aside.
        raise OutOfResources("What the last writer left behind cannot be read.") from error
    except NoctisError:
        intact = False
    if not intact and _holds_nothing(path):
        _delete(archive, name)  # the power failed between its name and its bytes: nobody was told it is kept
        return None
    if not intact:
        _set_aside(archive, name)
        return None
    source = Source(*sender) if sender else None
    return Arrival(Sealed(name, digest, facts.st_size), header, source, facts.st_mtime)


def _holds_nothing(path: Path) -> bool:
    """Tell whether a file is empty or all zeros, as a file system leaves what was named and never written."""
    with contextlib.suppress(OSError), _opened_file(path) as file:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return False
        while block := os.read(file, _BLOCK_BYTES):
            if block.count(0) != len(block):
                return False
        return True
    return False


def _delete(archive: LocalArchive, name: str) -> None:
    with _opened(archive.layout.incoming) as incoming, contextlib.suppress(OSError):
        os.unlink(name, dir_fd=incoming)


def _synced(archive: LocalArchive, path: Path) -> os.stat_result:
    """Make an entry's bytes durable: its writer may have been killed between naming and syncing it."""
    with _opened_file(path) as file:
        if archive.settings.storage.fsync:
            sync_data(file)
        return os.fstat(file)


@contextlib.contextmanager
def _opened_file(path: Path) -> Iterator[int]:
    """Open a file, but not what a symbolic link in its place leads to."""
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield file
    finally:
        os.close(file)


def _set_aside(archive: LocalArchive, name: str) -> None:
    with (
        _opened(archive.layout.incoming) as incoming,
        _opened(archive.layout.quarantine) as quarantine,
        contextlib.suppress(OSError),
    ):
        os.rename(name, name, src_dir_fd=incoming, dst_dir_fd=quarantine)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Open a folder, but not what a symbolic link in its place leads to."""
    with disk_errors():
        folder = os.open(path, FOLDER)
    try:
        yield folder
    finally:
        os.close(folder)
