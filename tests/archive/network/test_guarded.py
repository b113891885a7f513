"""Who gets in: facilities, limits and rates over real connections, and what people are told of a refusal."""

from __future__ import annotations

import asyncio
import time

import pytest
from listening import eventually, talk
from raw_peer import (
    ASSOCIATE_AC,
    ASSOCIATE_RJ,
    CT,
    IMPLICIT,
    VERIFICATION,
    RawPeer,
    associate_request,
)

from archive.facility import Facility

HERE = Facility(name="here", calling_ae_titles=("RAW_PEER",), addresses=("127.0.0.0/8",))
MR = "1.2.840.10008.5.1.4.1.1.4"


def ask(peer, **request):
    """Ask for an association; return the answer's type and what follows its first byte."""
    peer.send(associate_request(**request))
    kind, body = peer.read_pdu()
    return kind, body[1:4]


@pytest.mark.parametrize(
    ("facility", "codes", "factor", "words"),
    [
        ({"calling_ae_titles": ("CT1",)}, (1, 1, 3), "calling_ae_title", "the calling AE title RAW_PEER"),
        ({"called_ae_titles": ("OTHER",)}, (1, 1, 7), "called_ae_title", "it calls us NOCTIS_SCP"),
        ({"addresses": ("10.0.0.0/8", "fd00::/8")}, (1, 1, 1), "address", "its address 127.0.0.1 is not"),
        ({"certificates": ("ab" * 32,)}, (1, 1, 1), "certificate", "it showed no certificate"),
    ],
)
async def test_who_does_not_match_is_rejected_and_people_are_told_why(
    start, caplog, facility, codes, factor, words
):
    running = await start((Facility(name="CT", **facility),))
    assert await talk(running, ask) == (ASSOCIATE_RJ, bytes(codes))
    (event,) = running.named("association_rejected")
    assert event["factor"] == factor
    assert words in event["reason"]
    assert event["peer"].startswith("127.0.0.1:")
    assert (event["calling_ae_title"], event["called_ae_title"]) == ("RAW_PEER", "NOCTIS_SCP")
    assert event["contexts"] == (CT, VERIFICATION)
    for word in ("127.0.0.1:", "RAW_PEER", words, factor, "CT Image Storage, Verification SOP Class"):
        assert word in caplog.text


async def test_who_matches_comes_in_by_the_name_of_its_facility(start):
    running = await start((Facility(name="CT", calling_ae_titles=("CT1",)), HERE))
    assert await talk(running, ask) == (ASSOCIATE_AC, b"\1\0\0")
    (event,) = running.named("association_accepted")
    assert event["facility"] == "here"
    assert event["contexts"] == (CT, VERIFICATION)


async def test_others_come_in_too_where_the_site_says_anyone(start):
    running = await start((Facility(name="CT", calling_ae_titles=("CT1",)),), allow_anyone=True)
    assert (await talk(running, ask))[0] == ASSOCIATE_AC
    assert running.named("association_accepted")[0]["facility"] == ""


async def test_an_operation_that_is_not_allowed_is_left_out(start):
    running = await start((HERE.model_copy(update={"operations": ("echo",)}),))

    def conversation(peer):
        return peer.associate(), peer.echo()

    assert await talk(running, conversation) == (ASSOCIATE_AC, 0)
    assert running.named("association_accepted")[0]["refused_contexts"] == (f"{CT} (operation)",)


async def test_who_may_nothing_of_what_it_asks_is_rejected(start):
    running = await start((HERE.model_copy(update={"operations": ("echo",)}),))
    answer = await talk(running, lambda peer: ask(peer, contexts=((1, CT, (IMPLICIT,)),)))
    assert answer == (ASSOCIATE_RJ, b"\1\1\1")
    event = running.named("association_rejected")[0]
    assert (event["factor"], event["reason"]) == ("operation", "here may only echo, and it asks to store")


async def test_a_facility_has_so_many_associations(start):
    running = await start((HERE.model_copy(update={"maximum_associations": 1}),))

    def conversation():
        with RawPeer(running.port) as first, RawPeer(running.port) as second:
            return first.associate(), ask(second), first.release()

    for _ in range(3):  # the place comes back each time
        accepted, rejected, _ = await asyncio.to_thread(conversation)
        assert (accepted, rejected) == (ASSOCIATE_AC, (ASSOCIATE_RJ, b"\2\3\2"))
        await eventually(lambda: not running.listener.associations)
    event = running.named("association_rejected")[0]
    assert (event["factor"], event["contexts"]) == ("limit", (CT, VERIFICATION))


async def test_a_facility_begins_so_many_associations_a_minute(start):
    running = await start((HERE.model_copy(update={"connections_per_minute": 2}),))
    answers = [await talk(running, ask) for _ in range(3)]
    assert [answer[0] for answer in answers] == [ASSOCIATE_AC, ASSOCIATE_AC, ASSOCIATE_RJ]
    assert answers[2][1] == b"\2\3\2"
    assert running.named("association_rejected")[0]["factor"] == "rate"


async def test_an_address_that_connects_too_often_is_turned_away_before_it_speaks(start):
    running = await start(connections_per_minute=3)

    def conversation():
        with RawPeer(running.port) as first:
            assert first.associate() == ASSOCIATE_AC
            for _ in range(50):
                with RawPeer(running.port) as other:
                    other.send(b"noise")
                    other.read_pdu()
            return first.echo()

    assert await asyncio.to_thread(conversation) == 0
    told = [each for each in running.named("association_rejected") if each["factor"] == "rate"]
    assert 0 < len(told) < 10, "a flood must not flood the log"
    assert "more than 3 times a minute" in told[0]["reason"]
    assert len(running.listener._connections) <= 4


async def test_a_facility_sends_no_faster_than_it_may(start):
    running = await start((HERE.model_copy(update={"bytes_per_second": 100_000}),))

    def conversation(peer):
        peer.associate()
        begun = time.monotonic()
        assert peer.store("1.2.3", bytes(80_000)) == 0
        return time.monotonic() - begun

    assert await talk(running, conversation) > 0.3  # 16 kB at once, the rest at 100 kB a second
    assert running.service.kept == [("1.2.3", bytes(80_000))]


async def test_others_are_not_slowed_down(start):
    slow = HERE.model_copy(update={"bytes_per_second": 1_024, "calling_ae_titles": ("SLOW",)})
    running = await start((slow, HERE))

    def conversation():
        with RawPeer(running.port) as first, RawPeer(running.port) as second:
            assert first.associate(calling="SLOW") == ASSOCIATE_AC
            first.send(bytes.fromhex("0400000100000000fffe0103"))
            first.send(bytes(65_000))
            assert second.associate() == ASSOCIATE_AC
            return second.store("1.2.3", bytes(300_000)), second.echo()

    assert await asyncio.to_thread(conversation) == (0, 0)


async def test_new_facilities_hold_from_the_next_association_on(start):
    running = await start((HERE,))

    def conversation():
        with RawPeer(running.port) as first, RawPeer(running.port) as second:
            first.associate()
            running.listener.facilities = (Facility(name="CT", calling_ae_titles=("CT1",)),)
            return first.echo(), ask(second)

    assert await asyncio.to_thread(conversation) == (0, (ASSOCIATE_RJ, b"\1\1\3"))


async def test_hostile_titles_and_syntaxes_are_named_harmlessly(start, caplog):
    running = await start((HERE,))
    request = associate_request(calling="EVIL").replace(b"EVIL            ", b"E\x1b]0;x\x07         ")
    request = request.replace(CT.encode(), b"\x1b[2J" + CT.encode()[4:])

    def conversation(peer):
        peer.send(request)
        return peer.read_pdu()[0]

    assert await talk(running, conversation) == ASSOCIATE_RJ
    assert "\x1b" not in caplog.text
    assert "\x07" not in caplog.text
