"""Silence, trickles and draining: nobody holds a place for ever."""

from __future__ import annotations

import asyncio
import time

import pytest
from listening import eventually, talk
from raw_peer import (
    ABORT,
    ASSOCIATE_AC,
    CT,
    RawPeer,
    associate_request,
    command_set,
    p_data,
    store_request,
)

from archive.network import association, progress
from archive.settings import ReceiverSettings


def trickle(peer, stream):
    """Send byte by byte; return the PDU that ends it."""
    peer.socket.settimeout(0.1)
    for byte in stream:
        peer.send(bytes([byte]))
        try:
            return peer.read_pdu()
        except TimeoutError:
            continue
    return None


async def test_silence_before_within_and_between_pdus_ends_the_connection(start, monkeypatch):
    monkeypatch.setattr(association, "REQUEST_SECONDS", 0.2)
    running = await start(association_idle_seconds=0.2, pdu_seconds=0.2)
    conversations = {
        "nothing": lambda peer: None,
        "two bytes": lambda peer: peer.send(b"\1\0"),
        "idle": lambda peer: peer.associate(),
        "half a PDU": lambda peer: (peer.associate(), peer.send(store_request("1.2.3", bytes(99))[:-9])),
    }
    for name, conversation in conversations.items():

        def run(peer, conversation=conversation):
            conversation(peer)
            return peer.read_pdu()

        answer = await talk(running, run)
        assert answer is not None, name
        assert answer[0] == ABORT, name


def test_the_deadlines_are_those_that_the_design_promises():
    settings = ReceiverSettings()
    assert association.REQUEST_SECONDS == 10
    assert (settings.pdu_seconds, settings.association_idle_seconds) == (30, 60)


async def test_a_request_that_trickles_has_one_deadline_in_all(start, monkeypatch):
    monkeypatch.setattr(association, "REQUEST_SECONDS", 0.5)
    running = await start()
    answer = await talk(running, trickle, associate_request())
    assert answer is not None
    assert answer[0] == ABORT


async def test_a_pdu_that_trickles_has_one_deadline_in_all(start):
    running = await start(pdu_seconds=0.5)

    def conversation(peer):
        peer.associate()
        return trickle(peer, store_request("1.2.3", bytes(1_000)))

    assert (await talk(running, conversation))[0] == ABORT


async def test_tiny_pdus_each_in_time_do_not_hold_an_association_open(start):
    running = await start(pdu_seconds=0.5, association_idle_seconds=0.5)

    def conversation(peer):
        peer.associate()
        peer.send(p_data((1, 3, command_set(1, CT, "1.2.3"))))
        peer.socket.settimeout(0.1)
        for _ in range(40):
            peer.send(p_data((1, 0, b"x")))
            try:
                return peer.read_pdu()
            except TimeoutError:
                continue
        return None

    answer = await talk(running, conversation)
    assert answer is not None
    assert answer[0] == ABORT
    assert running.service.abandoned == 1


async def test_a_slow_line_that_moves_on_is_given_time(start, monkeypatch):
    monkeypatch.setattr(progress, "LEAST_BYTES", 1_000)
    running = await start(pdu_seconds=1, association_idle_seconds=1)

    def conversation(peer):
        peer.associate()
        peer.send(p_data((1, 3, command_set(1, CT, "1.2.3"))))
        for _ in range(10):
            peer.send(p_data((1, 0, bytes(1_000))))
            time.sleep(0.2)
        peer.send(p_data((1, 2, b"end")))
        return peer.status()

    assert await talk(running, conversation) == (1, 0)


async def test_waiting_for_us_is_not_the_peers_silence(start):
    running = await start(association_idle_seconds=0.2, pdu_seconds=0.2)
    running.service.answers.clear()

    def conversation(peer):
        peer.associate()
        peer.send(store_request("1.2.3", b"data"))
        return peer.status()

    waiting = asyncio.create_task(talk(running, conversation))
    await asyncio.sleep(1.2)
    running.service.answers.set()
    assert await waiting == (1, 0)


async def test_silent_connections_do_not_delay_others(start):
    running = await start()

    def conversation():
        silent = [RawPeer(running.port) for _ in range(300)]
        with RawPeer(running.port) as peer:
            answer = peer.associate(), peer.echo()
        for each in silent:
            each.socket.close()
        return answer

    assert await asyncio.to_thread(conversation) == (ASSOCIATE_AC, 0)


async def test_a_data_set_that_never_ends_is_aborted(start):
    running = await start(maximum_instance_bytes=2**20)

    def conversation(peer):
        peer.associate()
        peer.send(p_data((1, 3, command_set(1, CT, "1.2.3"))))
        endless = p_data((1, 0, bytes(16_000)))
        for _ in range(80):
            peer.send(endless)
        return peer.read_pdu()

    answer = await talk(running, conversation)
    assert answer is None or answer[0] == ABORT
    await eventually(lambda: running.service.abandoned)


async def test_draining_lets_a_request_end_and_then_aborts(start):
    running = await start()
    running.service.answers.clear()

    def conversation(peer):
        peer.associate()
        peer.send(store_request("1.2.3", b"data"))
        return peer.status(), peer.read_pdu()

    waiting = asyncio.create_task(talk(running, conversation))
    await eventually(lambda: running.listener.associations)
    draining = asyncio.create_task(running.listener.drain(1))
    await asyncio.sleep(0.1)
    running.service.answers.set()
    status, last = await waiting
    await draining
    assert status == (1, 0)
    assert last[0] == ABORT
    with pytest.raises(ConnectionRefusedError):
        RawPeer(running.port)


async def test_draining_does_not_wait_for_the_idle(start, monkeypatch):
    monkeypatch.setattr(association, "LULL_SECONDS", 0.1)
    running = await start()

    def conversation(peer):
        peer.associate()
        peer.echo()
        return peer.read_pdu()

    waiting = asyncio.create_task(talk(running, conversation))
    await eventually(lambda: running.listener.associations)
    async with asyncio.timeout(30):
        await running.listener.drain(3_600)
    assert (await waiting)[0] == ABORT
