"""Sealed files on their way to their final paths; a folder is opened and synced once for many of them."""

from __future__ import annotations

import contextlib
import os
from concurrent.futures import wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from archive.dicom.part10 import locate_data_set
from archive.errors import NoctisError
from archive.storage.files import FOLDER, digest_of, disk_errors, opened_folder, split, sync

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from archive.storage.layout import Layout


@dataclass(frozen=True, slots=True)
class Sealed:
    """A journal entry: a whole, durable file in ``incoming``, named by its data set's digest.

    Attributes
    ----------
    is_journalled
        The name is durable, too: `Placement.journal` has nothing left to do for it.
    """

    name: str
    digest: bytes
    size_bytes: int
    is_journalled: bool = False


class Placement:
    """Places groups, one after the other, and is flushed at the end; a context manager for the open folders.

    Parameters
    ----------
    durable
        Whether folders are synced (settings.storage.fsync).
    threads
        Where several folders are synced at once.
    """

    def __init__(self, layout: Layout, threads: Executor, *, durable: bool) -> None:
        self._layout = layout
        self._threads = threads
        self._durable = durable
        self._held = contextlib.ExitStack()
        self._folders: dict[str, int] = {}
        self._changed: set[int] = set()
        self._placed: list[tuple[int, str]] = []
        self._settled: list[Sealed] = []
        with disk_errors():
            self.incoming = os.open(layout.incoming, FOLDER)
        self._held.callback(os.close, self.incoming)

    @property
    def settled_entries(self) -> int:
        """How many journal entries wait for `flush`."""
        return len(self._settled)

    def begin(self) -> None:
        """Begin a group: what was placed before is not taken back with it."""
        self._placed.clear()

    def journal(self) -> None:
        """Make the journal's entries durable, after their files were and before any is placed."""
        if self._durable:
            sync(self.incoming)

    def place(self, sealed: Sealed, relative: str) -> bool:
        """Give a sealed file its final path; False when that path is taken.

        Raises
        ------
        OutOfResources
            The disk refuses another name.
        """
        folder, name = self._folder_of(relative)
        self._changed.add(folder)  # taken or not: a writer may have crashed before it synced what it placed
        with disk_errors():
            try:
                os.link(sealed.name, name, src_dir_fd=self.incoming, dst_dir_fd=folder, follow_symlinks=False)
            except FileExistsError:
                return False
        self._placed.append((folder, name))
        return True

    def flush(self) -> None:
        """Make all places durable, then strike what is settled off the journal.

        Raises
        ------
        FailingDisk, OutOfResources
            At least one place is not durable; the journal is as it was.
        """
        changed, self._changed = self._changed, set()
        settled, self._settled = self._settled, []
        if self._durable:
            syncing = [self._threads.submit(sync, folder) for folder in changed]
            wait(syncing)  # none may be at work on a folder that another's failure has us close
            for folder in syncing:
                folder.result()
        for sealed in settled:
            self.drop(sealed)

    def settle(self, sealed: Sealed) -> None:
        """Have an entry leave the journal once all places are durable."""
        self._settled.append(sealed)

    def take_over(self, later: Placement) -> None:
        """Flush what another one has placed and settled, too; it is of no use any more."""
        self._held.enter_context(later._held.pop_all())
        self._changed |= later._changed
        self._settled += later._settled

    def retract(self) -> None:
        """Take back every place given so far: the group was not recorded."""
        while self._placed:
            folder, name = self._placed.pop()
            with contextlib.suppress(OSError):
                os.unlink(name, dir_fd=folder)

    def drop(self, sealed: Sealed) -> None:
        """Strike an entry off the journal now."""
        with contextlib.suppress(OSError):
            os.unlink(sealed.name, dir_fd=self.incoming)

    def digest_at(self, relative: str) -> bytes | None:
        """Return the digest of the data set of a file in place, None when it is no readable DICOM file."""
        try:
            path = self._layout.root / relative
            offset = locate_data_set(path)[0]
            with path.open("rb", buffering=0) as file:
                return digest_of(file.fileno(), offset)
        except (OSError, NoctisError):
            return None

    def _folder_of(self, relative: str) -> tuple[int, str]:
        folder, name = split(relative)
        if folder not in self._folders:
            with disk_errors():
                opened = opened_folder(self._layout.root, folder, create=True)
                self._folders[folder] = self._held.enter_context(opened)
        return self._folders[folder], name

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the folders."""
        self._held.close()
