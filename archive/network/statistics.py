"""How the receiver is doing: counted from its events, published for other processes in one small file."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from collections import deque
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, cast

from pydantic_core import to_json

from archive.errors import OutOfResources
from archive.network.peer_counts import PeerTable, without_port
from archive.network.rate_history import RateHistory
from archive.network.receiver_record import MINUTE_SECONDS, MINUTES, ReceiverRecord, write_record
from archive.storage.replacing import replace_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.network.events import Event, EventValue
    from archive.network.peer_counts import PeerCounts
    from archive.storage.layout import Layout

STATUS_NAME = "receiver.json"
PUBLISH_SECONDS = 0.5
SECONDS = 300
"""How many single seconds are remembered."""
_RATE_SECONDS = 3.0
_KEEP_SECONDS = 5.0
"""What a crash may cost the totals."""
_STALE_SECONDS = 15.0
"""A live receiver publishes twice a second; one that has not for so long hangs or died with its id reused."""
_OUT_OF_RESOURCES = f"{OutOfResources.dimse_status:04X}"
_NO_FACTOR = "other"
_Values = dict[str, "EventValue"]


@dataclass(frozen=True, slots=True)
class ReceiverStatus:
    """What a running receiver says about itself; rates are means over the last three seconds.

    Attributes
    ----------
    started_at, updated_at
        Seconds since the epoch.
    instances, bytes
        Stored since the start; bytes of data sets.
    refused
        Associations and instances that were refused since the start.
    last_refusal
        Why, in a sentence without patient data; the text may hold what a peer sent.
    last_peer
        Calling AE title and address of the newest association.
    waiting
        Instances that have arrived and wait to be written.
    out_of_resources
        Why the last instance was refused with A700; empty once one could be stored again.
    """

    pid: int
    host: str
    port: int
    ae_title: str
    started_at: float
    updated_at: float
    associations: int
    instances: int
    bytes: int
    instances_per_second: float
    bytes_per_second: float
    refused: int
    last_refusal: str
    last_peer: str
    waiting: int = 0
    out_of_resources: str = ""


class Statistics:
    """Counts events; on the event loop only.

    Parameters
    ----------
    associations, waiting
        Tell how many associations there are and how many instances wait in the line.
    record
        What earlier receivers of the archive have counted.
    """

    def __init__(
        self,
        host: str,
        port: int,
        ae_title: str,
        associations: Callable[[], int],
        waiting: Callable[[], int] = lambda: 0,
        record: ReceiverRecord | None = None,
    ) -> None:
        self._address = (host, port, ae_title)
        self._associations = associations
        self._waiting = waiting
        self._record = record or ReceiverRecord()
        self._started_at = time.time()
        self._instances = self._bytes = self._added_bytes = self._refused = 0
        self._last_refusal = self._last_peer = self._out_of_resources = ""
        self._samples: deque[tuple[float, int, int]] = deque()  # monotonic seconds, instances, bytes
        self._kept = (0, 0, 0)  # instances, bytes, added bytes that the minutes and the day have
        self._seconds = RateHistory(1.0, SECONDS)
        self._minutes = RateHistory(MINUTE_SECONDS, MINUTES)
        self._minutes.restore(self._record.minutes, time.monotonic(), self._started_at)
        self._peers = PeerTable(self._record.peers)
        self._live: dict[EventValue, PeerCounts] = {}
        self._heard = 0
        self._hearers: dict[str, Callable[[Event], None]] = {
            "instance_stored": self._stored,
            "instance_refused": self._instance_refused,
            "association_accepted": self._accepted,
            "association_rejected": self._association_rejected,
            "association_ended": self._ended,
        }

    # Counting

    def hear(self, event: Event) -> None:
        """Count what has happened."""
        hearer = self._hearers.get(event.name)
        if hearer:
            self._heard += 1
            hearer(event)

    def _stored(self, event: Event) -> None:
        size = cast("int", event.values["bytes"])
        self._instances += 1
        self._bytes += size
        if event.values.get("outcome") != "duplicate":
            self._added_bytes += size
        self._out_of_resources = ""
        self._seconds.add(time.monotonic(), 1, size)
        peer = self._live.get(event.values.get("peer"))
        if peer:
            peer.instances += 1
            peer.bytes += size
            peer.last_seen_at = event.at

    def _instance_refused(self, event: Event) -> None:
        status = str(event.values.get("status") or _NO_FACTOR)
        self._refuse(status, event.values)
        if status == _OUT_OF_RESOURCES:
            self._out_of_resources = self._last_refusal
        peer = self._live.get(event.values.get("peer"))
        if peer:
            peer.refused_instances += 1

    def _association_rejected(self, event: Event) -> None:
        self._refuse(str(event.values.get("factor") or _NO_FACTOR), event.values)
        self._peer_of(event).refused_associations += 1

    def _refuse(self, factor: str, values: _Values) -> None:
        self._refused += 1
        self._last_refusal = str(values["reason"])
        refusals = self._record.totals.refusals
        refusals[factor] = refusals.get(factor, 0) + 1

    def _accepted(self, event: Event) -> None:
        self._last_peer = f"{event.values['calling_ae_title']} {event.values['peer']}"
        self._record.totals.associations += 1
        peer = self._live[event.values["peer"]] = self._peer_of(event)
        peer.associations += 1

    def _ended(self, event: Event) -> None:
        self._live.pop(event.values.get("peer"), None)

    def _peer_of(self, event: Event) -> PeerCounts:
        address = without_port(str(event.values.get("peer", "")))
        return self._peers.seen(str(event.values.get("calling_ae_title", "")), address, event.at)

    # Telling

    def status(self) -> ReceiverStatus:
        """Return the present state."""
        now = time.monotonic()
        self._samples.append((now, self._instances, self._bytes))
        while self._samples[0][0] < now - _RATE_SECONDS:
            self._samples.popleft()
        since, instances, received = self._samples[0]
        seconds = max(now - since, PUBLISH_SECONDS)
        return ReceiverStatus(
            os.getpid(),
            *self._address,
            self._started_at,
            time.time(),
            self._associations(),
            self._instances,
            self._bytes,
            (self._instances - instances) / seconds,
            (self._bytes - received) / seconds,
            self._refused,
            self._last_refusal,
            self._last_peer,
            self._waiting(),
            self._out_of_resources,
        )

    def record(self) -> ReceiverRecord:
        """Return what is kept over restarts, up to this moment."""
        now, wall = time.monotonic(), time.time()
        instances, received, added = self._kept
        self._kept = (self._instances, self._bytes, self._added_bytes)
        self._minutes.add(now, self._instances - instances, self._bytes - received)
        self._record.totals.instances += self._instances - instances
        self._record.totals.bytes += self._bytes - received
        if self._added_bytes > added:
            self._record.add_to_day(wall, self._added_bytes - added)
        self._record.minutes = self._minutes.rates(now, wall)
        self._record.peers = self._peers.newest_first()
        return self._record

    async def publish(self, layout: Layout) -> None:
        """Write the state again and again until cancelled; then remove it, and keep what was counted."""
        keep_at, kept = 0.0, 0
        writing: asyncio.Future[None] | None = None
        try:
            while True:
                record, status = self.record(), self._encode()
                keep = b""
                if self._heard != kept and time.monotonic() >= keep_at:
                    keep_at, kept, keep = time.monotonic() + _KEEP_SECONDS, self._heard, to_json(record)
                writing = asyncio.ensure_future(asyncio.to_thread(_write, layout, status, keep))
                await asyncio.shield(writing)
                await asyncio.sleep(PUBLISH_SECONDS)
        finally:
            if writing:
                await writing
            with contextlib.suppress(
                OSError
            ):  # a disk that is read-only by now: readers see that we are gone
                (layout.run / STATUS_NAME).unlink()
            if self._heard != kept:
                with contextlib.suppress(OSError):
                    write_record(layout, to_json(self.record()))

    def _encode(self) -> bytes:
        """Return the status and, for who wants to see more, what `archive.network.activity` reads."""
        seconds = self._seconds.rates(time.monotonic(), time.time())
        more = {"seconds": seconds, "totals": self._record.totals, "peers": self._record.peers}
        return to_json(asdict(self.status()) | more)


def read_status(layout: Layout) -> ReceiverStatus | None:
    """Return how the archive's receiver is doing; None when none is running."""
    try:
        values = json.loads((layout.run / STATUS_NAME).read_bytes())
        known = {field.name: values[field.name] for field in fields(ReceiverStatus) if field.name in values}
        status = ReceiverStatus(**known)
        os.kill(status.pid, 0)
    except PermissionError:
        return None  # the process id belongs to someone else by now
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return None
    return status if abs(time.time() - status.updated_at) < _STALE_SECONDS else None


def _write(layout: Layout, status: bytes, record: bytes) -> None:
    with contextlib.suppress(OSError):  # a full disk is told to the peers; it must not end the receiver
        replace_file(layout.run / STATUS_NAME, status, durable=False)
    if record:
        with contextlib.suppress(OSError):
            write_record(layout, record)
