"""How the receiver is doing: counted from its events, published for other processes in one small file."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections import deque
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from archive.storage.layout import FILE_MODE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from archive.network.events import Event
    from archive.storage.layout import Layout

STATUS_NAME = "receiver.json"
PUBLISH_SECONDS = 0.5
_RATE_SECONDS = 3.0
_STALE_SECONDS = 15.0
"""A live receiver publishes twice a second; one that has not for so long hangs or died with its id reused."""


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


class Statistics:
    """Counts events; on the event loop only."""

    def __init__(self, host: str, port: int, ae_title: str, associations: Callable[[], int]) -> None:
        self._address = (host, port, ae_title)
        self._associations = associations
        self._started_at = time.time()
        self._instances = 0
        self._bytes = 0
        self._refused = 0
        self._last_refusal = ""
        self._last_peer = ""
        self._samples: deque[tuple[float, int, int]] = deque()  # monotonic seconds, instances, bytes

    def hear(self, event: Event) -> None:
        """Count what has happened."""
        if event.name == "instance_stored":
            self._instances += 1
            self._bytes += int(event.values["bytes"] or 0)
        elif event.name.endswith("_refused"):
            self._refused += 1
            self._last_refusal = str(event.values["reason"])
        elif event.name == "association_accepted":
            self._last_peer = f"{event.values['calling_ae_title']} {event.values['peer']}"

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
        )

    async def publish(self, layout: Layout) -> None:
        """Write the state again and again until cancelled; then remove it."""
        try:
            while True:
                await asyncio.to_thread(_write, layout.run, self.status())
                await asyncio.sleep(PUBLISH_SECONDS)
        finally:
            (layout.run / STATUS_NAME).unlink(missing_ok=True)


def read_status(layout: Layout) -> ReceiverStatus | None:
    """Return how the archive's receiver is doing; None when none is running."""
    try:
        values = json.loads((layout.run / STATUS_NAME).read_bytes())
        status = ReceiverStatus(**{field.name: values[field.name] for field in fields(ReceiverStatus)})
        os.kill(status.pid, 0)
    except PermissionError:
        return None  # the process id belongs to someone else by now
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return None
    return status if abs(time.time() - status.updated_at) < _STALE_SECONDS else None


def _write(run: Path, status: ReceiverStatus) -> None:
    new = run / f"{STATUS_NAME}.new"
    try:
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, FILE_MODE)
        try:
            os.write(file, json.dumps(asdict(status)).encode("ascii"))
        finally:
            os.close(file)
        new.replace(run / STATUS_NAME)
    except OSError:
        return  # a full disk is told to the peers; it must not end the receiver
