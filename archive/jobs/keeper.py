"""The record of one job, kept while the job goes on, whoever holds the archive meanwhile."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self

from archive.errors import ArchiveBusy, NoctisError, OutOfResources
from archive.jobs.keeping import keep_job

if TYPE_CHECKING:
    from archive.job import Job
    from archive.local_archive import LocalArchive

_BETWEEN_SECONDS = 0.25
"""Between two words about progress."""
_AGAIN_SECONDS = 0.2
"""After which an archive that was busy is asked again."""


class Keeper:
    """Keeps what it was told last, in a thread of its own; a context manager.

    A job neither waits for the record nor fails for it: an import that holds the archive takes none.

    Parameters
    ----------
    patience
        For how many seconds the last word is tried at the end.
    """

    def __init__(self, archive: LocalArchive, patience: float) -> None:
        self._archive = archive
        self._patience = patience
        self._changed = threading.Condition()
        self._next: Job | None = None
        self._closing_at: float | None = None
        self.failure = ""
        """Why the record could not be kept, in a sentence; empty when it was."""
        self._thread = threading.Thread(target=self._run, name="job record", daemon=True)

    def tell(self, job: Job) -> None:
        """Have this kept instead of what was not kept yet."""
        with self._changed:
            self._next = job
            self._changed.notify()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._closing_at = time.monotonic()
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while (job := self._awaited()) is not None:
            if not self._keep(job):
                self._pause()
            elif self._has_given_up():
                return
            else:
                self._put_back(job)
                time.sleep(_AGAIN_SECONDS)

    def _awaited(self) -> Job | None:
        """Wait for something to keep; None when there will be nothing more."""
        with self._changed:
            self._changed.wait_for(lambda: self._next is not None or self._closing_at is not None)
            job, self._next = self._next, None
        return job

    def _keep(self, job: Job) -> bool:
        """Keep a record; tell whether it is worth another try."""
        try:
            keep_job(self._archive, job)
        except NoctisError as error:
            self.failure = str(error)
            return isinstance(error, ArchiveBusy | OutOfResources)
        self.failure = ""
        return False

    def _put_back(self, job: Job) -> None:
        with self._changed:
            if self._next is None:
                self._next = job

    def _has_given_up(self) -> bool:
        closing_at = self._closing_at
        return closing_at is not None and time.monotonic() - closing_at > self._patience

    def _pause(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._closing_at is not None, _BETWEEN_SECONDS)
