"""The threads' side of one C-STORE: pieces become a part file, and the whole of it goes to the line."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from archive.dicom.header import parse_data_set
from archive.dicom.part10 import write_file_meta
from archive.dicom.sop_classes import lacks_pixels
from archive.errors import CannotUnderstand, DataSetMismatch, FailingDisk, OutOfResources
from archive.ingest import Arrival, Source
from archive.services.aside import Aside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from archive.dicom.header import Header
    from archive.ingest import Line, Outcome
    from archive.network.operation import Request
    from archive.services.workers import Crew
    from archive.storage.quarantine import Quarantine
    from archive.storage.spool import Part, Spool

_PIECE_BYTES = 262_144
_WORTH_A_THREAD_BYTES = 65_536
"""Hashing less than this is done before another thread has begun."""
_GROUP = 4
"""How many instances wait for one transaction while others are still being written."""
_STEPS_A_TURN = 16
"""How many pieces are written before other instances have their turn: most images do whole."""
_WAITING_STEPS = 16
"""How far the hash may lag behind, so that no more memory is held."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """An instance that was understood to its last byte and is with the line."""

    header: Header
    size: int
    outcome: Future[Outcome]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the instances of a service go.

    Attributes
    ----------
    durable
        Whether an instance's bytes are synced (settings.storage.fsync).
    give_back
        Takes a chunk's memory back; called in any thread.
    under_way
        The instances that have begun and are not with the line yet.
    """

    spool: Spool
    line: Line
    quarantine: Quarantine
    crew: Crew
    durable: bool
    give_back: Callable[[memoryview], None]
    under_way: set[Writing] = field(default_factory=set)

    @property
    def stuck_seconds(self) -> float:
        """How long the disk has been at what it was given last, at the worst of all that is under way."""
        since = [each.at_disk_since for each in tuple(self.under_way)]
        return max((time.monotonic() - each for each in since if each is not None), default=0.0)


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes to be written; `chunk` is the memory that nobody needs any more after them."""

    data: memoryview
    chunk: memoryview | None = None


class Writing:
    """One instance on its way to the line; one thread at a time works on it, as long as there is work.

    Large pieces are hashed by a second thread: a lone sender waits for the longer of the two, not for both.

    Parameters
    ----------
    written
        Called in a worker after each piece.
    done
        Called in a worker, once: with what went to the line, or with why nothing did.

    Attributes
    ----------
    at_disk_since
        When the step began that waits for the disk (monotonic clock, seconds); None between such steps.
    """

    def __init__(
        self,
        shelf: Shelf,
        request: Request,
        written: Callable[[], None],
        done: Callable[[HandedOver | BaseException], None],
    ) -> None:
        self._shelf = shelf
        self._request = request
        self._written = written
        self._done = done
        self._pieces: deque[Piece] = deque()
        self._aside = Aside(shelf.crew.hashers)
        self._gate = threading.Lock()
        self._working = False
        self._ended = False
        self._over = False
        self._whole: memoryview | None = None
        self._part: Part | None = None
        self.at_disk_since: float | None = None
        shelf.under_way.add(self)

    @property
    def waiting_pieces(self) -> int:
        """How many pieces wait for a thread."""
        return len(self._pieces)

    def add(self, piece: Piece) -> None:
        """Have a piece written; never blocks for the disk."""
        self._pieces.append(piece)
        self._work_on()

    def end(self, whole: memoryview | None) -> None:
        """Have the instance handed over; `whole` is the data set where it lies in memory in one piece."""
        self._whole = whole
        self._ended = True
        self._work_on()

    def abandon(self) -> None:
        """Leave no trace, unless the last byte has come."""
        if not self._ended:
            self._over = True
            self._shelf.under_way.discard(self)
            self._work_on()

    def _work_on(self) -> None:
        with self._gate:
            if self._working:
                return
            self._working = True
        self._shelf.crew.writers.submit(self._work)

    def _work(self) -> None:
        with self._telling_errors():
            for _ in range(_STEPS_A_TURN):
                step = self._next_step()
                if step is None:
                    return
                step()
            self._shelf.crew.writers.submit(self._work)  # still at work, but behind whoever waits

    @contextlib.contextmanager
    def _telling_errors(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:  # noqa: BLE001 - whatever it is, the peer must be told
            self._clear()
            self._done(error)
            if isinstance(error, FailingDisk):
                self._shelf.line.fail(error)

    def _next_step(self) -> Callable[[], None] | None:
        with self._gate:
            if not self._over:
                if self._pieces:
                    return self._write
                if self._ended:
                    self._over = True  # and still at work: nobody else finishes it, too
                    return self._finish
            elif self._pieces or self._part:
                return self._clear
            self._working = False
            return None

    def _clear(self) -> None:
        """Leave nothing of it: the part, and memory that is still held."""
        self._over = True
        self._shelf.under_way.discard(self)
        with contextlib.suppress(BaseException):
            self._aside.join()
        part, self._part = self._part, None
        if part:
            part.discard()
        while self._pieces:
            self._let_go(self._pieces.popleft())

    def _write(self) -> None:
        piece = self._pieces.popleft()
        self.at_disk_since = time.monotonic()
        if self._part is None:
            self._part = self._shelf.spool.create(self._file_meta())
        self._part.append(piece.data)
        if self._aside.waiting > _WAITING_STEPS:
            self._aside.join()
        if self._hashes_aside(piece):
            self._aside.do(partial(self._hash, self._part, piece))
        else:
            self._hash(self._part, piece)
        if self._shelf.durable:
            self._part.begin_writeback()
        self.at_disk_since = None
        self._written()

    def _hashes_aside(self, piece: Piece) -> bool:
        return len(piece.data) >= _WORTH_A_THREAD_BYTES or not self._aside.resting

    def _hash(self, part: Part, piece: Piece) -> None:
        part.digest_next(piece.data)
        self._let_go(piece)

    def _let_go(self, piece: Piece) -> None:
        if piece.chunk:
            self._shelf.give_back(piece.chunk)

    def _finish(self) -> None:
        part = self._part
        if not part or not part.size:
            raise CannotUnderstand("The data set is empty.")
        header = self._checked_header(part)
        self._part = None  # the line's, or whoever syncs it
        if self._shelf.durable and len(self._shelf.under_way) > 1:
            self._shelf.crew.syncers.submit(partial(self._hand_over_later, part, header))
        else:
            self._hand_over(part, header)

    def _hand_over_later(self, part: Part, header: Header) -> None:
        with self._telling_errors():
            self._hand_over(part, header)

    def _hand_over(self, part: Part, header: Header) -> None:
        try:
            self._aside.join()
        except BaseException:
            part.discard()
            raise
        peer, size = self._request.peer, part.size
        source = Source(peer.calling_ae_title, peer.called_ae_title, _host(peer.address))
        self.at_disk_since = time.monotonic()  # until it is with the line, which has a clock of its own
        outcome = self._shelf.line.bring(Arrival(part, header, source))
        self._shelf.under_way.discard(self)
        self._done(HandedOver(header, size, outcome))
        if self._shelf.line.waiting >= _GROUP:
            self._shelf.line.carry()

    def _file_meta(self) -> bytes:
        command, context, peer = self._request.command, self._request.context, self._request.peer
        return write_file_meta(
            command.affected_sop_class_uid,
            command.affected_sop_instance_uid,
            context.transfer_syntax,
            peer.calling_ae_title,
            peer.called_ae_title,
            _host(peer.address),
        )

    def _checked_header(self, part: Part) -> Header:
        try:
            header = self._understand(part)
            _check_header(header, self._request)
        except DataSetMismatch as error:
            self._keep_in_quarantine(part, str(error))
            raise
        return header

    def _understand(self, part: Part) -> Header:
        syntax = self._request.context.transfer_syntax
        if self._whole is not None:
            return parse_data_set(self._whole, syntax)
        with part.data_set_buffer() as data_set:
            return parse_data_set(data_set, syntax)

    def _keep_in_quarantine(self, part: Part, reason: str) -> None:
        def content() -> Iterator[bytes]:
            yield self._file_meta()
            with part.data_set_buffer() as data_set:
                for start in range(0, len(data_set), _PIECE_BYTES):
                    yield bytes(data_set[start : start + _PIECE_BYTES])

        peer = self._request.peer
        origin = f"{peer.calling_ae_title} {self._request.command.affected_sop_instance_uid}"
        with contextlib.suppress(OutOfResources):
            self._shelf.quarantine.keep(origin, reason, part.file_size, content())


def _check_header(header: Header, request: Request) -> None:
    command = request.command
    if header.sop_instance_uid != command.affected_sop_instance_uid:
        raise DataSetMismatch("The data set's SOP Instance UID is not that of its command.")
    if header.sop_class_uid != command.affected_sop_class_uid:
        raise DataSetMismatch("The data set's SOP Class UID is not that of its command.")
    if lacks_pixels(header.sop_class_uid, rows=header.rows, has_pixels=header.has_pixels):
        raise CannotUnderstand("The data set is cut short: an image without pixels.")


def _host(address: str) -> str:
    """Return an address without its port: a sender has another one for each association."""
    return address.rpartition(":")[0].strip("[]") or address
