"""Any bytes at all into an association: answered alike however they are cut, and nothing is left of it."""

from __future__ import annotations

import asyncio
import struct

from fuzzing import pdu_stream
from fuzzing.pieces import pieces_of
from fuzzing.stepped_loop import SteppedLoop, Transport
from raw_peer import CT, RELEASE, associate_request, echo_request, store_request

from archive.network.association import Association
from archive.network.listener import Listener
from archive.services.verification import VerificationService
from archive.settings import ReceiverSettings

_LAST_WORDS = {3, 6, 7}


def seeds():
    """Give whole conversations behind the bytes that say how they are cut and how late we answer."""
    for number, seed in enumerate(pdu_stream.seeds()):
        yield bytes([seed[0], number % 2]) + associate_request() + seed[1:]
    yield b"\0\0" + associate_request(contexts=((1, CT, ("1.2.840.10008.1.2.1", "1.2.3")),))
    yield b"\3\1" + associate_request() + store_request("1.2.3", bytes(600), pdu_bytes=64) * 2 + RELEASE
    yield b"\2\1" + associate_request(maximum=20) + echo_request() * 3 + RELEASE


def check(data):
    """Hold the conversation whole and cut; fail when that makes a difference or something is left over."""
    cut, late, stream = *(data[:2] + b"\0\0")[:2], data[2:]
    whole = converse(stream, 0, late=False)
    assert whole == converse(stream, cut, late=bool(late & 1)), "the answers depend on how the bytes come"


def converse(stream, seed, *, late):
    """Return (what was answered, what the service saw)."""
    loop = SteppedLoop()
    asyncio._set_running_loop(loop)
    try:
        service = Service(loop, late=late)
        listener = Listener(
            ReceiverSettings(maximum_pdu_bytes=4_096), [VerificationService(), service], lambda event: None
        )
        association = Association(listener)
        transport = Transport(loop, association)
        association.connection_made(transport)
        for piece in pieces_of(stream, seed):
            transport.deliver(piece)
        transport.lose()
        loop.run()
    finally:
        asyncio._set_running_loop(None)
    assert not listener.associations
    assert not listener._connections
    assert service.begun == service.answered + service.abandoned, "an operation is left over"
    require_pdus(transport.written)
    return bytes(transport.written), service.seen


def require_pdus(written):
    """Fail when what we have written is not whole PDUs with nothing behind a last word."""
    position, last = 0, 0
    while position < len(written):
        assert last not in _LAST_WORDS, "something follows our last word"
        last, length = struct.unpack_from(">BxI", written, position)
        assert last in range(2, 8)
        position += 6 + length
    assert position == len(written)


class Service:
    """Takes C-STORE and notes what it was given; answers at once or at the loop's next turn."""

    command_field = 1

    def __init__(self, loop, *, late):
        self.seen = []
        self.begun = self.answered = self.abandoned = 0
        self._loop = loop
        self._late = late

    def accepts(self, abstract_syntax):
        return abstract_syntax == CT

    def begin(self, request, exchange):
        self.begun += 1
        return _Operation(self, request, exchange)

    def answer(self, operation):
        if self._late:
            self._loop.call_soon(operation.respond)
        else:
            operation.respond()


class _Operation:
    def __init__(self, service, request, exchange):
        self.service, self.request, self.exchange = service, request, exchange
        self.data = bytearray()
        self.over = False

    def receive(self, data):
        assert not self.over
        self.data += data

    def end(self):
        self.service.seen.append((self.request.command, bytes(self.data)))
        self.service.answer(self)

    def respond(self):
        if not self.over:
            self.over = True
            self.service.answered += 1
            self.exchange.respond(0)

    def abandon(self):
        assert not self.over
        self.over = True
        self.service.abandoned += 1
