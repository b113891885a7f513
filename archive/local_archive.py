"""The handle of an archive: its settings, index, storage and lease; what is done with them lives above."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import threading
from functools import cached_property
from pathlib import Path
from typing import Self

from archive.errors import BadInput, IndexDamaged
from archive.index.database import Index
from archive.index.migration import migrate, pending
from archive.settings import SiteSettings, StorageSettings, read_settings
from archive.storage.files import create_privately, disk_errors
from archive.storage.layout import FILE_MODE, Layout, instance_path
from archive.storage.lease import BRIEF, Lease
from archive.storage.spool import Spool


class LocalArchive:
    """One archive on this machine; a context manager. Make it with `open` or `temporary`.

    Attributes
    ----------
    layout
        Where things lie.
    settings
        What the site's TOML says.
    index
        What is known of the studies; to be read from any thread.
    turn
        Held by the group that goes through the line: an import and the receiver take turns.
    """

    def __init__(self, layout: Layout, settings: SiteSettings, index: Index, *, temporary: bool) -> None:
        self.layout = layout
        self.settings = settings
        self.index = index
        self.turn = threading.Lock()
        self._temporary = temporary

    @classmethod
    def open(cls, root: Path) -> Self:
        """Open an archive, creating what is missing and bringing its index up to date.

        An index that is damaged, or gone from an archive that holds instances, is left as it is: reading
        says so, and `archive.reindexing` makes it again.

        Raises
        ------
        BadInput
            The settings do not read, or the index was written by a newer version.
        ArchiveBusy
            The index must be brought up to date while another process holds the archive.
        OutOfResources
            The folder cannot be written to.
        """
        layout = Layout(root.expanduser().absolute())
        if layout.root.exists() and not layout.root.is_dir():
            raise BadInput(f"{layout.root} is not a folder.")
        with disk_errors():
            layout.create()
        settings = read_settings(layout.settings)
        archive = cls(layout, settings, _index(layout, layout.index, settings), temporary=False)
        archive.index.damaged = archive._suspect
        archive._bring_up_to_date()
        return archive

    @classmethod
    def temporary(cls) -> Self:
        """Open an archive that ends with its handle: index in memory, files usually referenced in place."""
        layout = Layout(Path(tempfile.mkdtemp(prefix="noctis-")))
        layout.create()
        # What little is kept here lives in the temporary folder: no promise to keep, no reserve to leave.
        storage = StorageSettings(fsync=False, minimum_free_bytes=0, minimum_free_percent=0)
        settings = SiteSettings(storage=storage)
        archive = cls(layout, settings, _index(layout, None, settings), temporary=True)
        archive._bring_up_to_date()
        return archive

    @property
    def root(self) -> Path:
        """The archive's folder."""
        return self.layout.root

    @property
    def is_temporary(self) -> bool:
        """Whether it ends with its handle."""
        return self._temporary

    @cached_property
    def spool(self) -> Spool:
        """Where arriving bytes go; refuses early when the disk is nearly full."""
        storage = self.settings.storage
        return Spool(
            self.layout,
            minimum_free_bytes=storage.minimum_free_bytes,
            minimum_free_percent=storage.minimum_free_percent,
        )

    def hold(self, who: str) -> Lease:
        """Take the right to write, until the lease is released; `who` is what others are told.

        Raises
        ------
        ArchiveBusy
            Another process holds it; the sentence says which.
        """
        lease = Lease(self.layout.run, who)
        lease.before_release(self.index.close_writer)
        return lease

    @property
    def index_is_lost(self) -> bool:
        """Whether there is no index, or an empty one, beside instances that it should name."""
        path = self.index.path
        is_empty = path is not None and (not path.exists() or not path.stat().st_size)
        return is_empty and self.layout.holds_instances()

    def _suspect(self) -> None:
        with contextlib.suppress(OSError):
            self.layout.suspicion.touch(mode=FILE_MODE)

    def _bring_up_to_date(self) -> None:
        try:
            needed = pending(self.index)
        except IndexDamaged:
            return  # it is made again by whoever writes next; until then reading says so
        if not needed or self.index_is_lost:
            return
        with self.hold(BRIEF):
            if self.index.path is not None:
                create_privately(self.index.path)
            migrate(self.index)

    def close(self) -> None:
        """Close the index; a temporary archive is gone after that."""
        self.index.close()
        self.__dict__.pop("spool", None)
        if self._temporary:
            shutil.rmtree(self.root, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _index(layout: Layout, path: Path | None, settings: SiteSettings) -> Index:
    return Index(
        path,
        layout.root,
        locate=instance_path,
        quiet_seconds=settings.worklist.quiet_seconds,
        durable=settings.storage.fsync,
    )
