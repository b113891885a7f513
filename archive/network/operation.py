"""What a service and an association say to each other while a request is carried out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.network.command_set import CommandSet


@dataclass(frozen=True, slots=True)
class Peer:
    """The remote application entity of an association, as it introduced itself; its text is hostile."""

    calling_ae_title: str
    called_ae_title: str
    address: str
    certificate: str = ""
    """SHA-256 fingerprint of the TLS certificate that it showed, in lower-case hexadecimal; else empty."""
    facility: str = ""
    """Name of the facility as whose peer it was admitted; empty when anyone is."""


@dataclass(frozen=True, slots=True)
class AcceptedContext:
    """A presentation context that both sides agreed on (PS3.8 7.1.1.13)."""

    context_id: int
    abstract_syntax: str
    transfer_syntax: str
    authorized: bool = True
    """Whether the peer's facility may store this SOP class; each instance of another is answered 0124."""


@dataclass(frozen=True, slots=True)
class Request:
    """One DIMSE request: what is asked, in which presentation context, by whom."""

    command: CommandSet
    context: AcceptedContext
    peer: Peer


class Exchange(Protocol):
    """The association's side of one request. Only to be called on the event loop."""

    def pause(self) -> None:
        """Stop reading from the peer: what has come is more than can be written at once."""

    def resume(self) -> None:
        """Read on after `pause`."""

    def respond(self, status: int, error_comment: str = "") -> None:
        """Answer the request, once, at or after its end; nothing happens when the peer has gone."""


class Operation(Protocol):
    """The service's side of one request: its data set streams in, then it responds. On the event loop."""

    def receive(self, data: memoryview) -> None:
        """Take a piece of the data set; `data` is only valid during the call."""

    def end(self) -> None:
        """The request is complete: respond now or later."""

    def abandon(self) -> None:
        """The association ended before the response: leave no trace of what is not yet handed on."""


class Service(Protocol):
    """Something that a peer may ask for, such as the Storage Service Class (PS3.4 Annex B)."""

    @property
    def command_field(self) -> int:
        """The request that this service answers."""

    def accepts(self, abstract_syntax: str) -> bool:
        """Whether a presentation context with this abstract syntax is accepted for this service."""

    def begin(self, request: Request, exchange: Exchange) -> Operation:
        """Begin to carry out a request."""


class Decided:
    """An operation whose response is known from the start; a data set that comes with it passes unread."""

    def __init__(self, exchange: Exchange, status: int, error_comment: str) -> None:
        self._exchange = exchange
        self._status = status
        self._error_comment = error_comment

    def receive(self, data: memoryview) -> None:
        """Let a piece of the data set pass."""

    def end(self) -> None:
        """Respond."""
        self._exchange.respond(self._status, self._error_comment)

    def abandon(self) -> None:
        """Nothing is kept, so nothing is left to do."""


class Unanswered:
    """A C-CANCEL-RQ: it has no response, and nothing that runs here can be cancelled (PS3.7 9.3.2.3)."""

    def __init__(self, proceed: Callable[[], None]) -> None:
        self._proceed = proceed

    def receive(self, data: memoryview) -> None:
        """Let a data set pass that should not be there."""

    def end(self) -> None:
        """Have the next request read."""
        self._proceed()

    def abandon(self) -> None:
        """Nothing is kept, so nothing is left to do."""


def written_address(name: object) -> str:
    """Write a socket's name as `host:port` or `[host]:port`; anything else as a question mark."""
    if not isinstance(name, tuple):
        return "?"
    host, port = name[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
