"""The line's index: damaged or gone, it is made again from the files while senders are refused (A700)."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from archive.errors import FailingDisk, IndexDamaged, NoctisError
from archive.index.integrity import analyze
from archive.ingest.recovery import recover
from archive.progress import Cancelled, CancelToken
from archive.reindexing import needs_rebuild, restore_index

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.local_archive import LocalArchive
    from archive.storage.lease import Lease

LOGGER = logging.getLogger(__name__)

RETRY_SECONDS = 30.0
"""Between two attempts: a disk that is full may have room again, one that spoils indexes is not hurried."""


class Mending:
    """Whether the index must be made again, and the making.

    Attributes
    ----------
    needed
        Nothing may be accepted before `run` has been.

    Raises
    ------
    OutOfResources
        The index is sound, and leftovers could not be adopted.
    """

    def __init__(self, archive: LocalArchive, lease: Lease) -> None:
        self._archive = archive
        self._lease = lease
        self._token = CancelToken()
        self._ended = threading.Event()
        self._last = -RETRY_SECONDS
        self._is_certain = False
        self.needed = needs_rebuild(archive, starting=True)
        if not self.needed:
            recover(archive, lease)
            analyze(archive.index)

    def hear(self, results: Iterable[object]) -> None:
        """Learn from what became of a group."""
        if any(isinstance(result, IndexDamaged) for result in results):
            self.needed = self._is_certain = True

    def look(self) -> None:
        """Look closely when somebody found the index damaged: a reader, or whoever marks quiet studies."""
        layout = self._archive.layout
        if layout.suspicion.exists() or not (self._archive.index.path is None or layout.index.exists()):
            self.needed = self.needed or _is_damaged(self._archive)

    def run(self) -> None:
        """Make the index again and adopt the journal; try until it is done or `cancel` is called.

        Raises
        ------
        FailingDisk
            Nothing more may be written.
        """
        while not self._ended.wait(max(0.0, self._last + RETRY_SECONDS - time.monotonic())):
            self._last = time.monotonic()
            try:
                restore_index(self._archive, self._lease, token=self._token, certain=self._is_certain)
                recover(self._archive, self._lease)
            except FailingDisk:
                raise
            except Cancelled:
                return
            except NoctisError as error:
                LOGGER.error("The index cannot be made again now: %s", error)  # noqa: TRY400 - a sentence, no traceback
            else:
                self.needed = self._is_certain = False
                return

    def cancel(self) -> None:
        """Give up; the next lease holder goes on from the old index."""
        self._ended.set()
        self._token.cancel()


def _is_damaged(archive: LocalArchive) -> bool:
    try:
        return needs_rebuild(archive)
    except NoctisError:
        return False  # locked: the next look tells
