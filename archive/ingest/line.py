"""The single writer: a thread that takes whatever waits through the line as one group."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING

from archive.errors import FailingDisk, NoctisError, OutOfResources
from archive.ingest.arrival import Arrival, Outcome
from archive.ingest.group import Group, placement_of, require_held
from archive.ingest.recovery import recover
from archive.storage.spool import Part

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.local_archive import LocalArchive
    from archive.storage.lease import Lease
    from archive.storage.placement import Placement

MAXIMUM_GROUP = 256
MAXIMUM_UNSETTLED = 256
"""Journal entries after which their places are synced even while more come; a restart reads them all."""
LULL_SECONDS = 0.1
"""Nothing has come for so long: nobody waits for the disk, so the places are synced now."""
_Ticket = tuple[Arrival, Future[Outcome]]


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
        recover(archive, lease)
        self.failure: FailingDisk | None = None
        self._disk_failed = disk_failed
        self._archive = archive
        self._lease = lease
        self._waiting: queue.SimpleQueue[_Ticket | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._deadline = float("inf")
        self._unflushed: Placement | None = None
        self._busy_since: float | None = None
        self._thread = threading.Thread(target=self._run, name="line", daemon=True)
        self._thread.start()

    def submit(self, arrival: Arrival) -> Future[Outcome]:
        """Queue an arrival; the future tells its outcome once it is on disk and in the index for good.

        The future fails with the `NoctisError` that tells why it was not kept; one that is cancelled before
        its group begins leaves no trace.
        """
        future: Future[Outcome] = Future()
        with self._gate:
            if not self._closed:
                self._waiting.put((arrival, future))
                return future
        _refuse((arrival, future), OutOfResources("The archive is closing."))
        return future

    @property
    def waiting(self) -> int:
        """Arrivals that wait for the next group."""
        return self._waiting.qsize()

    @property
    def stuck_seconds(self) -> float:
        """How long the group under way has taken so far; infinite when nobody takes groups any more."""
        since = self._busy_since
        if not self._thread.is_alive() and not self._closed:
            return float("inf")
        return 0.0 if since is None else time.monotonic() - since

    def close(self, drain_seconds: float = 10) -> None:
        """Take in nothing new and finish what waits, for so long; the rest is refused."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._deadline = time.monotonic() + drain_seconds
                self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        last = False
        while not last:
            group, last = self._next_group()
            self._busy_since = time.monotonic()
            tickets = [ticket for ticket in group if _begin(ticket)]
            refusal = self._refusal()
            if refusal is not None:
                for ticket in tickets:
                    _refuse(ticket, refusal)
            elif tickets:
                self._take(tickets)
            waits_long = self._unflushed and self._unflushed.settled_entries >= MAXIMUM_UNSETTLED
            if last or not group or waits_long:
                self._settle()
            self._busy_since = None

    def _next_group(self) -> tuple[list[_Ticket], bool]:
        group: list[_Ticket] = []
        with contextlib.suppress(queue.Empty):
            ticket = self._waiting.get(timeout=LULL_SECONDS if self._unflushed else None)
            while ticket is not None:
                group.append(ticket)
                if len(group) == MAXIMUM_GROUP:
                    return group, False
                ticket = self._waiting.get_nowait()
            return group, True
        return group, False

    def _refusal(self) -> NoctisError | None:
        if time.monotonic() > self._deadline:
            return OutOfResources("The archive is closing.")
        return self.failure

    def _take(self, tickets: list[_Ticket]) -> None:
        try:
            require_held(self._lease)
            if self._unflushed is None:
                self._unflushed = placement_of(self._archive)
            with Group(self._archive, [arrival for arrival, _ in tickets], self._unflushed) as group:
                results = group.accept()
                for (_, future), result in zip(tickets, results, strict=True):
                    self._tell(future, result)
                if self.failure:  # only now: whoever hears of it aborts those who have no answer yet
                    self._disk_failed()
                group.tidy()
        except Exception as error:  # noqa: BLE001 - whatever it is, the senders must be told and the line live on
            for ticket in tickets:
                if not ticket[1].done():
                    _refuse(ticket, error)

    def _settle(self) -> None:
        """Make the places durable and empty the journal; what fails stays in it for the next writer."""
        unflushed, self._unflushed = self._unflushed, None
        if not unflushed:
            return
        with unflushed:
            try:
                if not self.failure:
                    unflushed.flush()
            except FailingDisk as error:
                self.failure = error
                self._disk_failed()
            except OutOfResources:
                return

    def _tell(self, future: Future[Outcome], result: Outcome | NoctisError) -> None:
        if isinstance(result, FailingDisk):
            self.failure = result
        if isinstance(result, Outcome):
            future.set_result(result)
        else:
            future.set_exception(result)


def _begin(ticket: _Ticket) -> bool:
    arrival, future = ticket
    if future.set_running_or_notify_cancel():
        return True
    _discard(arrival)
    return False


def _refuse(ticket: _Ticket, error: Exception) -> None:
    arrival, future = ticket
    _discard(arrival)
    future.set_exception(error)


def _discard(arrival: Arrival) -> None:
    if isinstance(arrival.content, Part):
        arrival.content.discard()
