"""The Storage Service Class: C-STORE (PS3.4 Annex B).

A data set streams into a part file while it arrives. Another process writes, hashes and syncs it, so that
neither a slow disk nor a large image holds up other associations; the answer waits for the line.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial
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
from archive.services.storing import Storing

if TYPE_CHECKING:
    from archive.dicom.header import Header
    from archive.ingest import Line, Outcome
    from archive.network.operation import Exchange, Request
    from archive.network.quotas import Quotas
    from archive.services.part_writer import PartWriter
    from archive.storage.quarantine import Quarantine

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
_READERS = 2
"""Threads that read long headers, which would hold up other associations."""


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
        writer: PartWriter,
        line: Line,
        quarantine: Quarantine,
        hear: EventListener,
        quotas: Quotas,
        *,
        accept_unknown_sop_classes: bool,
    ) -> None:
        self.accept_unknown_sop_classes = accept_unknown_sop_classes
        self._writer = writer
        self._line = line
        self._quarantine = quarantine
        self._hear = hear
        self._quotas = quotas
        self._readers = ThreadPoolExecutor(_READERS, "read")
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
            self._quotas.check(request.peer.facility)
            return self._storing(request, exchange)
        except NoctisError as error:
            self._tell_refused(request, error)
            return Decided(exchange, error.dimse_status, _COMMENTS[error.dimse_status])

    def _storing(self, request: Request, exchange: Exchange) -> Storing:
        return Storing(
            self._writer,
            self._line,
            self._readers,
            self._quarantine,
            request,
            exchange,
            partial(self._refuse, request, exchange),
            partial(self._stored, request, exchange),
        )

    def _refuse(self, request: Request, exchange: Exchange, error: BaseException) -> None:
        """Answer, then tell people why an instance is not kept."""
        status = _status(error)
        exchange.respond(status, _COMMENTS.get(status, ""))
        self._tell_refused(request, error)

    def _tell_refused(self, request: Request, error: BaseException) -> None:
        status = _status(error)
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
        self._hear(Event("instance_refused", _who(request) | values))

    def _stored(
        self, request: Request, exchange: Exchange, header: Header, size: int, outcome: Outcome
    ) -> None:
        """Answer, then tell people that an instance is on disk and in the index."""
        exchange.respond(_SUCCESS)
        self._quotas.spend(request.peer.facility, size)
        values: dict[str, EventValue] = {
            "study_instance_uid": header.study_instance_uid,
            "series_instance_uid": header.series_instance_uid,
            "transfer_syntax_uid": request.context.transfer_syntax,
            "bytes": size,
            "outcome": outcome.name.lower(),
        }
        self._hear(Event("instance_stored", _who(request) | values))

    @property
    def stuck_seconds(self) -> float:
        """How long the disk has been at what is under way and not with the line yet."""
        return self._writer.stuck_seconds

    async def close(self) -> None:
        """Wait until what is under way is with the line."""
        await self._writer.close()
        await asyncio.to_thread(self._readers.shutdown)


def _status(error: BaseException) -> int:
    return error.dimse_status if isinstance(error, NoctisError) else _PROCESSING_FAILURE


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
