"""Associations over real sockets with well-behaved peers."""

from __future__ import annotations

import asyncio
import struct

import pytest
from conftest import require_program
from listening import eventually, run_program, talk
from pynetdicom import AE
from raw_peer import (
    ASSOCIATE_AC,
    CT,
    P_DATA,
    RELEASE,
    RELEASE_RP,
    VERIFICATION,
    RawPeer,
    associate_request,
    command_set,
    echo_request,
    p_data,
    store_request,
)

from archive.errors import BadInput
from archive.network.listener import Listener
from archive.settings import ReceiverSettings


async def test_echo_store_and_release(start):
    running = await start()

    def conversation(peer):
        assert peer.associate() == ASSOCIATE_AC
        assert peer.echo() == 0
        assert peer.store("1.2.3", b"data" * 10_000) == 0
        assert peer.store("1.2.4", b"more", pdu_bytes=8) == 0
        assert peer.release() == RELEASE_RP

    await talk(running, conversation)
    assert running.service.kept == [("1.2.3", b"data" * 10_000), ("1.2.4", b"more")]
    await eventually(lambda: not running.listener.associations)
    assert [event.name for event in running.events] == ["association_accepted", "association_ended"]
    assert running.named("association_ended")[0]["ending"] == "released"


@pytest.mark.peer
async def test_echoscu_is_answered(start):
    require_program("echoscu")
    running = await start()
    code, output = await run_program("echoscu", "-v", "--repeat", 5, "127.0.0.1", running.port)
    assert code == 0, output


async def test_pynetdicom_is_answered(start):
    running = await start()

    def conversation():
        ae = AE()
        ae.add_requested_context(VERIFICATION)
        connection = ae.associate("127.0.0.1", running.port)
        status = connection.send_c_echo()
        connection.release()
        return status.Status

    assert await asyncio.to_thread(conversation) == 0


async def test_a_request_byte_by_byte(start):
    running = await start()

    def conversation(peer):
        stream = associate_request() + store_request("1.2.3", b"data") + RELEASE
        for position in range(len(stream)):
            peer.send(stream[position : position + 1])
        return peer.read_pdu()[0], peer.status(), peer.read_pdu()[0]

    assert await talk(running, conversation) == (ASSOCIATE_AC, (1, 0), RELEASE_RP)
    assert running.service.kept == [("1.2.3", b"data")]


async def test_everything_at_once_is_answered_in_order(start):
    running = await start()

    def conversation(peer):
        requests = [store_request(f"1.2.{n}", bytes([n]) * 100_000, message_id=n) for n in range(1, 8)]
        peer.send(associate_request() + b"".join(requests) + echo_request(message_id=9) + RELEASE)
        assert peer.read_pdu()[0] == ASSOCIATE_AC
        return [peer.status() for _ in range(8)], peer.read_pdu()[0]

    answers, last = await talk(running, conversation)
    assert answers == [(n, 0) for n in [*range(1, 8), 9]]
    assert last == RELEASE_RP
    assert [data for _, data in running.service.kept] == [bytes([n]) * 100_000 for n in range(1, 8)]


async def test_a_command_and_its_data_set_in_one_pdu(start):
    running = await start()

    def conversation(peer):
        peer.associate()
        peer.send(p_data((1, 3, command_set(1, CT, "1.2.3")), (1, 0, b"da"), (1, 2, b"ta")))
        return peer.status()

    assert await talk(running, conversation) == (1, 0)
    assert running.service.kept == [("1.2.3", b"data")]


async def test_answers_fit_a_peer_that_takes_little(start):
    running = await start()

    def conversation(peer):
        peer.associate(maximum=32)
        peer.send(echo_request())
        sizes, data = [], b""
        while True:
            kind, body = peer.read_pdu()
            assert kind == P_DATA
            sizes.append(len(body))
            data += body[6:]
            if body[5] & 2:
                return sizes, data

    sizes, data = await talk(running, conversation)
    assert max(sizes) <= 32
    assert data.endswith(struct.pack("<HHIH", 0, 0x0900, 2, 0))


async def test_an_unknown_operation_gets_its_status_and_the_association_goes_on(start):
    running = await start()

    def conversation(peer):
        peer.associate()
        peer.send(p_data((1, 3, command_set(0x20, CT, message_id=5))) + p_data((1, 2, b"identifier")))
        unknown = peer.status()
        peer.send(p_data((1, 3, command_set(0x0FFF, CT, has_data_set=False))))  # C-CANCEL has no response
        return unknown, peer.echo()

    assert await talk(running, conversation) == ((5, 0x0211), 0)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
async def test_other_machines_are_let_in_only_where_the_site_says_so(host):
    with pytest.raises(BadInput, match="allow_anyone"):
        await Listener(ReceiverSettings(host=host, port=0), [], list.append).start()


async def test_a_port_that_is_taken_is_a_sentence(start):
    running = await start()
    with pytest.raises(BadInput, match="cannot be listened on"):
        await Listener(ReceiverSettings(port=running.port), [], list.append).start()


async def test_localhost_is_loopback(start):
    running = await start(host="localhost")
    assert await talk(running, RawPeer.associate) == ASSOCIATE_AC
