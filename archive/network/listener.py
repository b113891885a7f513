"""The receiver's door: accepts connections, keeps their limits and deadlines, and drains them at the end."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from archive.dicom.sop_classes import transfer_syntaxes, uid_name
from archive.dicom.text import visible
from archive.errors import BadInput
from archive.network.admission import Accepted, Policy, negotiate
from archive.network.association import Association
from archive.network.events import Event, EventListener, EventValue
from archive.network.host import Ending
from archive.network.matching import ip_address
from archive.network.places import Places
from archive.network.rates import ConnectionRates
from archive.network.refusal import LOCAL_LIMIT_EXCEEDED, Factor, Rejected
from archive.network.tls_entrance import TlsEntrance

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

    from archive.facility import Facility
    from archive.network.command_set import CommandSet
    from archive.network.host import Connection
    from archive.network.operation import AcceptedContext, Peer, Service
    from archive.network.places import Pace
    from archive.settings import ReceiverSettings

LOGGER = logging.getLogger(__name__)

_RECEIVE_BUFFER_BYTES = 262_144
_SWEEP_SECONDS = 0.5
_DRAIN_STEP_SECONDS = 0.05
_ROUNDS_OF_ACCEPTING = 3
"""Turns of the event loop after which a connection that was accepted has its association."""
_SPARE_CONNECTIONS = 512
"""Connections beyond the association limit that may wait for their A-ASSOCIATE-RQ or their last PDU."""
_BACKLOG = 512
_TOLD_PER_MINUTE = 6
"""How often an address that connects too often is spoken of: a flood must not flood the log."""
_LONG_REQUEST_BYTES = 8_192
"""More than 128 contexts with one transfer syntax each have; less is judged before a thread has begun."""
_STOPPING = "the receiver shuts down"
_WISH_LIMIT = 400
_LAST_WORD_SECONDS = 0.5
"""How long the peers may take to read our A-ABORT when the receiver shuts down."""


class Listener:
    """Accepts associations for a set of services, on the event loop that starts it.

    Attributes
    ----------
    settings, facilities, tls
        May be replaced while running: associations that come later keep to the new ones. Without `tls`, DICOM
        is spoken in the clear.
    associations
        Those that are accepted and have not ended.
    """

    def __init__(
        self,
        settings: ReceiverSettings,
        services: Sequence[Service],
        hear: EventListener,
        facilities: tuple[Facility, ...] = (),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.settings = settings
        self.facilities = facilities
        self.tls = tls
        self.receive_buffer = memoryview(bytearray(_RECEIVE_BUFFER_BYTES))
        self.associations: set[Association] = set()
        self._places = Places()
        self._rates = ConnectionRates()
        self._told = ConnectionRates()
        self._services = services
        self._policy: Policy | None = None
        self._policy_made_of: tuple[ReceiverSettings, tuple[Facility, ...]] = settings, facilities
        self._hear = hear
        self._connections: dict[Connection, None] = {}  # in the order in which they came
        self._negotiation = ThreadPoolExecutor(2, "noctis-negotiation")
        self._empty = asyncio.Event()
        self._draining = False
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self) -> tuple[str, int]:
        """Listen; return the address and the port, which was picked when 0 was asked for.

        Raises
        ------
        BadInput
            The address is not this machine's loopback and the site does not allow that, or is not free.
        """
        host = await _resolve(self.settings, self.facilities)
        try:
            self._server = await asyncio.get_running_loop().create_server(
                self._answer, host, self.settings.port, backlog=_BACKLOG
            )
        except OSError as error:
            raise BadInput(f"{host} port {self.settings.port} cannot be listened on: {error}.") from error
        self._sweeper = asyncio.create_task(self._sweep())
        address: tuple[str, int] = self._server.sockets[0].getsockname()[:2]
        return address

    def _answer(self) -> Association | TlsEntrance:
        return TlsEntrance(self, self.tls) if self.tls else Association(self)

    async def drain(self, seconds: float) -> None:
        """Take no more associations, abort the idle, give the busy `seconds`, abort what is left."""
        self._draining = True
        if self._server:
            await _close(self._server)
        for association in [each for each in self._connections if each not in self.associations]:
            association.abort(_STOPPING, factor=Factor.STOPPING)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._abort_the_idle()
        self.hurry()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORD_SECONDS):
                await self._wait_until_empty()
        for association in tuple(self._connections):
            association.expire()
        if self._sweeper:
            self._sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeper
        self._negotiation.shutdown(wait=False, cancel_futures=True)

    async def _abort_the_idle(self) -> None:
        """Return when no association is left: each ends by itself or once it is idle."""
        while self.associations:
            for association in [each for each in self.associations if each.is_idle]:
                association.abort(_STOPPING, factor=Factor.STOPPING)
            await asyncio.sleep(_DRAIN_STEP_SECONDS)

    def hurry(self) -> None:
        """Abort every association now."""
        for association in tuple(self._connections):
            association.abort(_STOPPING, factor=Factor.STOPPING)

    async def _wait_until_empty(self) -> None:
        self._empty.clear()
        if self._connections:
            await self._empty.wait()

    async def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            now = loop.time()
            for association in [each for each in self._connections if each.deadline <= now]:
                association.expire()

    # What associations ask and tell

    def crowded(self) -> Rejected | None:
        """Return why no more association may be accepted now, None when one may."""
        if self._draining:
            return Rejected(LOCAL_LIMIT_EXCEEDED, _STOPPING, Factor.STOPPING)
        if len(self.associations) >= self.settings.maximum_associations:
            reason = f"there are {len(self.associations)} associations, as many as are allowed"
            return Rejected(LOCAL_LIMIT_EXCEEDED, reason, Factor.LIMIT)
        return None

    def take_place(self, facility: Facility) -> Rejected | None:
        """Take a place for one more association of a facility's, or return why there is none."""
        return self._places.take(facility, asyncio.get_running_loop().time())

    def pace(self, facility: Facility) -> Pace | None:
        """Return what slows a facility's peers down; None when nothing does."""
        return self._places.pace(facility)

    def judge(self, body: bytes, peer: Peer) -> asyncio.Future[Accepted | Rejected]:
        """Answer an A-ASSOCIATE-RQ: in another thread when it is long."""
        policy = self._current_policy()
        loop = asyncio.get_running_loop()
        if len(body) > _LONG_REQUEST_BYTES:
            return loop.run_in_executor(self._negotiation, negotiate, body, peer, policy)
        judgement: asyncio.Future[Accepted | Rejected] = loop.create_future()
        try:
            judgement.set_result(negotiate(body, peer, policy))
        except Exception as error:  # noqa: BLE001 - a thread hands on whatever it meets, too
            judgement.set_exception(error)
        return judgement

    def _current_policy(self) -> Policy:
        """Return the policy, made anew when the settings or the facilities have been replaced."""
        made_of = self.settings, self.facilities
        if self._policy is None or self._policy_made_of != made_of:
            self._policy_made_of = made_of
            self._policy = Policy(
                self.settings.ae_title,
                self.settings.require_called_ae_title,
                self.settings.maximum_pdu_bytes,
                lambda abstract_syntax: any(each.accepts(abstract_syntax) for each in self._services),
                frozenset(transfer_syntaxes()),
                self.facilities,
                admits_others=self.settings.allow_anyone or not self.facilities,
            )
        return self._policy

    def service_for(self, command: CommandSet, context: AcceptedContext) -> Service | None:
        """Return who carries out such a request in such a context."""
        for service in self._services:
            if service.command_field == command.command_field and service.accepts(context.abstract_syntax):
                return service
        return None

    def may_connect(self, peer: Peer) -> bool:
        """Count a connection by its address; who comes too often is spoken of once in a while."""
        limit = self.settings.connections_per_minute
        if not limit:
            return True
        now = asyncio.get_running_loop().time()
        address = str(ip_address(peer.address) or peer.address)
        if self._rates.allow(address, limit, now):
            return True
        if self._told.allow(address, _TOLD_PER_MINUTE, now):
            reason = f"its address connects more than {limit} times a minute"
            self.rejected(peer, Rejected(b"", reason, Factor.RATE))
        return False

    def connected(self, connection: Connection) -> None:
        """A connection has come; when there are too many, the one that has been silent longest goes."""
        self._connections[connection] = None
        if self._draining:  # it was waiting in the backlog
            connection.abort(_STOPPING, factor=Factor.STOPPING)
        if len(self._connections) > self.settings.maximum_associations + _SPARE_CONNECTIONS:
            silent = next((each for each in self._connections if each not in self.associations), connection)
            silent.abort("too many connections are open", factor=Factor.LIMIT)
            silent.expire()  # without the time that others have to read our last PDU
            self.disconnected(silent)

    def disconnected(self, connection: Connection) -> None:
        """A connection has gone."""
        self._connections.pop(connection, None)
        if not self._connections:
            self._empty.set()

    def accepted(self, association: Association, admission: Accepted) -> None:
        """An association begins."""
        self.associations.add(association)
        contexts: dict[str, EventValue] = {
            "contexts": admission.proposed,
            "refused_contexts": admission.refused_contexts,
        }
        self._hear(Event("association_accepted", _who(association.peer) | contexts))
        # What goes well is in the association log; two lines of this log cost a tenth of an association.
        LOGGER.debug("Accepted an association from %s", _introduction(association.peer))
        if admission.refused_contexts:
            LOGGER.warning(
                "Did not accept %d presentation contexts of %s: %s",
                len(admission.refused_contexts),
                _introduction(association.peer),
                visible(", ".join(admission.refused_contexts), 400),
            )

    def rejected(self, peer: Peer, rejected: Rejected) -> None:
        """An association was asked for in vain, or what came was no DICOM."""
        values: dict[str, EventValue] = {
            "factor": rejected.factor.value,
            "reason": rejected.reason,
            "contexts": rejected.contexts,
        }
        self._hear(Event("association_rejected", _who(peer) | values))
        LOGGER.warning("Refused %s: %s%s", _introduction(peer), visible(rejected.reason), _wish(rejected))

    def ended(self, association: Association, ending: Ending, reason: str) -> None:
        """An association that was accepted has ended."""
        self.associations.discard(association)
        if association.peer.facility:
            self._places.give_back(association.peer.facility)
        values = _who(association.peer) | {"ending": ending.name.lower(), "reason": reason}
        self._hear(Event("association_ended", values))
        level = logging.WARNING if ending is Ending.ABORTED_BY_US else logging.DEBUG
        LOGGER.log(level, "The association of %s ended: %s", _introduction(association.peer), visible(reason))


async def _close(server: asyncio.Server) -> None:
    """Stop listening, once the connections that asyncio has accepted are handed over.

    It leaves one open for ever, without a word, whose server is closed between the two.
    """
    loop = asyncio.get_running_loop()
    for listening in server.sockets:
        loop.remove_reader(listening.fileno())
    for _ in range(_ROUNDS_OF_ACCEPTING):
        await asyncio.sleep(0)
    server.close()


def _who(peer: Peer) -> dict[str, EventValue]:
    return {
        "peer": peer.address,
        "calling_ae_title": peer.calling_ae_title,
        "called_ae_title": peer.called_ae_title,
        "facility": peer.facility,
    }


def _introduction(peer: Peer) -> str:
    if not peer.calling_ae_title:
        return peer.address
    return f"{peer.address} ({visible(peer.calling_ae_title)} calling {visible(peer.called_ae_title)})"


def _wish(rejected: Rejected) -> str:
    """Say what a refused peer proposed, by the standard's names, as long as a line of a log bears."""
    if not rejected.contexts:
        return ""
    names = ", ".join(uid_name(uid) for uid in rejected.contexts)
    return f" [{rejected.factor}; it proposed {visible(names, _WISH_LIMIT)}]"


async def _resolve(settings: ReceiverSettings, facilities: Sequence[Facility]) -> str:
    """Return one address of the host, refusing what others could reach unless the site says so."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except OSError as error:
        raise BadInput(f"{settings.host} is not an address of this machine: {error}.") from error
    addresses = sorted({str(each[4][0]) for each in found}, key=lambda address: ":" in address)
    if (
        not (settings.allow_anyone or facilities)
        and not ipaddress.ip_address(addresses[0].partition("%")[0]).is_loopback
    ):
        raise BadInput(
            f"{settings.host} can be reached from other machines: say who may call by `noctis facility add`, "
            "or receiver.allow_anyone = true in noctis.toml if anyone may."
        )
    return addresses[0]
