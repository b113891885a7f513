"""The single writer: whatever waits goes through the line as one group.

Many senders' instances so share their syncs and their transaction: while one group is carried, the next one
gathers.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING

from archive.errors import FailingDisk, IndexDamaged, NoctisError, OutOfResources
from archive.index.changes import wake_followers
from archive.ingest.arrival import Arrival, Outcome
from archive.ingest.group import Group, placement_of, require_held, secure_one, settle
from archive.ingest.mending import Mending
from archive.storage.placement import Sealed
from archive.storage.spool import Part

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.ingest.group import Attempt
    from archive.local_archive import LocalArchive
    from archive.storage.lease import Lease
    from archive.storage.placement import Placement

LOGGER = logging.getLogger(__name__)

MAXIMUM_GROUP = 256
MAXIMUM_UNSETTLED = 256
"""Journal entries after which their places are synced even while more come; a restart reads them all."""
LULL_SECONDS = 0.1
"""Nothing has come for so long: nobody waits for the disk, so the places are synced now."""
FOLLOWING_SECONDS = 0.05
"""Followers hear of the first group of a burst at once, and of the others this often."""
RETRY_SECONDS = 1.0
"""When it is tried again to settle what could not be settled."""
IDLE_SECONDS = 1.0
"""How long it may stay unnoticed that somebody else found the index damaged."""


@dataclass(slots=True)
class _Ticket:
    arrival: Arrival
    future: Future[Outcome]
    attempt: Attempt | None = None
    """How securing its bytes went, when that was done already."""


class Line:
    """Accepts arrivals from any thread, in groups; adopts a crashed writer's leftovers before it returns.

    Parameters
    ----------
    disk_failed
        Called in the line's thread when `failure` is set: at a lull no one would hear of it otherwise.

    Attributes
    ----------
    failure
        The disk failed and nothing is accepted any more: the service should stop as unhealthy.

    Raises
    ------
    OutOfResources
        Leftovers could not be adopted.
    """

    def __init__(
        self, archive: LocalArchive, lease: Lease, disk_failed: Callable[[], None] = lambda: None
    ) -> None:
        self._mending = Mending(archive, lease)
        self.failure: FailingDisk | None = None
        self._disk_failed = disk_failed
        self._archive = archive
        self._lease = lease
        self._waiting: deque[_Ticket] = deque()
        self._carrying = threading.Lock()
        self._gate = threading.Lock()
        self._closed = False
        self._deadline = float("inf")
        self._unflushed: Placement | None = None
        self._carrying_since: float | None = None
        self._settling_since: float | None = None
        self._taken_at = 0.0
        self._settle_after = 0.0
        self._unheard = False
        self._bell = threading.Event()
        self._attentive = False
        self._ring: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._tend, name="line", daemon=True)
        self._thread.start()
        self._carrier = threading.Thread(target=self._carry_on, name="carry", daemon=True)
        self._carrier.start()

    def submit(self, arrival: Arrival) -> Future[Outcome]:
        """Queue an arrival; the future tells its outcome once it is on disk and in the index for good.

        The future fails with the `NoctisError` that tells why it was not kept; one that is cancelled before
        its group begins leaves no trace.
        """
        ticket = _Ticket(arrival, Future())
        if isinstance(arrival.content, Sealed):
            ticket.attempt = secure_one(self._archive, arrival)
        if self._enqueue(ticket):
            self._ring.put(self._carry)
        return ticket.future

    def _enqueue(self, ticket: _Ticket) -> bool:
        with self._gate:
            if not self._closed:
                self._waiting.append(ticket)
                return True
        self._turn_away(ticket, OutOfResources("The archive is closing."))
        return False

    @property
    def waiting(self) -> int:
        """How many arrivals wait for a group."""
        return len(self._waiting)

    def fail(self, failure: FailingDisk) -> None:
        """Accept nothing more: the disk failed, here or under whoever writes beside the line."""
        self.failure = self.failure or failure
        self._disk_failed()

    @property
    def unsettled(self) -> bool:
        """Whether places that were given are not durable yet, though their journal entries are."""
        return self._unflushed is not None

    @property
    def stuck_seconds(self) -> float:
        """How long the disk has been at what is under way; infinite when nobody settles any more."""
        if not self._thread.is_alive() and not self._closed:
            return float("inf")
        since = [each for each in (self._carrying_since, self._settling_since) if each is not None]
        return max((time.monotonic() - each for each in since), default=0.0)

    def close(self, drain_seconds: float = 10) -> None:
        """Take in nothing new and finish what waits, for so long; the rest is refused."""
        with self._gate:
            if not self._closed:
                self._deadline = time.monotonic() + drain_seconds
                self._closed = True
        self._mending.cancel()
        self._bell.set()
        self._ring.put(None)
        self._carrier.join()
        self._thread.join()

    # Groups

    def _carry_on(self) -> None:
        while step := self._ring.get():
            step()

    def _carry(self) -> None:
        """Take what waits through the line in this thread, unless another is at it and takes it along."""
        # A ticket is queued before its thread looks for the lock, and looked for after the lock is given
        # back: none is left between two threads.
        while self._waiting and self._carrying.acquire(blocking=False):
            self._carrying_since = time.monotonic()
            try:
                self._take_waiting()
            finally:
                self._carrying_since = None
                self._carrying.release()
        if self._attentive:
            self._bell.set()

    def _take_waiting(self) -> None:
        group: list[_Ticket] = []
        with contextlib.suppress(IndexError):
            while len(group) < MAXIMUM_GROUP:
                group.append(self._waiting.popleft())
        tickets = [ticket for ticket in group if self._begin(ticket)]
        refusal = self.refusal
        if refusal is not None:
            for ticket in tickets:
                self._turn_away(ticket, refusal)
        elif tickets:
            self._take(tickets)
        if self.failure:  # only now: whoever hears of it aborts those who have no answer yet
            self._disk_failed()

    @property
    def refusal(self) -> NoctisError | None:
        """Why nothing is accepted at the moment; None when it is."""
        if time.monotonic() > self._deadline:
            return OutOfResources("The archive is closing.")
        if self._mending.needed and not self.failure:
            return IndexDamaged("The index is being made again from the files.")
        return self.failure

    def _take(self, tickets: list[_Ticket]) -> None:
        try:
            placement = self._placement()
        except NoctisError as error:
            for ticket in tickets:
                self._turn_away(ticket, error)
            return
        try:
            arrivals = [ticket.arrival for ticket in tickets]
            attempts = [ticket.attempt for ticket in tickets]
            with Group(self._archive, arrivals, placement, attempts=attempts) as group:
                results = group.accept()
                for ticket, result in zip(tickets, results, strict=True):
                    self._tell(ticket.future, result)
                group.tidy()
                self._mending.hear(results)
        except Exception as error:  # noqa: BLE001 - whatever it is, the senders must be told and the line live on
            for ticket in tickets:
                if not ticket.future.done():
                    _refuse(ticket, error)
        self._taken_at = time.monotonic()
        self._unheard = True

    def _placement(self) -> Placement:
        require_held(self._lease)
        if self._unflushed is None:
            self._unflushed = placement_of(self._archive)
        return self._unflushed

    def _tell(self, future: Future[Outcome], result: Outcome | NoctisError) -> None:
        if isinstance(result, Outcome):
            future.set_result(result)
            return
        if isinstance(result, FailingDisk):
            self.failure = self.failure or result
        future.set_exception(result)

    def _begin(self, ticket: _Ticket) -> bool:
        if ticket.future.set_running_or_notify_cancel():
            return True
        self._strike(ticket)
        return False

    def _turn_away(self, ticket: _Ticket, error: NoctisError) -> None:
        self._strike(ticket)
        _refuse(ticket, error)

    def _strike(self, ticket: _Ticket) -> None:
        """Leave no trace of an arrival that is not kept, unless the disk failed: the next writer judges."""
        _discard(ticket.arrival)
        secured = ticket.attempt
        if secured is None or isinstance(secured, NoctisError) or secured.sealed is None or self.failure:
            return
        with contextlib.suppress(OSError):
            (self._archive.layout.incoming / secured.sealed.name).unlink()

    # What is left to do when nobody waits, in the line's own thread

    def _tend(self) -> None:
        while not self._closed or self._waiting:
            # Said before it is looked whether there is anything: a group that comes between the two rings.
            self._attentive = True
            self._attentive = self._unflushed is None
            self._bell.wait(self._patience())
            self._attentive = False
            self._bell.clear()
            self._carry()
            self._wake_followers()
            if self._is_lull() or self._is_long():
                if time.monotonic() >= self._settle_after:
                    self._settle()
                self._mend()
        with self._carrying:
            pass  # a group that another thread carries is waited for
        self._wake_followers()
        self._settle()

    def _patience(self) -> float:
        return IDLE_SECONDS if self._attentive and not self._mending.needed else FOLLOWING_SECONDS

    def _mend(self) -> None:
        """Have a damaged index made again; whoever comes meanwhile is refused."""
        self._mending.look()
        if self.failure or not self._mending.needed:
            return
        try:
            self._mending.run()
        except FailingDisk as error:
            self.fail(error)

    def _wake_followers(self) -> None:
        if self._unheard:
            self._unheard = False
            wake_followers(self._archive.layout.run)

    def _is_lull(self) -> bool:
        return time.monotonic() - self._taken_at >= LULL_SECONDS

    def _is_long(self) -> bool:
        return self._unflushed is not None and self._unflushed.settled_entries >= MAXIMUM_UNSETTLED

    def _settle(self) -> None:
        """Make rows and places durable and empty the journal; what fails stays in it for the next writer.

        Groups that come meanwhile collect a placement of their own.
        """
        with self._carrying:
            unflushed, self._unflushed = self._unflushed, None
        self._carry()  # whoever came meanwhile found the lock taken
        if not unflushed:
            return
        self._settling_since = time.monotonic()
        try:
            if not self.failure:
                settle(self._archive, unflushed)
        except FailingDisk as error:
            self.fail(error)
        except NoctisError as error:
            LOGGER.warning("What was recorded stays in the journal: %s", error)
            self._settle_later(unflushed)
            return
        finally:
            self._settling_since = None
        unflushed.close()

    def _settle_later(self, unflushed: Placement) -> None:
        """Keep what the index had no turn for, together with what was placed meanwhile."""
        self._settle_after = time.monotonic() + RETRY_SECONDS
        with self._carrying:
            if self._unflushed is not None:
                unflushed.take_over(self._unflushed)
            self._unflushed = unflushed
        self._carry()  # whoever came meanwhile found the lock taken


def _refuse(ticket: _Ticket, error: Exception) -> None:
    _discard(ticket.arrival)
    ticket.future.set_exception(error)


def _discard(arrival: Arrival) -> None:
    if isinstance(arrival.content, Part):
        arrival.content.discard()
