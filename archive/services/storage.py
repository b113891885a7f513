"""The Storage Service Class: C-STORE (PS3.4 Annex B).

A data set streams into a part file while it arrives. Writing, hashing and reading the header happen in
threads, so that neither a slow disk nor a long header holds up other associations; the answer waits for the
line.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from archive.dicom.sop_classes import storage_sop_classes, uid_name
from archive.dicom.text import visible
from archive.dicom.uids import is_uid
from archive.errors import (
    CannotUnderstand,
    DataSetMismatch,
    NoctisError,
    NotAuthorized,
    QuotaReached,
    SopClassNotSupported,
)
from archive.network.command_set import CommandField
from archive.network.events import Event, EventListener, EventValue
from archive.network.operation import Decided, Operation
from archive.network.refusal import Factor
from archive.services.workers import Crew
from archive.services.writing import Piece, Shelf, Writing

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from archive.ingest import Line, Outcome
    from archive.network.operation import Exchange, Request
    from archive.network.quotas import Quotas
    from archive.services.writing import HandedOver
    from archive.storage.quarantine import Quarantine
    from archive.storage.spool import Spool

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

_CHUNK_BYTES = 1 << 20
"""How much of a data set lies in memory in one piece: most images do whole."""
_PIECE_BYTES = 131_072
"""How much is written and hashed at once: enough that handing it to a thread costs little beside it."""
_WAITING_PIECES = 8
"""How many pieces may wait for the disk before the peer is told to wait."""
_SPARE_CHUNKS = 8


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
        durable: bool,
        accept_unknown_sop_classes: bool,
    ) -> None:
        self.accept_unknown_sop_classes = accept_unknown_sop_classes
        self.hear = hear
        self.quotas = quotas
        self._crew = Crew(line.carry)
        self._chunks: list[memoryview] = []
        self.shelf = Shelf(spool, line, quarantine, self._crew, durable, self.give_chunk)
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
        """Take memory back that is not needed any more, from any thread."""
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

    def stored(self, request: Request, handed_over: HandedOver, outcome: Outcome) -> None:
        """Tell people that an instance is on disk and in the index."""
        header = handed_over.header
        self.quotas.spend(request.peer.facility, handed_over.size)
        values: dict[str, EventValue] = {
            "study_instance_uid": header.study_instance_uid,
            "series_instance_uid": header.series_instance_uid,
            "transfer_syntax_uid": request.context.transfer_syntax,
            "bytes": handed_over.size,
            "outcome": outcome.name.lower(),
        }
        self.hear(Event("instance_stored", _who(request) | values))

    @property
    def stuck_seconds(self) -> float:
        """How long the disk has been at what is under way and not with the line yet."""
        return self.shelf.stuck_seconds

    async def close(self) -> None:
        """Wait until the threads have written what they hold."""
        await asyncio.to_thread(self._crew.close)


class StoreOperation:
    """One C-STORE on the event loop: gathers chunks for `Writing`, holds its peer back, answers."""

    def __init__(self, service: StorageService, request: Request, exchange: Exchange) -> None:
        self._service = service
        self._request = request
        self._exchange = exchange
        self._loop = asyncio.get_running_loop()
        self._writing = Writing(service.shelf, request, self._written, self._done)
        self._chunk = service.take_chunk()
        self._filled = 0
        self._handed_on = 0
        self._chunks = 1
        self._paused = False
        self._ended = False
        self._abandoned = False
        self._error: BaseException | None = None

    def receive(self, data: memoryview) -> None:
        """Copy a piece of the data set and have it written."""
        while data and not self._error:
            taken = min(len(data), _CHUNK_BYTES - self._filled)
            self._chunk[self._filled : self._filled + taken] = data[:taken]
            self._filled += taken
            data = data[taken:]
            if self._filled == _CHUNK_BYTES:
                self._begin_chunk()
        if self._filled - self._handed_on >= _PIECE_BYTES:
            self._hand_on()

    def _begin_chunk(self) -> None:
        self._writing.add(Piece(self._chunk[self._handed_on :], self._chunk))
        self._chunk = self._service.take_chunk()
        self._filled = self._handed_on = 0
        self._chunks += 1
        self._hold_back()

    def _hand_on(self) -> None:
        self._writing.add(Piece(self._chunk[self._handed_on : self._filled]))
        self._handed_on = self._filled
        self._hold_back()

    def _hold_back(self) -> None:
        if self._writing.waiting_pieces >= _WAITING_PIECES and not self._paused:
            self._exchange.pause()
            self._paused = True
            self._resume_when_written()  # a thread may have been quicker than that

    def end(self) -> None:
        """Have what is left written and the instance handed to the line."""
        self._ended = True
        if self._error:
            self._refuse(self._error)
            return
        if self._filled > self._handed_on:
            self._hand_on()
        self._writing.end(self._chunk[: self._filled] if self._chunks == 1 else None)

    def abandon(self) -> None:
        """Leave no trace of an instance that is not yet with the line."""
        self._abandoned = True
        self._writing.abandon()

    # In a worker's thread

    def _written(self) -> None:
        if self._paused:
            self._call(self._resume_when_written)

    def _done(self, result: HandedOver | BaseException) -> None:
        if isinstance(result, BaseException):
            self._call(self._failed, result)
        else:
            result.outcome.add_done_callback(lambda outcome: self._call(self._answer, result, outcome))

    def _call(self, callback: Callable[..., None], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody is there to be told
            self._loop.call_soon_threadsafe(callback, *arguments)

    # On the event loop again

    def _resume_when_written(self) -> None:
        if self._paused and self._writing.waiting_pieces < _WAITING_PIECES:
            self._paused = False
            self._exchange.resume()

    def _failed(self, error: BaseException) -> None:
        """Remember why nothing more is written; the peer is answered when its data set has ended."""
        self._error = error
        if self._paused:
            self._paused = False
            self._exchange.resume()
        if self._ended and not self._abandoned:
            self._refuse(error)

    def _answer(self, handed_over: HandedOver, outcome: Future[Outcome]) -> None:
        error = outcome.exception()
        if error:
            self._refuse(error)
            return
        if not self._abandoned:
            self._exchange.respond(_SUCCESS)
        self._service.give_chunk(self._chunk)
        self._service.stored(self._request, handed_over, outcome.result())

    def _refuse(self, error: BaseException) -> None:
        status = self._service.refused(self._request, error)
        if not self._abandoned:
            self._exchange.respond(status, _COMMENTS.get(status, ""))


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


def _who(request: Request) -> dict[str, EventValue]:
    return {
        "sop_instance_uid": request.command.affected_sop_instance_uid,
        "sop_class_uid": request.command.affected_sop_class_uid,
        "peer": request.peer.address,
        "calling_ae_title": request.peer.calling_ae_title,
        "called_ae_title": request.peer.called_ae_title,
    }
