"""A job that a thread of this process does: recorded once it lasts, and stopped by others like any other."""

from __future__ import annotations

import subprocess
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from archive.job import State
from archive.jobs.keeper import Keeper
from archive.process_identity import identity_of
from archive.progress import Cancelled

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from archive.job import Job
    from archive.local_archive import LocalArchive
    from archive.progress import CancelToken, Progress

LASTS_SECONDS = 0.5
"""What is done before leaves no record."""
_PATIENCE_SECONDS = 2.0


class LastingJob:
    """Tells of a job while a block does it; a context manager.

    The record names a process that does nothing but stand for the job: who stops a job sends a signal to its
    process, and this one has more to do. When the stand-in ends first, the token is cancelled.

    Parameters
    ----------
    archive
        Where the record is kept; a temporary one keeps none.
    job
        As it waits; its process is filled in.
    token
        What the block looks at.
    """

    def __init__(self, archive: LocalArchive, job: Job, token: CancelToken) -> None:
        self._archive, self._job, self._token = archive, job, token
        self._outputs: tuple[Path, ...] = ()
        self._keeper: Keeper | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._is_over = False
        self._timer = threading.Timer(LASTS_SECONDS, self._begin)
        self._timer.daemon = True

    def heard(self, progress: Progress, /) -> None:
        """Tell how far it is."""
        with self._lock:
            self._job = replace(self._job, progress=progress)
            if self._keeper is not None:
                self._keeper.tell(self._job)

    def wrote(self, *outputs: Path) -> None:
        """Tell what was written."""
        self._outputs = outputs

    def __enter__(self) -> Self:
        if not self._archive.is_temporary:
            self._timer.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._is_over = True
            keeper, process = self._keeper, self._process
        if keeper is not None:
            keeper.tell(self._ended(error))
            keeper.__exit__()
        if process is not None and process.stdin is not None:
            process.stdin.close()
            process.wait()

    def _ended(self, error: BaseException | None) -> Job:
        outputs = tuple(str(path) for path in self._outputs)
        if error is None:
            return self._job.ended(State.DONE, time.time(), outputs=outputs)
        if isinstance(error, Cancelled):
            return self._job.ended(State.CANCELLED, time.time())
        return self._job.ended(State.FAILED, time.time(), error=str(error) or type(error).__name__)

    def _begin(self) -> None:
        """Begin the record, in a thread of its own."""
        with self._lock:
            if self._is_over:
                return
            try:
                process = _stand_in()
            except OSError:
                return  # no record is no reason to stop
            self._process = process
            self._job = replace(
                self._job,
                state=State.RUNNING,
                started_at=self._job.created_at,
                pid=process.pid,
                process=identity_of(process.pid),
            )
            self._keeper = Keeper(self._archive, _PATIENCE_SECONDS).__enter__()
            self._keeper.tell(self._job)
        process.wait()
        if not self._is_over:
            self._token.cancel()


def _stand_in() -> subprocess.Popen[bytes]:
    """Start what ends when it is told to, and with its standard input: when this process does, in any way."""
    return subprocess.Popen(
        ["cat"],  # noqa: S607 - wherever the system has it
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
