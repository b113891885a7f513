"""Any order of what a peer may do, however its bytes are cut: the model knows what each must be answered."""

from __future__ import annotations

import asyncio

import pytest
from fuzzing.conversation import Service, require_pdus
from fuzzing.pieces import pieces_of
from fuzzing.stepped_loop import SteppedLoop, Transport
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from raw_peer import (
    ABORT,
    ASSOCIATE_AC,
    CT,
    P_DATA,
    RELEASE,
    RELEASE_RP,
    associate_request,
    command_set,
    echo_request,
    p_data,
)

from archive.network.association import CLOSING_SECONDS, REQUEST_SECONDS, Association
from archive.network.listener import Listener
from archive.services.verification import VerificationService
from archive.settings import ReceiverSettings

cuts = st.integers(0, 30)
SETTINGS = ReceiverSettings(maximum_pdu_bytes=4_096, maximum_instance_bytes=2**20)


def established(machine):
    return machine.state == "established"


def between(machine):
    return machine.state == "established" and machine.storing is None


def storing(machine):
    return machine.state == "established" and machine.storing is not None


class Peer(RuleBasedStateMachine):
    """A peer that mostly behaves; its association is ours, on a loop whose clock it sets."""

    @initialize(late=st.booleans())
    def connect(self, late):
        self.loop = SteppedLoop()
        asyncio._set_running_loop(self.loop)
        self.service = Service(self.loop, late=late)
        self.listener = Listener(SETTINGS, [VerificationService(), self.service], lambda event: None)
        self.association = Association(self.listener)
        self.transport = Transport(self.loop, self.association)
        self.association.connection_made(self.transport)
        self.state, self.storing, self.stored, self.read = "connected", None, [], 0

    def send(self, stream, cut):
        for piece in pieces_of(stream, cut):
            self.transport.deliver(piece)

    def answers(self):
        """Return the types of the PDUs that were written since the last call."""
        written, types = self.transport.written, []
        while self.read < len(written):
            types.append(written[self.read])
            self.read += 6 + int.from_bytes(written[self.read + 2 : self.read + 6], "big")
        return types

    @precondition(lambda self: self.state == "connected")
    @rule(cut=cuts)
    def associate(self, cut):
        self.send(associate_request(), cut)
        assert self.answers() == [ASSOCIATE_AC]
        self.state = "established"

    @precondition(between)
    @rule(cut=cuts, count=st.integers(1, 4))
    def echo(self, cut, count):
        self.send(echo_request() * count, cut)
        assert self.answers() == [P_DATA] * count

    @precondition(between)
    @rule(cut=cuts, first=st.binary(max_size=50))
    def begin_to_store(self, cut, first):
        self.send(p_data((1, 3, command_set(1, CT, "1.2.3")), (1, 0, first)), cut)
        self.storing = first
        assert self.answers() == []

    @precondition(storing)
    @rule(cut=cuts, values=st.lists(st.binary(max_size=300), min_size=1, max_size=4))
    def store_on(self, cut, values):
        self.send(p_data(*[(1, 0, value) for value in values]), cut)
        self.storing += b"".join(values)
        assert self.answers() == []

    @precondition(storing)
    @rule(cut=cuts, last=st.binary(max_size=300))
    def store_the_rest(self, cut, last):
        self.send(p_data((1, 2, last)), cut)
        self.stored.append(self.storing + last)
        self.storing = None
        assert self.answers() == [P_DATA]
        assert [data for _, data in self.service.seen] == self.stored

    @precondition(between)
    @rule(cut=cuts)
    def release(self, cut):
        self.send(RELEASE + b"what is behind a release", cut)
        assert self.answers() == [RELEASE_RP]
        self.state = "over"

    @precondition(established)
    @rule(
        cut=cuts, stream=st.sampled_from([b"GET / HTTP/1.1\r\n", associate_request(), p_data((9, 3, b"x"))])
    )
    def break_the_protocol(self, cut, stream):
        self.send(stream, cut)
        assert self.answers() == [ABORT]
        self.state = "over"

    @precondition(storing)
    @rule(cut=cuts, request=st.sampled_from([echo_request(), p_data((1, 3, command_set(1, CT, "1.2.4")))]))
    def ask_for_something_else_inside_of_a_data_set(self, cut, request):
        self.send(request, cut)
        assert self.answers() == [ABORT]
        self.state = "over"

    @precondition(established)
    @rule(seconds=st.floats(0.001, 1))
    def pause(self, seconds):
        self.pass_time(seconds)
        assert self.answers() == []

    @precondition(lambda self: self.state in {"connected", "established"})
    @rule()
    def fall_silent(self):
        limit = REQUEST_SECONDS if self.state == "connected" else SETTINGS.association_idle_seconds
        self.pass_time(limit + 0.001)
        assert self.answers() == [ABORT]
        self.state = "over"

    @precondition(lambda self: self.state == "over")
    @rule(cut=cuts, stream=st.sampled_from([echo_request(), associate_request(), b"GET / HTTP/1.1"]))
    def talk_on(self, cut, stream):
        self.send(stream, cut)
        assert self.answers() == []

    @precondition(lambda self: self.state == "over")
    @rule()
    def stay(self):
        self.pass_time(CLOSING_SECONDS + 0.001)
        assert self.transport.gone

    def pass_time(self, seconds):
        self.loop.now += seconds
        if self.association.deadline <= self.loop.now:
            self.association.expire()
        self.loop.run()

    def teardown(self):
        if hasattr(self, "transport"):
            self.transport.lose()
            self.loop.run()
            asyncio._set_running_loop(None)
            require_pdus(self.transport.written)
            assert not self.listener.associations
            assert not self.listener._connections
            assert self.service.begun == self.service.answered + self.service.abandoned


TestPeer = Peer.TestCase
TestPeer.settings = settings(max_examples=100, stateful_step_count=15)
TestPeer.pytestmark = [pytest.mark.filterwarnings("ignore")]
