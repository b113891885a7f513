"""What changes in the archive, gathered for about 200 ms and told to the screen in one message."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from archive.errors import NoctisError
from archive.index.changes import follow
from noctis_tui.interface.messages import ArchiveFailed, ArchiveRebuilt, StudiesChanged

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message import Message

    from archive.index.changes import Changes
    from archive.local_archive import LocalArchive

BATCH_SECONDS = 0.2
_AFTER_FAILURE_SECONDS = 3.0


class Feed:
    """Follows an archive and tells what changed, at most five times a second."""

    def __init__(self, archive: LocalArchive, tell: Callable[[Message], object]) -> None:
        self._archive = archive
        self._tell = tell
        self._ids: set[int] = set()
        self._removed: set[str] = set()
        self._quiet: set[int] = set()
        self._waiting: asyncio.TimerHandle | None = None
        self._sequence: int | None = None

    async def run(self) -> None:
        """Follow until cancelled; an archive that cannot be read is told and tried again."""
        while True:
            try:
                async for changes in follow(self._archive, since=self._sequence):
                    self._sequence = changes.sequence
                    if changes.rebuilt:
                        self._tell(ArchiveRebuilt())
                    else:
                        self._gather(changes)
            except (NoctisError, OSError) as error:
                self._tell(ArchiveFailed(str(error)))
            await asyncio.sleep(_AFTER_FAILURE_SECONDS)

    def _gather(self, changes: Changes) -> None:
        self._ids.update(changes.study_ids)
        self._removed.update(changes.removed)
        self._quiet.update(changes.quiet)
        if self._waiting is None:
            self._waiting = asyncio.get_running_loop().call_later(BATCH_SECONDS, self._flush)

    def _flush(self) -> None:
        self._waiting = None
        changed = StudiesChanged(frozenset(self._ids), frozenset(self._removed), frozenset(self._quiet))
        for gathered in (self._ids, self._removed, self._quiet):
            gathered.clear()
        self._tell(changed)
