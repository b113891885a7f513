"""The table of peers stays small, and made-up peers push no real one out."""

from __future__ import annotations

import pytest

from archive.network.peer_counts import MOST_PEERS, PeerTable, without_port


def test_made_up_peers_push_no_sender_out():
    table = PeerTable()
    table.seen("CT01", "10.0.0.7", 1.0).instances = 5
    for number in range(10 * MOST_PEERS):
        table.seen(f"NOISE{number}", "10.0.0.9", 2.0 + number)
    peers = table.newest_first()
    assert len(peers) == MOST_PEERS
    assert ("CT01", 5) in [(peer.calling_ae_title, peer.instances) for peer in peers]
    assert peers[0].calling_ae_title == f"NOISE{10 * MOST_PEERS - 1}"


def test_a_peer_is_its_ae_title_at_its_address():
    table = PeerTable()
    assert table.seen("CT01", "10.0.0.7", 1.0) is table.seen("CT01", "10.0.0.7", 2.0)
    assert table.seen("CT01", "10.0.0.8", 1.0) is not table.seen("CT01", "10.0.0.7", 2.0)


@pytest.mark.parametrize(
    ("peer", "address"),
    [("10.0.0.7:51422", "10.0.0.7"), ("[fe80::1]:104", "fe80::1"), ("?", "?"), ("", "")],
)
def test_addresses_are_told_without_their_port(peer, address):
    assert without_port(peer) == address
