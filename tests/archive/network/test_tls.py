"""TLS: who is let in with which certificate, by DCMTK's senders and by Python's; and who learns what."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl

import pytest
from certificates import Certificates, pin
from listening import eventually, run_program, talk
from raw_peer import ABORT, ASSOCIATE_AC, ASSOCIATE_RJ, RawPeer, associate_request
from senders import program

from archive.errors import BadInput
from archive.facility import Facility
from archive.network import tls_entrance
from archive.network.tls import server_context
from archive.settings import ReceiverSettings, TlsSettings


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def start_tls(start, certificates):
    """Start a listener that speaks TLS."""

    async def start_tls(facilities=(), require=True, **settings):
        running = await start(facilities, **settings)
        tls = TlsSettings(**certificates.settings, require_certificate=require)
        running.listener.tls = server_context(tls, certificates.folder)
        return running

    return start_tls


class TlsPeer(RawPeer):
    """A raw peer over TLS."""

    def __init__(self, port, context, seconds=10):
        super().__init__(port, seconds)
        self.socket = context.wrap_socket(self.socket, server_hostname="127.0.0.1")


async def converse(running, context, conversation):
    def run():
        with TlsPeer(running.port, context) as peer:
            return conversation(peer)

    return await asyncio.to_thread(run)


async def refused(running, context):
    """Have a client that is refused try; return the event that tells of it."""
    with contextlib.suppress(ssl.SSLError, ConnectionError):
        # TLS 1.3 tells the client of its certificate only after its handshake.
        assert await converse(running, context, lambda peer: peer.associate()) is None
    await eventually(lambda: running.named("association_rejected"))
    await eventually(lambda: not running.listener._connections)
    assert not running.named("association_accepted")
    (event,) = running.named("association_rejected")
    assert event["peer"].startswith("127.0.0.1:")
    return event


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_good_certificate_is_let_in_and_everything_works(start_tls, certificates, version):
    running = await start_tls()
    client = certificates.client(certificates.issue("good"))
    client.minimum_version = client.maximum_version = version

    def conversation(peer):
        assert peer.associate() == ASSOCIATE_AC
        statuses = [peer.echo(), peer.store("1.2.3", bytes(1_000_000)), peer.store("1.2.4", b"ab")]
        return statuses, peer.release()

    assert await converse(running, client, conversation) == ([0, 0, 0], 6)
    assert running.service.kept == [("1.2.3", bytes(1_000_000)), ("1.2.4", b"ab")]
    await eventually(lambda: not running.listener._connections)
    assert running.named("association_ended")[0]["ending"] == "released"


async def test_a_request_that_comes_with_the_end_of_the_handshake_is_not_lost(start_tls, certificates):
    running = await start_tls()
    client = certificates.client(certificates.issue("eager"))
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = client.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")

    def conversation(peer):
        while True:
            try:
                session.do_handshake()
                break
            except ssl.SSLWantReadError:
                peer.send(outgoing.read())
                incoming.write(peer.socket.recv(65_536))
        session.write(associate_request())
        peer.send(outgoing.read())  # the end of the handshake and the request in one segment
        incoming.write(peer.socket.recv(65_536))
        with contextlib.suppress(ssl.SSLWantReadError):
            return session.read(1)
        incoming.write(peer.socket.recv(65_536))
        return session.read(1)

    assert await talk(running, conversation) == bytes([ASSOCIATE_AC])


@pytest.mark.parametrize(
    ("shown", "factor", "reason"),
    [
        (None, "certificate", "it showed no certificate, and receiver.tls demands one"),
        ({"trusted": False}, "certificate", "its certificate is signed by none that receiver.tls.ca names"),
        ({"expired": True}, "certificate", "its certificate has expired"),
    ],
)
async def test_a_bad_certificate_is_refused_by_its_reason(
    start_tls, certificates, caplog, shown, factor, reason
):
    running = await start_tls()
    issued = shown and certificates.issue("bad", **shown)
    event = await refused(running, certificates.client(issued))
    assert (event["factor"], event["reason"]) == (factor, reason)
    assert reason in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_tls_1_1_is_refused(start_tls, certificates):
    running = await start_tls()
    client = certificates.client(certificates.issue("old"))
    client.minimum_version, client.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    client.set_ciphers("ALL:@SECLEVEL=0")
    event = await refused(running, client)
    assert (event["factor"], event["reason"]) == (
        "tls",
        "it speaks no TLS newer than 1.1, and 1.2 is the least",
    )


async def test_a_cipher_without_forward_secrecy_is_refused(start_tls, certificates):
    running = await start_tls()
    client = certificates.client(certificates.issue("weak"))
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    client.set_ciphers("AES128-SHA")
    event = await refused(running, client)
    assert event["reason"] == "it offers no cipher that BCP 195 allows"


async def test_a_client_that_does_not_trust_us_is_told_of_so(start_tls, certificates):
    running = await start_tls()
    event = await refused(running, ssl.create_default_context())
    assert event["factor"] == "tls"
    assert "it may not accept our certificate" in event["reason"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (associate_request(), "it does not speak TLS, as a sender in the clear would not"),
        (b"GET / HTTP/1.1\r\n\r\n", "it speaks HTTP"),
        (b"\x16\x03\x01\x00\x04\x01\x00\x00\x00", "the TLS handshake failed"),
    ],
)
async def test_what_is_no_tls_is_refused_by_its_reason(start_tls, said, words):
    running = await start_tls()

    def conversation(peer):
        peer.send(said)
        while peer.socket.recv(65_536):
            pass

    with contextlib.suppress(ConnectionError):
        await talk(running, conversation)
    await eventually(lambda: running.named("association_rejected"))
    (event,) = running.named("association_rejected")
    assert event["factor"] == "tls"
    assert words in event["reason"]


async def test_tls_on_a_port_in_the_clear_is_refused_by_its_reason(start, certificates):
    running = await start()
    with pytest.raises(ssl.SSLError):
        await converse(running, certificates.client(), RawPeer.associate)
    (event,) = running.named("association_rejected")
    assert event["factor"] == "tls"
    assert "it speaks TLS" in event["reason"]


async def test_a_peer_that_hangs_up_is_forgotten(start_tls):
    running = await start_tls()
    await talk(running, lambda peer: peer.send(b"\x16\x03\x01"))
    await eventually(lambda: running.named("association_rejected"))
    await eventually(lambda: not running.listener._connections)
    assert running.named("association_rejected")[0]["reason"] == "it hung up during the TLS handshake"


async def test_silent_clients_delay_nobody_and_are_given_up(start_tls, certificates, monkeypatch):
    monkeypatch.setattr(tls_entrance, "HANDSHAKE_SECONDS", 1.0)
    running = await start_tls()
    client = certificates.client(certificates.issue("good"))

    def conversation():
        silent = [socket.create_connection(("127.0.0.1", running.port), 10) for _ in range(100)]
        with TlsPeer(running.port, client) as peer:
            answered = peer.associate(), peer.echo()
        held = len(running.listener._connections)
        for each in silent:
            with contextlib.suppress(ConnectionResetError):
                assert each.recv(1) == b""
            each.close()
        return answered, held

    (answered, held) = await asyncio.to_thread(conversation)
    assert answered == (ASSOCIATE_AC, 0)
    assert held >= 100
    await eventually(lambda: not running.listener._connections)
    factors = {event["factor"] for event in running.named("association_rejected")}
    assert factors == {"silence"}


async def test_silent_clients_go_when_too_many_connections_are_open(start_tls, certificates, monkeypatch):
    monkeypatch.setattr("archive.network.listener._SPARE_CONNECTIONS", 4)
    running = await start_tls(maximum_associations=4)
    client = certificates.client(certificates.issue("good"))

    def conversation():
        flood = [socket.create_connection(("127.0.0.1", running.port), 10) for _ in range(20)]
        with TlsPeer(running.port, client) as peer:
            answer = peer.associate()
        for each in flood:
            each.close()
        return answer

    assert await asyncio.to_thread(conversation) == ASSOCIATE_AC
    assert len(running.listener._connections) <= 9


async def test_a_drain_ends_handshakes_too(start_tls):
    running = await start_tls()
    with socket.create_connection(("127.0.0.1", running.port), 10) as silent:
        await eventually(lambda: running.listener._connections)
        await running.listener.drain(0)
        assert not running.listener._connections
        with contextlib.suppress(ConnectionResetError):
            assert silent.recv(1) == b""


async def test_an_address_that_connects_too_often_gets_no_handshake(start_tls, certificates):
    running = await start_tls(connections_per_minute=1)
    client = certificates.client(certificates.issue("good"))
    assert await converse(running, client, RawPeer.associate) == ASSOCIATE_AC
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await converse(running, client, RawPeer.associate)
    assert running.named("association_rejected")[0]["factor"] == "rate"


async def test_a_facility_is_known_by_its_certificate(start_tls, certificates):
    known, other = certificates.issue("known"), certificates.issue("other")
    running = await start_tls((Facility(name="CT", certificates=(pin(known[1]),)),))
    assert await converse(running, certificates.client(known), RawPeer.associate) == ASSOCIATE_AC
    assert running.named("association_accepted")[0]["facility"] == "CT"
    assert await converse(running, certificates.client(other), RawPeer.associate) == ASSOCIATE_RJ
    (event,) = running.named("association_rejected")
    assert event["factor"] == "certificate"
    assert pin(other[1]) in event["reason"]


async def test_certificates_may_be_optional(start_tls, certificates):
    known = certificates.issue("known")
    running = await start_tls((Facility(name="CT", certificates=(pin(known[1]),)),), require=False)
    assert await converse(running, certificates.client(known), RawPeer.associate) == ASSOCIATE_AC
    assert await converse(running, certificates.client(), RawPeer.associate) == ASSOCIATE_RJ
    assert "it showed no certificate, " in running.named("association_rejected")[0]["reason"]


async def test_a_peers_own_certificate_may_be_named_instead_of_its_signer(start, certificates):
    known, other = certificates.issue("known", trusted=False), certificates.issue("other", trusted=False)
    running = await start()
    tls = TlsSettings(**certificates.settings | {"ca": str(known[1])})
    running.listener.tls = server_context(tls, certificates.folder)
    assert await converse(running, certificates.client(known), RawPeer.associate) == ASSOCIATE_AC
    with contextlib.suppress(ssl.SSLError, ConnectionError):
        await converse(running, certificates.client(other), RawPeer.associate)
    await eventually(lambda: running.named("association_rejected"))
    (event,) = running.named("association_rejected")
    assert event["factor"] == "certificate"


async def test_an_association_that_breaks_the_protocol_over_tls_is_aborted(start_tls, certificates, caplog):
    running = await start_tls()

    def conversation(peer):
        peer.associate()
        peer.send(b"noise that is no PDU")
        return peer.read_pdu()[0]

    assert await converse(running, certificates.client(certificates.issue("good")), conversation) == ABORT
    await eventually(lambda: not running.listener._connections)
    assert "Traceback" not in caplog.text


async def test_a_certificate_that_was_renewed_is_shown_from_then_on(start_tls, certificates):
    running = await start_tls()
    client = certificates.client(certificates.issue("good"))

    def shown(peer):
        return ssl.DER_cert_to_PEM_cert(peer.socket.getpeercert(binary_form=True))

    before = await converse(running, client, shown)
    renewed = certificates.issue("renewed")
    tls = TlsSettings(**certificates.settings | {"key": str(renewed[0]), "certificate": str(renewed[1])})
    running.listener.tls = server_context(tls, certificates.folder)
    after = await converse(running, client, shown)
    assert before != after
    assert after in renewed[1].read_text()


@pytest.mark.peer
@pytest.mark.parametrize(
    ("shown", "exits", "reason"),
    [
        ({}, 0, ""),
        ({"trusted": False}, 1, "its certificate is signed by none that receiver.tls.ca names"),
        ({"expired": True}, 1, "its certificate has expired"),
        (None, 1, "it showed no certificate, and receiver.tls demands one"),
    ],
)
async def test_dcmtk_is_let_in_or_refused_by_its_certificate(start_tls, certificates, shown, exits, reason):
    running = await start_tls()
    options = ["+tla"] if shown is None else ["+tls", *certificates.issue("dcmtk", **shown)]
    code, said = await run_program(
        program("echoscu"), "-v", *options, "+cf", certificates.ca, "127.0.0.1", running.port
    )
    assert bool(code) == bool(exits), said
    reasons = [event["reason"] for event in running.named("association_rejected")]
    assert reasons == ([reason] if reason else [])


@pytest.mark.peer
@pytest.mark.parametrize("profile", ["--profile-bcp195", "--profile-bcp195-nd", "--profile-bcp195-ex"])
async def test_the_profiles_of_bcp_195_that_dcmtk_knows_are_spoken(start_tls, certificates, profile):
    running = await start_tls()
    code, said = await run_program(
        program("echoscu"), profile, "+tls", *certificates.issue("dcmtk"), "+cf", certificates.ca,
        "127.0.0.1", running.port,
    )  # fmt: skip
    assert code == 0, said


@pytest.mark.peer
async def test_dcmtk_in_the_clear_is_refused_by_its_reason(start_tls):
    running = await start_tls()
    code, _ = await run_program(program("echoscu"), "127.0.0.1", running.port)
    assert code != 0
    assert "in the clear" in running.named("association_rejected")[0]["reason"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"certificate": "missing.pem"}, r"receiver\.tls\.certificate: .*missing\.pem cannot be read"),
        ({"key": "missing.key"}, r"receiver\.tls\.key: .*missing\.key cannot be read"),
        ({"key": "other.key"}, "are not a PEM certificate and its key"),
        ({"certificate": "noise"}, "are not a PEM certificate and its key"),
        ({"key": "locked.key"}, "without a passphrase"),
        ({"ca": "missing.pem"}, r"receiver\.tls\.ca: .*missing\.pem cannot be read"),
        ({"ca": "noise"}, "holds no PEM certificates"),
        ({"ca": ""}, "require_certificate = false takes peers without any"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(certificates, change, sentence):
    from cryptography.hazmat.primitives import serialization

    certificates.issue("other")
    (certificates.folder / "noise").write_bytes(b"noise")
    key = serialization.load_pem_private_key(certificates.ours[0].read_bytes(), None)
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    (certificates.folder / "locked.key").write_bytes(locked)
    with pytest.raises(BadInput, match=sentence):
        server_context(TlsSettings(**certificates.settings | change), certificates.folder)


def test_paths_begin_at_the_archive(certificates):
    key, certificate = certificates.ours
    tls = TlsSettings(certificate=certificate.name, key=key.name, ca=certificates.ca.name)
    context = server_context(tls, certificates.folder)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert ReceiverSettings().tls is None
