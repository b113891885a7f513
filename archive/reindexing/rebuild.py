"""An index made from the files, beside the old one, and put in its place when it is whole."""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from os import cpu_count
from typing import TYPE_CHECKING, Protocol

from archive.annotations.replay import Replay
from archive.errors import ArchiveBusy, NoctisError, OutOfResources
from archive.index.changes import wake_followers
from archive.index.database import Index
from archive.index.integrity import analyze, require_sound
from archive.index.migration import migrate
from archive.index.recording import record
from archive.index.restoring import (
    begin_sequence,
    counts,
    lost_instances,
    restore_annotations,
    restore_facts,
)
from archive.index.salvage import Salvage
from archive.progress import CancelToken, Progress, ProgressListener, unheard
from archive.reindexing.deciding import Decisions
from archive.reindexing.files import Candidate, Examined, candidates, examine
from archive.storage import annotation_ledger, succession
from archive.storage.files import create_privately
from archive.storage.layout import instance_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archive.local_archive import LocalArchive
    from archive.storage.lease import Lease

THREADS = min(8, 2 * (cpu_count() or 1))
_AHEAD = 64 * THREADS
_GROUP = 4096


@dataclass(frozen=True, slots=True)
class Reindexed:
    """How a rebuild ends.

    Attributes
    ----------
    left_out
        Files in the archive that hold no instance that belongs there; they stay where they are.
    lost
        Instances that the old index named and no file has any more, as far as it could be read.
    set_aside
        Where the old index is kept.
    """

    studies: int
    series: int
    instances: int
    variants: int
    left_out: int
    lost: int
    set_aside: Path | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Left:
    """A file that was left out, or an instance that is lost; the path may be hostile text."""

    what: str
    reason: str


class Told(Protocol):
    """Hears of what was left out or is lost."""

    def __call__(self, left: Left, /) -> None:
        """Hear what and why."""


def untold(left: Left, /) -> None:
    """Listen to nothing: the default."""


def rebuild(
    archive: LocalArchive,
    lease: Lease,
    *,
    listener: ProgressListener = unheard,
    token: CancelToken | None = None,
    tell: Told = untold,
) -> Reindexed:
    """Make the index again from every file, and keep the old one under a name with the date.

    From the files come studies, series, instances, variants, digests, and for what was received its sender
    and, from the time of its last change, when it came. Ledgers tell of files in place and of what readers
    drew. What only an index knows comes from the old one as far as it can be read: public ids, exact times,
    verdicts, what was removed, and, when it is sound, the digests, so that bytes that changed since are still
    found.

    Raises
    ------
    ArchiveBusy
        The lease is not held.
    OutOfResources
        The disk refuses; the old index stays.
    Cancelled
        The token was cancelled; the old index stays.
    """
    with archive.turn:
        return rebuild_in_turn(archive, lease, listener, token or CancelToken(), tell)


def rebuild_in_turn(
    archive: LocalArchive, lease: Lease, listener: ProgressListener, token: CancelToken, tell: Told
) -> Reindexed:
    """Do as `rebuild` does, for who holds the archive's turn."""
    if not lease.held:
        raise ArchiveBusy("The archive is not held for writing.")
    if succession.is_decided(archive.layout.index):
        finish(archive)
    return _Rebuild(archive, listener, token, tell).run()


class _Rebuild:
    def __init__(
        self, archive: LocalArchive, listener: ProgressListener, token: CancelToken, tell: Told
    ) -> None:
        self._archive = archive
        self._layout = archive.layout
        self._listener = listener
        self._token = token
        self._tell = tell
        self._left_out = 0
        self._lost = 0

    def run(self) -> Reindexed:
        began = time.monotonic()
        trusted = _is_sound(self._archive.index)
        with self._archive.index.suspended():
            with _old_index(self._archive) as old, _new_index(self._archive) as new:
                salvage = Salvage(old, trusted=trusted)
                begin_sequence(new, salvage)
                self._fill(new, salvage)
                restore_facts(new, salvage)
                self._restore_annotations(new, salvage)
                self._tell_lost(new, salvage)
                analyze(new)
                made = counts(new)
            self._token.check()
            succession.decide(self._layout.index)
        set_aside = finish(self._archive)
        return Reindexed(
            **made,
            left_out=self._left_out,
            lost=self._lost,
            set_aside=set_aside,
            seconds=round(time.monotonic() - began, 3),
        )

    def _fill(self, new: Index, salvage: Salvage) -> None:
        decisions = Decisions(self._layout, new, salvage)
        for done, (candidate, outcome) in enumerate(self._read(salvage), 1):
            try:
                decisions.take(outcome.result())
            except OutOfResources:
                raise
            except NoctisError as error:
                self._leave_out(candidate, str(error))
            if len(decisions.records) >= _GROUP:
                record(new, decisions.taken())
            self._listener(Progress(done, None, candidate.file))
        decisions.take_deferred()
        record(new, decisions.taken())

    def _restore_annotations(self, new: Index, salvage: Salvage) -> None:
        path = self._layout.annotations
        said = Replay(annotation_ledger.read(path))
        if unsaid := said.add_missing(salvage.annotations):
            annotation_ledger.append(path, unsaid, durable=self._archive.settings.storage.fsync)
        restore_annotations(new, said.kept())

    def _leave_out(self, candidate: Candidate, reason: str) -> None:
        self._left_out += 1
        self._tell(Left(str(self._layout.root / candidate.file), reason))

    def _read(self, salvage: Salvage) -> Iterator[tuple[Candidate, Future[Examined]]]:
        files = (each for unit in candidates(self._layout, salvage.places()) for each in unit)
        reading: deque[tuple[Candidate, Future[Examined]]] = deque()
        with ThreadPoolExecutor(THREADS, thread_name_prefix="reindex") as threads:
            try:
                for each in files:
                    self._token.check()
                    reading.append((each, threads.submit(self._examine, each)))
                    if len(reading) == _AHEAD:
                        yield reading.popleft()
                while reading:
                    yield reading.popleft()
            except BaseException:
                self._token.cancel()
                threads.shutdown(cancel_futures=True)
                raise

    def _examine(self, candidate: Candidate) -> Examined:
        self._token.check()
        return examine(self._layout, candidate, self._token.check)

    def _tell_lost(self, new: Index, salvage: Salvage) -> None:
        for study_uid, sop_uid in lost_instances(new, salvage):
            self._lost += 1
            self._tell(Left(f"{sop_uid} of study {study_uid}", "no file has it any more"))


def _is_sound(index: Index) -> bool:
    index.close_writer()  # what it remembers of the pages would hide what became of them
    try:
        require_sound(index)
    except NoctisError:  # damaged, or in such a state that others lock it for ever
        return False
    return True


@contextmanager
def _old_index(archive: LocalArchive) -> Iterator[Index | None]:
    path = archive.layout.index
    if not path.exists():
        yield None
        return
    old = Index(path, archive.root, locate=instance_path)
    try:
        yield old
    finally:
        old.close()


@contextmanager
def _new_index(archive: LocalArchive) -> Iterator[Index]:
    path = succession.building(archive.layout.index)
    create_privately(path)
    quiet_seconds = archive.settings.worklist.quiet_seconds
    new = Index(path, archive.root, locate=instance_path, quiet_seconds=quiet_seconds, durable=False)
    try:
        migrate(new)
        yield new
        new.peek("PRAGMA wal_checkpoint(TRUNCATE)")  # its log has no place in another's
    finally:
        new.close()


def finish(archive: LocalArchive) -> Path | None:
    """Put an index that is whole in its place, and tell those who read; return where the old one is kept."""
    with archive.index.suspended():
        set_aside = succession.finish(archive.layout.index)
    wake_followers(archive.layout.run)
    return set_aside
