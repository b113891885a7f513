"""What an association and the listener that it belongs to say to each other."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio

    from archive.facility import Facility
    from archive.network.admission import Accepted
    from archive.network.association import Association
    from archive.network.command_set import CommandSet
    from archive.network.operation import AcceptedContext, Peer, Service
    from archive.network.pdu import AbortReason
    from archive.network.places import Pace
    from archive.network.refusal import Factor, Rejected
    from archive.settings import ReceiverSettings


class Ending(Enum):
    """How an association ended."""

    RELEASED = auto()
    ABORTED_BY_PEER = auto()
    ABORTED_BY_US = auto()
    CONNECTION_LOST = auto()


class Connection(Protocol):
    """A connection that has come, whether it is an association yet or not."""

    peer: Peer
    deadline: float
    """Event loop time at which `expire` is due."""

    def abort(self, reason: str, code: AbortReason = ..., factor: Factor = ...) -> None:
        """End it, with a last word where the peer would understand one; `reason` is for people."""

    def expire(self) -> None:
        """Give the peer up: its time is over."""


class Host(Protocol):
    """What an association needs from the listener that it belongs to."""

    settings: ReceiverSettings
    receive_buffer: memoryview
    """Shared by all associations: it is emptied before the next one is read."""

    def crowded(self) -> Rejected | None:
        """Return why no more association may be accepted now, None when one may."""

    def take_place(self, facility: Facility) -> Rejected | None:
        """Take a place for one more association of a facility's, or return why there is none."""

    def pace(self, facility: Facility) -> Pace | None:
        """Return what slows a facility's peers down; None when nothing does."""

    def judge(self, body: bytes, peer: Peer) -> asyncio.Future[Accepted | Rejected]:
        """Answer an A-ASSOCIATE-RQ in another thread."""

    def service_for(self, command: CommandSet, context: AcceptedContext) -> Service | None:
        """Return who carries out such a request in such a context."""

    def may_connect(self, peer: Peer) -> bool:
        """Count a connection by its address; tell whether it may stay."""

    def connected(self, connection: Connection) -> None:
        """A connection has come."""

    def disconnected(self, connection: Connection) -> None:
        """A connection has gone, or has become another."""

    def accepted(self, association: Association, admission: Accepted) -> None:
        """An association begins."""

    def rejected(self, peer: Peer, rejected: Rejected) -> None:
        """An association was asked for in vain, or what came was no DICOM."""

    def ended(self, association: Association, ending: Ending, reason: str) -> None:
        """An association that was accepted has ended."""
