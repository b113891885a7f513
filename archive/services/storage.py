"""The Storage Service Class: C-STORE (PS3.4 Annex B).

A data set streams into a part file while it arrives. Writing, hashing and reading the header happen in
threads, so that neither a slow disk nor a long header holds up other associations; the answer waits for the
line.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.dicom.header import parse_data_set
from archive.dicom.part10 import write_file_meta
from archive.dicom.sop_classes import lacks_pixels, storage_sop_classes, uid_name
from archive.dicom.text import visible
from archive.dicom.uids import is_uid
from archive.errors import (
    CannotUnderstand,
    DataSetMismatch,
    NoctisError,
    NotAuthorized,
    OutOfResources,
    QuotaReached,
    SopClassNotSupported,
)
from archive.ingest import Arrival, Source
from archive.network.command_set import CommandField
from archive.network.events import Event, EventListener, EventValue
from archive.network.operation import Decided, Operation
from archive.network.refusal import Factor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.dicom.header import Header
    from archive.ingest import Line, Outcome
    from archive.network.operation import Exchange, Request
    from archive.network.quotas import Quotas
    from archive.storage.quarantine import Quarantine
    from archive.storage.spool import Part, Spool

LOGGER = logging.getLogger(__name__)

_SUCCESS, _PROCESSING_FAILURE = 0x0000, 0x0110
_COMMENTS = {
    0x0110: "Processing failure",
    0x0111: "Other bytes are stored under this SOP Instance UID",
    0x0122: "SOP class not supported",
    0x0124: "Not authorised",
    0xA700: "Out of resources",
    0xA900: "Data set and command do not match",
    0xC000: "The data set cannot be understood",
}
"""What a peer is told beside the status: never the sentence of an error, which may name more."""

_FACTORS: dict[type[BaseException], Factor] = {
    NotAuthorized: Factor.SOP_CLASS,
    QuotaReached: Factor.QUOTA,
}
"""What a refusal turned on, where another setting of the peer's facility would have admitted the instance."""

_CHUNK_BYTES = 262_144
"""How much is written and hashed at once: enough that handing it to a thread costs little beside it."""
_FULL_CHUNKS = 3
"""How many full chunks may wait for the disk before the peer is told to wait."""
_SPARE_CHUNKS = 32
_THREADS = 4


@dataclass(frozen=True, slots=True)
class _Recorded:
    """What came out of the thread that saw the last byte."""

    header: Header
    size: int
    outcome: Future[Outcome]


class StorageService:
    """Answers C-STORE; to be made and used on the event loop.

    Attributes
    ----------
    accept_unknown_sop_classes
        Whether abstract syntaxes that no one registered are stored too; may be changed at any time.
    """

    command_field = CommandField.C_STORE_RQ

    def __init__(
        self,
        spool: Spool,
        line: Line,
        quarantine: Quarantine,
        hear: EventListener,
        quotas: Quotas,
        *,
        accept_unknown_sop_classes: bool,
    ) -> None:
        self.accept_unknown_sop_classes = accept_unknown_sop_classes
        self.spool = spool
        self.line = line
        self.quarantine = quarantine
        self.hear = hear
        self.quotas = quotas
        self.threads = ThreadPoolExecutor(_THREADS, "noctis-storage")
        self._chunks: list[memoryview] = []
        self._known = frozenset(storage_sop_classes())

    def accepts(self, abstract_syntax: str) -> bool:
        """Whether instances of this SOP class are stored."""
        if abstract_syntax in self._known:
            return True
        unregistered = is_uid(abstract_syntax) and uid_name(abstract_syntax) == abstract_syntax
        return self.accept_unknown_sop_classes and unregistered

    def begin(self, request: Request, exchange: Exchange) -> Operation:
        """Begin to store an instance, or let it pass and refuse it."""
        try:
            _check_command(request)
            self.quotas.check(request.peer.facility)
        except NoctisError as error:
            self.refused(request, error)
            return Decided(exchange, error.dimse_status, _COMMENTS[error.dimse_status])
        return StoreOperation(self, request, exchange)

    def take_chunk(self) -> memoryview:
        """Return memory to gather data in."""
        return self._chunks.pop() if self._chunks else memoryview(bytearray(_CHUNK_BYTES))

    def give_chunk(self, chunk: memoryview) -> None:
        """Take memory back that is not needed any more."""
        if len(self._chunks) < _SPARE_CHUNKS:
            self._chunks.append(chunk)

    def refused(self, request: Request, error: BaseException) -> int:
        """Tell people why an instance is refused; return the status for the peer."""
        status = error.dimse_status if isinstance(error, NoctisError) else _PROCESSING_FAILURE
        reason = str(error) if isinstance(error, NoctisError) else "an internal error"
        LOGGER.warning(
            "Refused an instance from %s (%s calling %s) with status %04X: %s",
            request.peer.address,
            visible(request.peer.calling_ae_title),
            visible(request.peer.called_ae_title),
            status,
            visible(reason),
            exc_info=None if isinstance(error, NoctisError) else error,
        )
        values: dict[str, EventValue] = {"status": f"{status:04X}", "reason": reason}
        if factor := _FACTORS.get(type(error)):
            values["factor"] = factor.value
        self.hear(Event("instance_refused", _who(request) | values))
        return status

    def stored(self, request: Request, recorded: _Recorded, outcome: Outcome) -> None:
        """Tell people that an instance is on disk and in the index."""
        header = recorded.header
        self.quotas.spend(request.peer.facility, recorded.size)
        values: dict[str, EventValue] = {
            "study_instance_uid": header.study_instance_uid,
            "series_instance_uid": header.series_instance_uid,
            "transfer_syntax_uid": request.context.transfer_syntax,
            "bytes": recorded.size,
            "outcome": outcome.name.lower(),
        }
        self.hear(Event("instance_stored", _who(request) | values))

    def discard(self, file: _InstanceFile) -> None:
        """Remove a file that nobody works on."""
        try:
            self.threads.submit(file.discard)
        except RuntimeError:  # closing: the threads take no more work, and nobody waits for the loop
            file.discard()

    async def close(self) -> None:
        """Wait until the threads have written what they hold."""
        await asyncio.to_thread(self.threads.shutdown)


class StoreOperation:
    """One C-STORE: gathers chunks on the event loop and has one thread at a time work on them, in order."""

    def __init__(self, service: StorageService, request: Request, exchange: Exchange) -> None:
        self._service = service
        self._request = request
        self._exchange = exchange
        self._loop = asyncio.get_running_loop()
        self._file = _InstanceFile(service.spool, service.line, service.quarantine, request)
        self._full: list[memoryview] = []
        self._filling = service.take_chunk()
        self._filled = 0
        self._working = False
        self._paused = False
        self._ended = False
        self._handed_on = False
        self._abandoned = False
        self._error: BaseException | None = None

    def receive(self, data: memoryview) -> None:
        """Copy a piece of the data set and have it written."""
        while data and not self._error:
            taken = min(len(data), _CHUNK_BYTES - self._filled)
            self._filling[self._filled : self._filled + taken] = data[:taken]
            self._filled += taken
            data = data[taken:]
            if self._filled == _CHUNK_BYTES:
                self._begin_chunk()
        if self._full and not self._working:
            self._work()

    def _begin_chunk(self) -> None:
        self._full.append(self._filling)
        self._filling = self._service.take_chunk()
        self._filled = 0
        if len(self._full) >= _FULL_CHUNKS and not self._paused:
            self._paused = True
            self._exchange.pause()

    def end(self) -> None:
        """Write what is left, read the header and hand the instance to the line."""
        self._ended = True
        if self._error:
            self._refuse(self._error)
        elif not self._working:
            self._work()

    def abandon(self) -> None:
        """Leave no trace of an instance that is not yet with the line."""
        self._abandoned = True
        if not self._working and not self._handed_on:
            self._drop()

    def _work(self) -> None:
        chunks, self._full = self._full, []
        rest = None
        if self._ended:
            rest, self._handed_on = self._filling[: self._filled], True
        self._working = True
        work = self._service.threads.submit(self._file.work, chunks, rest)
        work.add_done_callback(lambda done: self._loop.call_soon_threadsafe(self._worked, done, chunks))

    def _worked(self, done: Future[_Recorded | None], chunks: list[memoryview]) -> None:
        self._working = False
        for chunk in chunks:
            self._service.give_chunk(chunk)
        error = done.exception()
        if error:
            self._fail(error)
        elif recorded := done.result():
            self._service.give_chunk(self._filling)
            recorded.outcome.add_done_callback(
                lambda outcome: self._loop.call_soon_threadsafe(self._answer, recorded, outcome)
            )
        elif self._abandoned:
            self._drop()
        elif self._full or self._ended:
            self._work()
        if self._paused and len(self._full) < _FULL_CHUNKS:
            self._paused = False
            self._exchange.resume()

    def _fail(self, error: BaseException) -> None:
        """Remember why nothing more is written; the peer is answered when its data set has ended."""
        self._error = error
        self._drop()
        if self._ended and not self._abandoned:
            self._refuse(error)

    def _drop(self) -> None:
        self._full.clear()
        self._service.discard(self._file)

    def _answer(self, recorded: _Recorded, outcome: Future[Outcome]) -> None:
        error = outcome.exception()
        if error:
            self._refuse(error)
            return
        self._service.stored(self._request, recorded, outcome.result())
        if not self._abandoned:
            self._exchange.respond(_SUCCESS)

    def _refuse(self, error: BaseException) -> None:
        status = self._service.refused(self._request, error)
        if not self._abandoned:
            self._exchange.respond(status, _COMMENTS.get(status, ""))


class _InstanceFile:
    """The threads' side of one C-STORE: never two of its methods at once."""

    def __init__(self, spool: Spool, line: Line, quarantine: Quarantine, request: Request) -> None:
        self._spool = spool
        self._line = line
        self._quarantine = quarantine
        self._request = request
        self._part: Part | None = None

    def work(self, chunks: list[memoryview], rest: memoryview | None) -> _Recorded | None:
        """Write chunks; with the rest, however little, comes the end and the hand-over to the line."""
        if self._part is None:
            self._part = self._spool.create(self._file_meta())
        for chunk in chunks:
            self._part.write(chunk)
        if rest is None:
            return None
        if rest:
            self._part.write(rest)
        return self._hand_over(self._part)

    def discard(self) -> None:
        """Remove the file."""
        if self._part:
            self._part.discard()

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

    def _hand_over(self, part: Part) -> _Recorded:
        if not part.size:
            raise CannotUnderstand("The data set is empty.")
        try:
            with part.data_set_buffer() as data_set:
                header = parse_data_set(data_set, self._request.context.transfer_syntax)
            _check_header(header, self._request)
        except DataSetMismatch as error:
            self._keep_in_quarantine(part, str(error))
            raise
        peer, size = self._request.peer, part.size
        source = Source(peer.calling_ae_title, peer.called_ae_title, _host(peer.address))
        return _Recorded(header, size, self._line.submit(Arrival(part, header, source)))

    def _keep_in_quarantine(self, part: Part, reason: str) -> None:
        def content() -> Iterator[bytes]:
            yield self._file_meta()
            with part.data_set_buffer() as data_set:
                for start in range(0, len(data_set), _CHUNK_BYTES):
                    yield bytes(data_set[start : start + _CHUNK_BYTES])

        peer = self._request.peer
        origin = f"{peer.calling_ae_title} {self._request.command.affected_sop_instance_uid}"
        with contextlib.suppress(OutOfResources):
            self._quarantine.keep(origin, reason, part.file_size, content())


def _check_command(request: Request) -> None:
    command = request.command
    if not request.context.authorized:
        name = uid_name(request.context.abstract_syntax)
        raise NotAuthorized(f"{request.peer.facility} may not store {name}.")
    if command.affected_sop_class_uid != request.context.abstract_syntax:
        raise SopClassNotSupported("The command's SOP class is not that of its presentation context.")
    if not is_uid(command.affected_sop_instance_uid):
        raise DataSetMismatch("The command's SOP Instance UID is not a UID.")
    if not command.has_data_set:
        raise CannotUnderstand("The command comes without a data set.")


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


def _who(request: Request) -> dict[str, EventValue]:
    return {
        "sop_instance_uid": request.command.affected_sop_instance_uid,
        "sop_class_uid": request.command.affected_sop_class_uid,
        "peer": request.peer.address,
        "calling_ae_title": request.peer.calling_ae_title,
        "called_ae_title": request.peer.called_ae_title,
    }
