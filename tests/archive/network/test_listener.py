"""Associations over real sockets: well-behaved peers, hostile ones, limits and deadlines."""

from __future__ import annotations

import asyncio
import logging
import struct
import time
from dataclasses import dataclass, field

import pytest
from conftest import require_program
from pynetdicom import AE
from raw_peer import (
    ABORT,
    ASSOCIATE_AC,
    ASSOCIATE_RJ,
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
from archive.network import association
from archive.network.listener import Listener
from archive.services.verification import VerificationService
from archive.settings import ReceiverSettings


@dataclass
class Keeping:
    """A storage service that keeps data sets in memory and answers when it is told to."""

    command_field = 1
    kept: list = field(default_factory=list)
    abandoned: int = 0
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self):
        self.answers.set()

    def accepts(self, abstract_syntax):
        return abstract_syntax == CT

    def begin(self, request, exchange):
        return KeepingOperation(self, request, exchange)


class KeepingOperation:
    def __init__(self, service, request, exchange):
        self.service, self.request, self.exchange = service, request, exchange
        self.data = bytearray()

    def receive(self, data):
        self.data += data

    def end(self):
        self.task = asyncio.create_task(self._answer())

    async def _answer(self):
        await self.service.answers.wait()
        self.service.kept.append((self.request.command.affected_sop_instance_uid, bytes(self.data)))
        self.exchange.respond(0)

    def abandon(self):
        self.service.abandoned += 1


class Running:
    def __init__(self, listener, service, events, port):
        self.listener, self.service, self.events, self.port = listener, service, events, port

    def named(self, name):
        return [event.values for event in self.events if event.name == name]


@pytest.fixture
async def start():
    """Start a listener with some settings; gives what a test needs to know about it."""
    running = []

    async def start(**settings):
        events, service = [], Keeping()
        listener = Listener(
            ReceiverSettings(port=0, **settings), [VerificationService(), service], events.append
        )
        _, port = await listener.start()
        running.append(Running(listener, service, events, port))
        return running[-1]

    yield start
    for each in running:
        await each.listener.drain(0)


async def talk(running, conversation, *arguments):
    """Run a blocking conversation with a raw peer in a thread."""

    def run():
        with RawPeer(running.port) as peer:
            return conversation(peer, *arguments)

    return await asyncio.to_thread(run)


async def eventually(condition):
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in the code under test
            await asyncio.sleep(0.01)


async def run_program(*arguments):
    process = await asyncio.create_subprocess_exec(
        *map(str, arguments), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode(errors="replace")


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


HOSTILE = {
    "http": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "tls": bytes.fromhex("1603010200010001fc0303") + bytes(100),
    "noise": bytes(range(255, 0, -1)),
    "associate too long": struct.pack(">BxI", 1, 1 << 20) + bytes(100),
    "associate over 4 GiB": struct.pack(">BxI", 1, 0xFFFFFFFF) + bytes(100),
    "associate of noise": struct.pack(">BxI", 1, 200) + b"\0\1\0\0" + b"A" * 32 + bytes(range(164)),
    "p-data first": p_data((1, 2, b"data")),
    "release first": RELEASE,
    "accept first": struct.pack(">BxI", 2, 100) + bytes(100),
}
HOSTILE_LATER = {
    "associate again": associate_request(),
    "an answer to nothing": struct.pack(">BxI", RELEASE_RP, 4) + bytes(4),
    "over the maximum": struct.pack(">BxI", 4, 262_145) + bytes(100),
    "value overruns": struct.pack(">BxIIBB", 4, 10, 100, 1, 2) + bytes(10),
    "value of nothing": struct.pack(">BxIIBB", 4, 10, 0, 1, 2) + bytes(10),
    "value of one": struct.pack(">BxIIBB", 4, 10, 1, 1, 2) + bytes(10),
    "unknown context": p_data((5, 3, command_set(0x30, VERIFICATION, has_data_set=False))),
    "truncated command": p_data((3, 3, command_set(0x30, VERIFICATION, has_data_set=False)[:-3])),
    "data without command": p_data((1, 2, b"data")),
    "response": p_data((3, 3, command_set(0x8030, VERIFICATION, has_data_set=False))),
    "http": HOSTILE["http"],
}


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
    assert running.named("association_refused")
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


async def test_a_pdu_that_trickles_has_one_deadline_in_all(start):
    running = await start(pdu_seconds=0.5)

    def conversation(peer):
        peer.associate()
        peer.socket.settimeout(0.1)
        for byte in store_request("1.2.3", bytes(1_000)):
            peer.send(bytes([byte]))
            try:
                return peer.read_pdu()
            except TimeoutError:
                continue
        return None

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
    monkeypatch.setattr(association, "LEAST_PROGRESS_BYTES", 1_000)
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
