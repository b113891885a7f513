"""One peer's connection: association control, deadlines and flow, on the event loop (PS3.8 9.2, acceptor)."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import replace
from enum import Enum, auto
from typing import TYPE_CHECKING, cast

from archive.network import pdu
from archive.network.admission import Accepted, introduce
from archive.network.command_set import CommandField, CommandSet, encode_response
from archive.network.host import Ending
from archive.network.messages import MessageReader
from archive.network.operation import AcceptedContext, Decided, Operation, Peer, Request, Unanswered
from archive.network.pdu import AbortReason, PduReader, PduType, ProtocolViolation, TlsSpoken
from archive.network.progress import Progress
from archive.network.refusal import Factor, Rejected, proposed_abstract_syntaxes
from archive.network.tls import behind

if TYPE_CHECKING:
    from archive.network.host import Host
    from archive.network.places import Pace

NEVER = float("inf")
REQUEST_SECONDS = 10.0
"""How long a fresh connection may take for its whole A-ASSOCIATE-RQ (the ARTIM timer of PS3.8 9.1.5)."""
CLOSING_SECONDS = 2.0
"""How long a peer may take to close the connection after our last PDU."""
LULL_SECONDS = 0.5
"""A peer silent for so long between two messages is idle; a sender opens its next file sooner."""
_LEAST_PAUSE_SECONDS = 0.005
_EXPECTED_FIRST = frozenset({PduType.A_ASSOCIATE_RQ, PduType.A_ABORT})
_EXPECTED_LATER = frozenset({PduType.P_DATA_TF, PduType.A_RELEASE_RQ, PduType.A_ABORT})
_UNRECOGNIZED_OPERATION = 0x0211


class _State(Enum):
    AWAITING_REQUEST = auto()
    NEGOTIATING = auto()
    ESTABLISHED = auto()
    CLOSING = auto()
    CLOSED = auto()


class Association(asyncio.BufferedProtocol):
    """One connection, from its first byte to its last; requests are answered strictly one after the other.

    Attributes
    ----------
    peer
        Who calls; its AE titles are empty until the A-ASSOCIATE-RQ has come.
    deadline
        Event loop time at which `expire` is due.
    """

    def __init__(self, host: Host) -> None:
        self.peer = Peer("", "", "")
        self.deadline = NEVER
        self._host = host
        self._loop = asyncio.get_running_loop()
        self._state = _State.AWAITING_REQUEST
        self._reader = PduReader(self, host.settings.maximum_pdu_bytes)
        self._messages: MessageReader | None = None
        self._operation: Operation | None = None
        self._request: Request | None = None
        self._peer_maximum_bytes = 0
        self._unread = memoryview(b"")
        self._reading = False
        self._holds: set[str] = set()
        self._progress = Progress(self._reader)
        self._heard_at = 0.0
        self._pace: Pace | None = None

    # The connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection: small answers go out at once and acknowledgements do not wait."""
        self._transport = cast("asyncio.Transport", transport)
        self._socket: socket.socket = transport.get_extra_info("socket")
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.peer, encrypted = behind(transport)
        self.deadline = self._loop.time() + REQUEST_SECONDS
        if encrypted or self._host.may_connect(self.peer):  # the handshake has been counted
            self._host.connected(self)
        else:
            self._drop()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Forget everything that was under way."""
        self._finish(Ending.CONNECTION_LOST, "the connection was closed")
        self._state = _State.CLOSED
        self._host.disconnected(self)

    def eof_received(self) -> None:
        """Let the transport close: a DICOM peer that has stopped sending has gone."""

    def pause_writing(self) -> None:
        """The peer does not read our answers: read no more requests until it does."""
        self._hold("writes")
        self.deadline = self._loop.time() + self._host.settings.pdu_seconds

    def resume_writing(self) -> None:
        """The peer reads again."""
        self._let_go("writes")

    # Reading

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio's signature
        """Return where the next bytes go."""
        if self._pace:
            return self._host.receive_buffer[: self._pace.burst_bytes]
        return self._host.receive_buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Read what has come; acknowledge it at once, for senders whose Nagle waits for that."""
        # Linux falls back to delayed acknowledgements by itself, so this is said again after each read.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        if self._state is _State.CLOSING:
            return
        self._heard_at = self._loop.time()
        if self._pace:
            self._slow_down(self._pace.read(nbytes, self._heard_at))
        received = self._host.receive_buffer[:nbytes]
        if self._reader.halted or self._unread:
            self._keep_unread(b"".join((self._unread, received)))
        else:
            self._read(received)

    def _slow_down(self, seconds: float) -> None:
        """Read nothing for a while: TCP lets the peer send no faster than its facility may."""
        if seconds >= _LEAST_PAUSE_SECONDS and "pace" not in self._holds:
            self._hold("pace")
            self._loop.call_later(seconds, self._let_go, "pace")

    def _read(self, received: memoryview) -> None:
        self._reading = True
        try:
            used = self._reader.feed(received)
        except ProtocolViolation as violation:
            factor = Factor.TLS if isinstance(violation, TlsSpoken) else Factor.PROTOCOL
            self.abort(str(violation), violation.reason, factor)
            return
        finally:
            self._reading = False
        self._progress.read(used)
        self._set_deadline()
        if used < len(received) and self._state is not _State.CLOSING:
            self._keep_unread(bytes(received[used:]))

    def _keep_unread(self, unread: bytes) -> None:
        self._unread = memoryview(unread)
        self._hold("unread")
        if not self._reader.halted:
            self._loop.call_soon(self._read_on)

    def _read_on(self) -> None:
        """Read what was kept while a request was carried out, then from the connection again."""
        if self._state in {_State.CLOSING, _State.CLOSED} or self._reader.halted:
            return
        unread, self._unread = self._unread, memoryview(b"")
        self._let_go("unread")
        if unread:
            self._read(unread)
        else:
            self._set_deadline()

    def _hold(self, why: str) -> None:
        if not self._holds and self._state is not _State.CLOSED:
            self._transport.pause_reading()
        self._holds.add(why)
        self._set_deadline()

    def _let_go(self, why: str) -> None:
        if why not in self._holds:
            return
        self._holds.discard(why)
        if not self._holds and self._state is not _State.CLOSED:
            self._transport.resume_reading()
        self._set_deadline()

    # Deadlines

    def _set_deadline(self) -> None:
        """Give the peer its time: to begin the next PDU, or for the whole of one that has begun."""
        if self._state is not _State.ESTABLISHED or "writes" in self._holds:
            return
        if self._holds or self._reader.halted:
            self.deadline = NEVER  # what the peer cannot send meanwhile is not its delay
            return
        settings = self._host.settings
        limit = settings.association_idle_seconds if self._reader.between_pdus else settings.pdu_seconds
        due = self._loop.time() + limit
        assert self._messages
        self.deadline = due if self._progress.earns_time(self._messages) else min(self.deadline, due)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way on an accepted association, and has not been for a while."""
        if not self._messages or self._request or self._holds or not self._messages.between_messages:
            return False
        silent_seconds = self._loop.time() - self._heard_at
        return self._reader.between_pdus and not self._unread and silent_seconds >= LULL_SECONDS

    @property
    def is_receiving(self) -> bool:
        """Whether a message has begun that is not answered yet."""
        if not self._messages:
            return False
        return bool(self._request) or not (self._messages.between_messages and self._reader.between_pdus)

    def expire(self) -> None:
        """Give the peer up: its time is over."""
        self.deadline = NEVER
        if self._state is _State.CLOSING:
            self._transport.abort()
        elif "writes" in self._holds:
            self._finish(Ending.ABORTED_BY_US, "it does not read our responses")
            self._drop()
        else:
            self.abort("it fell silent", factor=Factor.SILENCE)

    # PDUs

    def pdu_started(self, pdu_type: PduType) -> None:
        """Refuse PDUs that do not belong to this state before their bodies are read (PS3.8 Table 9-10)."""
        expected = _EXPECTED_FIRST if self._state is _State.AWAITING_REQUEST else _EXPECTED_LATER
        if pdu_type not in expected:
            raise ProtocolViolation(f"{pdu_type.name} came out of turn", AbortReason.UNEXPECTED_PDU)

    def pdu_received(self, pdu_type: PduType, body: bytes) -> None:
        """Take a PDU of association control."""
        if pdu_type is PduType.A_ASSOCIATE_RQ:
            self._associate(body)
        elif pdu_type is PduType.A_RELEASE_RQ:
            self._finish(Ending.RELEASED, "released")
            self._close_after(pdu.release_reply())
        else:
            self._finish(Ending.ABORTED_BY_PEER, "the peer aborted")
            self._drop()

    def fragment_received(self, context_id: int, control: int, data: memoryview, *, ends: bool) -> None:
        """Pass a piece of bulk data on."""
        assert self._messages
        self._messages.fragment_received(context_id, control, data, ends=ends)

    # Association control

    def _associate(self, body: bytes) -> None:
        self.peer = introduce(body, self.peer)
        if crowded := self._host.crowded():
            self._reject(replace(crowded, contexts=proposed_abstract_syntaxes(body)))
            return
        self._state = _State.NEGOTIATING
        self._reader.halted = True
        self.deadline = NEVER
        judgement = self._host.judge(body, self.peer)
        if judgement.done():
            self._judged(judgement)
        else:
            judgement.add_done_callback(self._judged)

    def _judged(self, judgement: asyncio.Future[Accepted | Rejected]) -> None:
        if self._state is not _State.NEGOTIATING or judgement.cancelled():
            return
        error = judgement.exception()
        if error:
            violation = error if isinstance(error, ProtocolViolation) else None
            reason = violation.reason if violation else AbortReason.NOT_SPECIFIED
            self.abort(str(violation or "its request could not be judged"), reason)
        elif isinstance(judgement.result(), Rejected):
            self._reject(cast("Rejected", judgement.result()))
        else:
            self._seat(cast("Accepted", judgement.result()))

    def _seat(self, accepted: Accepted) -> None:
        crowded = self._host.crowded()  # others were judged at the same time
        if accepted.facility and not crowded:
            crowded = self._host.take_place(accepted.facility)
        if crowded:
            self._reject(replace(crowded, contexts=accepted.proposed))
        else:
            self._accept(accepted)

    def _reject(self, rejected: Rejected) -> None:
        self._host.rejected(self.peer, rejected)
        self._close_after(rejected.answer)

    def _accept(self, accepted: Accepted) -> None:
        if accepted.facility:
            self.peer = replace(self.peer, facility=accepted.facility.name)
            self._pace = self._host.pace(accepted.facility)
        self._peer_maximum_bytes = accepted.peer_maximum_bytes
        self._messages = MessageReader(
            accepted.contexts, self._host.settings.maximum_instance_bytes, self._begin, self._end
        )
        self._state = _State.ESTABLISHED
        self._transport.write(accepted.answer)
        self._host.accepted(self, accepted)
        self._reader.halted = False
        if not self._reading:
            self._read_on()

    def abort(
        self,
        reason: str,
        code: AbortReason = AbortReason.NOT_SPECIFIED,
        factor: Factor = Factor.PROTOCOL,
    ) -> None:
        """End whatever is under way with an A-ABORT; `reason` is for people."""
        if self._state in {_State.CLOSING, _State.CLOSED}:
            return
        if self._messages:
            self._finish(Ending.ABORTED_BY_US, reason)
        else:
            self._host.rejected(self.peer, Rejected(pdu.abort(code), reason, factor))
        self._close_after(pdu.abort(code))

    def _close_after(self, last_pdu: bytes) -> None:
        """Send the last PDU and let the peer close; what it still sends is thrown away."""
        self._state = _State.CLOSING
        self._reader.halted = True
        self._unread = memoryview(b"")
        if not self._transport.is_closing():
            self._transport.write(last_pdu)
            if self._transport.can_write_eof():  # TLS cannot: its peer closes, or its time runs out
                with contextlib.suppress(OSError):  # the peer has reset the connection meanwhile
                    self._transport.write_eof()
        for why in tuple(self._holds):
            self._let_go(why)
        self.deadline = self._loop.time() + CLOSING_SECONDS

    def _drop(self) -> None:
        """Close without a last PDU; what was sent behind an A-ABORT is not read."""
        self._state = _State.CLOSING
        self._reader.halted = True
        self._transport.abort()

    def _finish(self, ending: Ending, reason: str) -> None:
        """Leave nothing of the association behind; connections that never became one are not announced."""
        operation, self._operation = self._operation, None
        self._request = None
        if operation:
            operation.abandon()
        messages, self._messages = self._messages, None
        if messages:
            self._host.ended(self, ending, reason)

    # Requests

    def _begin(self, command: CommandSet, context: AcceptedContext) -> Operation:
        request = Request(command, context, self.peer)
        self._request = request
        if command.command_field == CommandField.C_CANCEL_RQ:
            self._operation = Unanswered(self.proceed)
            return self._operation
        service = self._host.service_for(command, context)
        if service:
            self._operation = service.begin(request, self)
        else:
            self._operation = Decided(self, _UNRECOGNIZED_OPERATION, "No such operation in this context")
        return self._operation

    def _end(self, operation: Operation) -> None:
        # Nothing is read before the response has gone; an operation that responds at once undoes this.
        self._reader.halted = True
        operation.end()

    def pause(self) -> None:
        """Stop reading from the peer until `resume`."""
        self._hold("operation")

    def resume(self) -> None:
        """Read on."""
        self._let_go("operation")

    def respond(self, status: int, error_comment: str = "") -> None:
        """Answer the request that is under way and read the next."""
        request = self._request
        if not request:
            return
        encoded = encode_response(request.command, status, error_comment)
        self._transport.write(pdu.command_pdus(request.context.context_id, encoded, self._peer_maximum_bytes))
        self.proceed()

    def proceed(self) -> None:
        """Read the next request."""
        self._operation = None
        self._request = None
        self._reader.halted = False
        if not self._reading:
            self._read_on()
