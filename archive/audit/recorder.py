"""A thread that appends what it is told: whoever tells never waits for the disk."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from typing import TYPE_CHECKING

from archive.audit.messages import SERIOUS_FAILURE, AuditEvent, EventType, Message, this_process
from archive.audit.repeats import REPEAT_SECONDS, Repeats
from archive.errors import NoctisError, OutOfResources

if TYPE_CHECKING:
    from archive.audit.trail import Trail

LOGGER = logging.getLogger(__name__)
GATHER_SECONDS = 0.5
"""What comes within so long becomes one group of records: the disk is asked twice a second at most."""
RETRY_SECONDS = 5.0
"""How long records wait for a disk that did not take them."""
WAITING_MESSAGES = 10_000
"""What waits beyond that is lost, and counted."""


class Recorder:
    """Appends messages to a trail from `start` to `close`.

    Attributes
    ----------
    failing
        Whether the disk did not take the last records; they wait.
    """

    def __init__(self, trail: Trail) -> None:
        self.failing = False
        self._trail = trail
        self._told: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._waiting: list[Message] = []
        self._lost = 0
        self._repeats = Repeats()
        self._wanted = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="noctis-audit", daemon=True)

    def start(self) -> None:
        """Begin to write; on a disk that takes nothing now, records wait.

        Raises
        ------
        BadInput
            The trail's key is missing or is none.
        """
        try:
            self._trail.open()
        except OutOfResources as error:
            self._fails(error)
        self._thread.start()

    def record(self, *messages: Message) -> None:
        """Have messages recorded; from any thread, never waits."""
        if self._told.qsize() > WAITING_MESSAGES:
            self._lost += len(messages)
            return
        for message in messages:
            self._told.put(message)
        self._wanted.set()

    def close(self) -> None:
        """Write what waits, once; does nothing when it was not started."""
        self._closing.set()
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wanted.wait(self._patience())
            self._closing.wait(GATHER_SECONDS)
            self._wanted.clear()
            self._write(everything=False)
        self._write(everything=True)

    def _patience(self) -> float | None:
        if self._waiting:
            return RETRY_SECONDS
        return REPEAT_SECONDS if self._repeats else None

    def _write(self, *, everything: bool) -> None:
        now = time.monotonic()
        with contextlib.suppress(queue.Empty):
            while True:
                self._keep(self._repeats.first_of_its_kind(self._told.get_nowait(), now))
        for message in self._repeats.settled(now, everything=everything):
            self._keep(message)
        lost = self._lost
        messages = [*self._waiting, _recording_stopped(lost)] if lost else self._waiting
        if messages and self._appended(messages):
            self._waiting = []
            self._lost -= lost

    def _keep(self, message: Message | None) -> None:
        if message is None:
            return
        if len(self._waiting) < WAITING_MESSAGES:
            self._waiting.append(message)
        else:
            self._lost += 1

    def _appended(self, messages: list[Message]) -> bool:
        try:
            head = self._trail.append(messages)
        except NoctisError as error:
            self._fails(error)
            return False
        self.failing = False
        if self._closing.is_set():
            LOGGER.info("The audit's head is %d:%s", head.sequence, head.last)
        return True

    def _fails(self, error: NoctisError) -> None:
        if not self.failing:
            LOGGER.error("The audit cannot be written, its records wait: %s", error)
        self.failing = True


def _recording_stopped(lost: int) -> Message:
    return Message(
        AuditEvent.SECURITY_ALERT,
        (this_process("noctis"),),
        event_type=EventType.AUDIT_RECORDING_STOPPED,
        outcome=SERIOUS_FAILURE,
        details={"reason": "Records were lost: the audit could not be written.", "times": lost},
    )
