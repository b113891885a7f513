"""Limits on associations and connections, and what a lost peer leaves: nothing."""

from __future__ import annotations

import asyncio
import struct
from contextlib import ExitStack

from listening import eventually, talk
from raw_peer import (
    ABORT,
    ASSOCIATE_AC,
    ASSOCIATE_RJ,
    RawPeer,
    associate_request,
    store_request,
)

from archive.network import association


async def test_the_association_limit_is_answered_and_ends_with_a_release(start):
    running = await start(maximum_associations=2)

    def conversation():
        with RawPeer(running.port) as first, RawPeer(running.port) as second, RawPeer(running.port) as third:
            assert first.associate() == ASSOCIATE_AC
            assert second.associate() == ASSOCIATE_AC
            third.send(associate_request())
            rejected = third.read_pdu()
            first.release()
            with RawPeer(running.port) as fourth:
                return rejected, fourth.associate()

    rejected, fourth = await asyncio.to_thread(conversation)
    assert rejected == (ASSOCIATE_RJ, b"\0\x02\x03\x02")
    assert fourth == ASSOCIATE_AC


async def test_the_association_limit_holds_for_requests_judged_at_once(start):
    running = await start(maximum_associations=1)

    def conversation():
        with RawPeer(running.port) as first, RawPeer(running.port) as second:
            for peer in (first, second):
                peer.send(associate_request())
            return {first.read_pdu()[0], second.read_pdu()[0]}

    for _ in range(5):
        assert await asyncio.to_thread(conversation) == {ASSOCIATE_AC, ASSOCIATE_RJ}
        await eventually(lambda: not running.listener.associations)


async def test_a_flood_of_associations_gets_as_many_as_are_allowed_and_the_rest_its_reason(start):
    running = await start(maximum_associations=8)

    def conversation():
        with ExitStack() as flood:
            peers = [flood.enter_context(RawPeer(running.port)) for _ in range(100)]
            for peer in peers:
                peer.send(associate_request())
            answers = [peer.read_pdu() for peer in peers]
            accepted = [
                peer for peer, answer in zip(peers, answers, strict=True) if answer[0] == ASSOCIATE_AC
            ]
            rejected = [answer for answer in answers if answer == (ASSOCIATE_RJ, b"\0\x02\x03\x02")]
            return len(accepted), len(rejected), [peer.echo() for peer in accepted]

    assert await asyncio.to_thread(conversation) == (8, 92, [0] * 8)


async def test_a_flood_of_connections_is_held_to_its_limit(start, monkeypatch):
    monkeypatch.setattr("archive.network.listener._SPARE_CONNECTIONS", 4)
    monkeypatch.setattr(association, "REQUEST_SECONDS", 600)
    running = await start(maximum_associations=4)

    def conversation():
        with RawPeer(running.port) as peer:
            assert peer.associate() == ASSOCIATE_AC
            flood = [RawPeer(running.port) for _ in range(40)]
            ended = sum(each.read_pdu() is None or each.read_pdu() is None for each in flood[:33])
            for each in flood:
                each.socket.close()
            return ended, peer.echo()

    assert await asyncio.to_thread(conversation) == (33, 0)


async def test_a_dropped_connection_frees_its_place_and_leaves_nothing(start):
    running = await start(maximum_associations=1)

    def conversation(peer):
        assert peer.associate() == ASSOCIATE_AC
        peer.send(store_request("1.2.3", bytes(100_000))[:50_000])
        peer.reset()

    await talk(running, conversation)
    await eventually(lambda: not running.listener.associations)
    assert running.service.abandoned == 1
    assert await talk(running, RawPeer.associate) == ASSOCIATE_AC


async def test_an_abort_of_the_peer_frees_its_place(start):
    running = await start()

    def conversation(peer):
        peer.associate()
        peer.send(store_request("1.2.3", bytes(100))[:-3] + b"abc")
        assert peer.status() == (1, 0)
        peer.send(struct.pack(">BxI", ABORT, 4) + bytes(4))
        return peer.read_pdu()

    assert await talk(running, conversation) is None
    await eventually(lambda: running.named("association_ended"))
    assert running.named("association_ended")[0]["ending"] == "aborted_by_peer"


async def test_what_follows_an_abort_is_not_read(start, caplog):
    running = await start()

    def conversation(peer):
        peer.associate()
        peer.send(struct.pack(">BxI", ABORT, 4) + bytes(4) + store_request("1.2.3", b"data"))
        return peer.read_pdu()

    assert await talk(running, conversation) is None
    await eventually(lambda: not running.listener._connections)
    assert not running.service.kept
    assert "Traceback" not in caplog.text


async def test_a_peer_that_goes_while_it_waits_for_its_answer_is_forgotten(start):
    running = await start()
    running.service.answers.clear()

    def conversation(peer):
        peer.associate()
        peer.send(store_request("1.2.3", b"data"))

    await talk(running, conversation)
    await eventually(lambda: running.service.abandoned)
    running.service.answers.set()
    await eventually(lambda: running.service.kept)
