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
    from archive.network.places import Pace
    from archive.network.refusal import Rejected
    from archive.settings import ReceiverSettings


class Ending(Enum):
    """How an association ended."""

    RELEASED = auto()
    ABORTED_BY_PEER = auto()
    ABORTED_BY_US = auto()
    CONNECTION_LOST = auto()


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

    def connected(self, association: Association) -> None:
        """A connection has come."""

    def disconnected(self, association: Association) -> None:
        """A connection has gone."""

    def accepted(self, association: Association, admission: Accepted) -> None:
        """An association begins."""

    def rejected(self, peer: Peer, rejected: Rejected) -> None:
        """An association was asked for in vain, or what came was no DICOM."""

    def ended(self, association: Association, ending: Ending, reason: str) -> None:
        """An association that was accepted has ended."""
