"""What breaks the protocol ends in an abort, without a traceback and without harm to others."""

from __future__ import annotations

import asyncio
import logging

import pytest
from hostile_streams import HOSTILE, HOSTILE_LATER
from listening import talk
from raw_peer import (
    ABORT,
    ASSOCIATE_AC,
    ASSOCIATE_RJ,
    RawPeer,
    associate_request,
    echo_request,
)


@pytest.mark.parametrize("stream", HOSTILE.values(), ids=HOSTILE)
async def test_what_is_no_association_request_is_aborted(start, stream, caplog):
    running = await start()

    def conversation(peer):
        peer.send(stream)
        return peer.read_pdu(), peer.read_pdu()

    answer, end = await talk(running, conversation)
    assert answer[0] == ABORT
    assert answer[1][2] == 2
    assert end is None
    assert "Traceback" not in caplog.text
    assert running.named("association_rejected")
    assert await talk(running, RawPeer.associate) == ASSOCIATE_AC


@pytest.mark.parametrize("stream", HOSTILE_LATER.values(), ids=HOSTILE_LATER)
async def test_what_breaks_the_protocol_later_is_aborted(start, stream, caplog):
    running = await start()

    def conversation(peer):
        assert peer.associate() == ASSOCIATE_AC
        peer.send(stream)
        return peer.read_pdu(), peer.read_pdu()

    answer, end = await talk(running, conversation)
    assert answer[0] == ABORT
    assert end is None
    assert "Traceback" not in caplog.text
    assert running.named("association_ended")[0]["ending"] == "aborted_by_us"
    assert not running.service.kept


@pytest.mark.parametrize("context", [0, 2, 1])
async def test_bad_context_ids_are_aborted(start, context):
    running = await start()
    request = bytearray(associate_request())
    second = request.index(b"\x20\x00", request.index(b"\x20\x00", 74) + 1)
    request[second + 4] = context

    def conversation(peer):
        peer.send(bytes(request))
        return peer.read_pdu()[0]

    assert await talk(running, conversation) == ABORT


async def test_control_bytes_in_an_ae_title_reach_no_log(start, caplog):
    running = await start()
    request = associate_request(calling="REPLACE_ME______").replace(
        b"REPLACE_ME______", b"\x1b]52;c;QUJD\x07\x9b31m"
    )

    def conversation(peer):
        peer.send(request)
        return peer.read_pdu()

    with caplog.at_level(logging.DEBUG, logger="archive"):
        answer = await talk(running, conversation)
    assert answer[0] == ASSOCIATE_RJ
    assert caplog.messages
    assert all(message.isprintable() for message in caplog.messages)
    assert all(event.to_json().isprintable() for event in running.events)


async def test_peers_that_reset_while_they_are_refused_leave_no_error(start, caplog):
    running = await start(maximum_associations=1)

    def conversation(first):
        first.associate()
        for stream in [associate_request(), b"GET / HTTP/1.1\r\n\r\n", associate_request()[:40]] * 20:
            peer = RawPeer(running.port)
            peer.send(stream)
            peer.reset()
        return first.echo()

    assert await talk(running, conversation) == 0
    await running.listener.drain(0)
    assert "Traceback" not in caplog.text
    assert "exception" not in caplog.text


async def test_a_peer_that_reads_no_answers_is_given_up_and_buffers_nothing(start):
    running = await start(pdu_seconds=0.5)

    def conversation(peer):
        peer.associate()
        peer.socket.settimeout(20)
        echoes = b"".join(echo_request() for _ in range(2_000))
        for _ in range(200):  # 30 MB: more than the sockets hold
            peer.send(echoes)

    def largest_buffer():
        buffers = [each._transport.get_write_buffer_size() for each in running.listener._connections]
        return max(buffers, default=0)

    flooding = asyncio.create_task(talk(running, conversation))
    largest = 0
    async with asyncio.timeout(20):
        while not running.named("association_ended"):
            largest = max(largest, largest_buffer())
            await asyncio.sleep(0.01)
    await flooding
    assert largest < 2**20
    assert "read our responses" in running.named("association_ended")[0]["reason"]
