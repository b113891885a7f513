"""One group through the line: secured, judged, placed, recorded; one bad arrival fails alone.

The order, and what each step rests on:

1. a file is sealed and its bytes are durable: the sealed name carries their digest, and tells whole bytes
   from those that a power failure left behind;
2. the sealed name is durable (the journal) before the file is placed;
3. it is placed before it is recorded, so that no row ever points nowhere while the machine runs;
4. it is recorded (the commit) before the sender is told: whoever asks from then on finds it;
5. the row and the place are durable before the sealed name goes, which is after the sender was told.

Between 4 and 5 a power failure may lose the row and the place, but not the sealed name. The next writer
adopts the journal entry: it records it again, or finds its bytes recorded and places them where the row says.
So an acknowledgement waits for the syncs of the file and its name alone, which the file system takes
together; the others are done for many groups at once, when the line has a lull. A file that is only
remembered where it lies has no journal entry: its commit waits for the disk.
"""

from __future__ import annotations

import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from typing import TYPE_CHECKING, Self

from archive.dicom.uids import is_uid
from archive.errors import (
    ArchiveBusy,
    CannotRecord,
    DataSetMismatch,
    FailingDisk,
    NoctisError,
    OutOfResources,
)
from archive.index.changes import wake_followers
from archive.index.recording import make_durable, record
from archive.index.records import Kind, Record
from archive.ingest.arrival import ExistingFile, Outcome
from archive.ingest.judging import Judge, Verdict, full_digest
from archive.ingest.securing import Secured, secure
from archive.storage import ledger
from archive.storage.layout import instance_path, variant_path
from archive.storage.placement import Placement
from archive.storage.spool import Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from archive.dicom.header import Header
    from archive.ingest.arrival import Arrival
    from archive.local_archive import LocalArchive
    from archive.storage.lease import Lease
    from archive.storage.placement import Sealed

LOGGER = logging.getLogger(__name__)

SYNC_THREADS = 8
"""Files and folders of a group that are synced at once; the disk merges what waits together."""
Result = Outcome | NoctisError
Attempt = Secured | NoctisError
_KINDS = {
    Verdict.NEW: Kind.NEW,
    Verdict.VARIANT: Kind.VARIANT,
    Verdict.REPLACEMENT: Kind.REPLACEMENT,
}


def accept(archive: LocalArchive, lease: Lease, arrivals: Sequence[Arrival]) -> list[Result]:
    """Keep a group: when this returns, every arrival with an `Outcome` is on disk and in the index for good.

    An arrival that cannot be kept has its error in its place and leaves no trace; its `Part` is discarded.
    Leftovers of a writer that crashed are adopted first, once a lease.

    Raises
    ------
    ArchiveBusy
        The lease is not held any more.
    OutOfResources
        The group is kept, but its places may not be durable yet and the journal stays; after a `FailingDisk`
        keep nothing more.
    """
    from archive.ingest.recovery import recover  # noqa: PLC0415 - it takes groups through this very line

    recover(archive, lease)
    with placement_of(archive) as placement, Group(archive, arrivals, placement) as group:
        results = group.accept()
        wake_followers(archive.layout.run)
        group.tidy()
        settle(archive, placement)
    return results


def settle(archive: LocalArchive, placement: Placement) -> None:
    """Make rows and places durable, then strike what is settled off the journal.

    Raises
    ------
    FailingDisk, OutOfResources
        Some of it is not durable; the journal is as it was.
    """
    make_durable(archive.index)
    placement.flush()


def secure_one(archive: LocalArchive, arrival: Arrival) -> Attempt:
    """Make one arrival's bytes durable in the journal; in any thread, before its group.

    Returns why that failed instead of raising it: the others of the group do not fail with it.
    """
    try:
        _require_uids(arrival.header)
        return secure(archive, arrival)
    except NoctisError as error:
        return error


def require_held(lease: Lease) -> None:
    """Raise `ArchiveBusy` when the lease has been given back."""
    if not lease.held:
        raise ArchiveBusy("The archive is not held for writing.")


class Group:
    """The arrivals of one moment on their way through the line.

    Parameters
    ----------
    placement
        Flushed by the caller, after this group or after several.
    adopting
        The arrivals are journal entries of a writer that crashed: those that fail for want of resources stay.
    attempts
        For each arrival how securing its bytes went, where `secure_one` was called for it before.
    """

    def __init__(
        self,
        archive: LocalArchive,
        arrivals: Sequence[Arrival],
        placement: Placement,
        *,
        adopting: bool = False,
        attempts: Sequence[Attempt | None] | None = None,
    ) -> None:
        self._archive = archive
        self._arrivals = arrivals
        self._adopting = adopting
        self._attempts = attempts or [None] * len(arrivals)
        self._results: list[Result | None] = [None] * len(arrivals)
        self._secured: dict[int, Secured] = {}
        self._placement = placement
        self._renew()

    def accept(self) -> list[Result]:
        """Take all through the line; `tidy` comes after the senders were told."""
        try:
            self._keep()
        except FailingDisk as error:
            # Whether the disk kept it or not is unknown: the journal stays for the next writer to judge.
            self._secured.clear()
            self._fail(error)
        except NoctisError as error:
            self._placement.retract()
            self._fail(error)
        return [result for result in self._results if result is not None]

    def tidy(self) -> None:
        """Have what is kept leave the journal with the next flush of the placement, and the rest now."""
        for arrival in self._arrivals:
            if isinstance(arrival.content, Part):
                arrival.content.discard()
        for number, secured in self._secured.items():
            if secured.sealed is None:
                continue
            if isinstance(self._results[number], Outcome):
                self._placement.settle(secured.sealed)
            elif not self._adopting:  # what is adopted may have been acknowledged
                self._placement.drop(secured.sealed)

    def __enter__(self) -> Self:
        self._archive.turn.acquire()
        self._placement.begin()
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.turn.release()

    def _keep(self) -> None:
        self._secure()
        if not all(secured.sealed and secured.sealed.is_journalled for secured in self._secured.values()):
            self._placement.journal()
        try:
            self._keep_together(self._secured)
        except OutOfResources:
            raise
        except Exception:  # noqa: BLE001 - one of them is to blame; the others must not suffer for it
            self._placement.retract()
            for number in self._secured:
                self._keep_alone(number)

    def _renew(self) -> None:
        self._judge = Judge(self._archive.index, strict=self._archive.settings.storage.strict_duplicates)
        self._records: list[Record] = []

    def _keep_together(self, numbers: Iterable[int]) -> None:
        """Place and record in one transaction; none has a result before all are recorded."""
        results: dict[int, Result] = {}
        for number in numbers:
            try:
                results[number] = self._place(self._arrivals[number], self._secured[number])
            except FailingDisk:
                raise
            except NoctisError as error:
                results[number] = error
        if self._records:
            record(self._archive.index, self._records, journalled=self._is_journalled())
            self._remember_places()
        for number, result in results.items():
            self._results[number] = result

    def _is_journalled(self) -> bool:
        return all(secured.sealed is not None for secured in self._secured.values())

    def _remember_places(self) -> None:
        """Write down what no file in the archive tells."""
        archive = self._archive
        in_place = [kept.file for kept in self._records if kept.file is not None and kept.file[:1] == b"/"]
        if in_place and archive.index.path is not None:
            durable = archive.settings.storage.fsync
            ledger.append(archive.layout.places, self._records[0].received_at, in_place, durable=durable)

    def _keep_alone(self, number: int) -> None:
        """Keep one; a duplicate, if the group failed after its commit."""
        self._renew()
        self._placement.begin()
        try:
            self._keep_together([number])
        except OutOfResources:
            raise
        except Exception:
            LOGGER.exception("An instance cannot be recorded")
            self._placement.retract()
            self._results[number] = CannotRecord("The instance cannot be recorded: an internal error.")

    def _secure(self) -> None:
        pending = {
            number: sync_threads().submit(secure_one, self._archive, self._arrivals[number])
            for number, attempt in enumerate(self._attempts)
            if attempt is None
        }
        if pending:
            wait(pending.values())  # none may be at work on a file that another's failure has us close
        for number, attempt in enumerate(self._attempts):
            self._secured_one(number, pending[number].result() if attempt is None else attempt)

    def _secured_one(self, number: int, attempt: Attempt) -> None:
        if isinstance(attempt, FailingDisk):
            raise attempt
        if isinstance(attempt, NoctisError):
            self._results[number] = attempt
        else:
            self._secured[number] = attempt

    def _place(self, arrival: Arrival, secured: Secured) -> Outcome:
        verdict = self._judge.verdict(arrival, secured)
        if verdict not in _KINDS:
            self._restore(arrival.header, secured.sealed)
            return Outcome.DUPLICATE
        kept = self._record_of(arrival, secured, _KINDS[verdict])
        self._judge.keep(kept)
        self._records.append(kept)
        return Outcome.VARIANT if kept.kind is Kind.VARIANT else Outcome.RECORDED

    def _restore(self, header: Header, sealed: Sealed | None) -> None:
        """Place a duplicate where its row says: nothing happens, unless a power failure took the file."""
        place = self._judge.place_of(header, sealed.digest) if sealed else None
        if sealed and place:
            self._placement.place(sealed, place)

    def _record_of(self, arrival: Arrival, secured: Secured, kind: Kind) -> Record:
        digest = full_digest(arrival, secured) if kind is Kind.VARIANT else secured.digest
        if secured.sealed is None:
            assert isinstance(arrival.content, ExistingFile)
            file: bytes | None = os.fsencode(arrival.content.path)
        else:
            file = self._place_sealed(secured.sealed, _uids(arrival.header), kind)
        received_at = time.time() if arrival.received_at is None else arrival.received_at
        return Record(arrival.header, digest, secured.size_bytes, file, received_at, arrival.source, kind)

    def _place_sealed(self, sealed: Sealed, uids: tuple[str, str, str], kind: Kind) -> bytes | None:
        if kind is not Kind.VARIANT:
            first = instance_path(*uids)
            if self._placement.place(sealed, first) or self._placement.digest_at(first) == sealed.digest:
                return None  # taken by the same bytes: a writer crashed before it recorded them
        # Other bytes: a variant, or a file that the index does not know stands in the way and is left alone.
        variant = variant_path(*uids, sealed.digest)
        self._placement.place(sealed, variant)
        return os.fsencode(variant)

    def _fail(self, error: NoctisError) -> None:
        self._results = [error if result is None else result for result in self._results]


def _uids(header: Header) -> tuple[str, str, str]:
    return header.study_instance_uid, header.series_instance_uid, header.sop_instance_uid


def _require_uids(header: Header) -> None:
    for uid in _uids(header):
        if not is_uid(uid):
            raise DataSetMismatch("The data set lacks a valid Study, Series or SOP Instance UID.")


def placement_of(archive: LocalArchive) -> Placement:
    """Return a new placement for the archive's groups."""
    return Placement(archive.layout, sync_threads(), durable=archive.settings.storage.fsync)


@cache
def sync_threads() -> ThreadPoolExecutor:
    """Return the threads that hash, copy and sync; they wait for the disk, not for the interpreter."""
    return ThreadPoolExecutor(SYNC_THREADS, thread_name_prefix="sync")
