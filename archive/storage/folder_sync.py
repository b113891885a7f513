"""Syncing a folder for several threads: one sync serves all who asked before it began."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from archive.storage.files import sync

if TYPE_CHECKING:
    from archive.storage.spool import Folder


class FolderSync:
    """Makes a folder's names durable in a thread of its own, while who asks syncs the files."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._asked: SimpleQueue[Future[None]] = SimpleQueue()
        threading.Thread(target=self._serve, name="folder sync", daemon=True).start()

    def begin(self) -> Future[None]:
        """Return what is done when all names that the folder has now are durable.

        It fails with `FailingDisk` or `OutOfResources`, as `archive.storage.files.sync` does.
        """
        asked: Future[None] = Future()
        self._asked.put(asked)
        return asked

    def _serve(self) -> None:
        while True:
            asked = [self._asked.get()]
            with contextlib.suppress(Empty):
                while True:
                    asked.append(self._asked.get_nowait())
            self._sync_for(asked)

    def _sync_for(self, asked: list[Future[None]]) -> None:
        try:
            sync(self._folder.file)
        except Exception as error:  # noqa: BLE001 - whoever asked must hear of it, whatever it is
            for each in asked:
                each.set_exception(error)
        else:
            for each in asked:
                each.set_result(None)
