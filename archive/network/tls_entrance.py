"""A connection to a TLS port before it is an association: the handshake, which holds nobody up."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, cast

from archive.network.association import CLOSING_SECONDS, NEVER, Association
from archive.network.operation import Peer, written_address
from archive.network.refusal import Factor, Rejected
from archive.network.tls import HANDSHAKE_SECONDS, explain

if TYPE_CHECKING:
    import ssl

    from archive.network.host import Host
    from archive.network.pdu import AbortReason


class TlsEntrance(asyncio.Protocol):
    """Shakes hands and then makes way for an `Association` over the encrypted transport.

    Attributes
    ----------
    peer
        Its address; no AE titles before the handshake.
    deadline
        Never: the handshake has its own.
    """

    def __init__(self, host: Host, context: ssl.SSLContext) -> None:
        self.peer = Peer("", "", "")
        self.deadline = NEVER
        self._host = host
        self._context = context
        self._early = bytearray()
        self._ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the handshake, unless the address connects too often."""
        self._transport = cast("asyncio.Transport", transport)
        self.peer = Peer("", "", written_address(transport.get_extra_info("peername")))
        if not self._host.may_connect(self.peer):
            self._ended = True
            self._transport.abort()
            return
        self._transport.pause_reading()  # the first byte already belongs to the handshake
        self._task = asyncio.get_running_loop().create_task(self._enter())
        self._host.connected(self)

    def data_received(self, data: bytes) -> None:
        """Keep what came with the end of the handshake for the association."""
        self._early += data

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Forget the connection."""
        self._host.disconnected(self)

    def abort(
        self,
        reason: str,
        code: AbortReason | None = None,  # noqa: ARG002 - there is no A-ABORT before TLS
        factor: Factor = Factor.TLS,
    ) -> None:
        """Give the handshake up; `reason` is for people."""
        if self._ended:
            return
        self._refuse(factor, reason)
        self._task.cancel()

    def expire(self) -> None:
        """Close at once."""
        self._transport.abort()

    async def _enter(self) -> None:
        try:
            transport = await asyncio.get_running_loop().start_tls(
                self._transport,
                self,
                self._context,
                server_side=True,
                ssl_handshake_timeout=HANDSHAKE_SECONDS,
                ssl_shutdown_timeout=CLOSING_SECONDS,
            )
        except OSError as error:
            self._refuse(*explain(error))
            return
        if transport is None:  # the connection was lost without an error
            self._refuse(*explain(ConnectionResetError()))
        elif not self._ended:
            self._make_way(transport)

    def _make_way(self, transport: asyncio.Transport) -> None:
        self._ended = True
        self._host.disconnected(self)
        association = Association(self._host)
        transport.set_protocol(association)
        association.connection_made(transport)
        early = memoryview(self._early)
        while early:
            room = association.get_buffer(len(early))
            size = min(len(room), len(early))
            room[:size] = early[:size]
            association.buffer_updated(size)
            early = early[size:]

    def _refuse(self, factor: Factor, reason: str) -> None:
        if self._ended:
            return
        self._ended = True
        self._host.rejected(self.peer, Rejected(b"", reason, factor))
        self._host.disconnected(self)
        with contextlib.suppress(OSError):
            self._transport.abort()
