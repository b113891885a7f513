"""What each peer has sent: a bounded table, so that made-up AE titles fill no memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_PEERS = 64


@dataclass(slots=True)
class PeerCounts:
    """What one calling AE title at one address has done; its text is hostile.

    Attributes
    ----------
    address
        Without a port.
    last_seen_at
        Seconds since the epoch.
    """

    calling_ae_title: str
    address: str
    associations: int = 0
    refused_associations: int = 0
    instances: int = 0
    refused_instances: int = 0
    bytes: int = 0
    last_seen_at: float = 0.0


class PeerTable:
    """The peers that were seen last; of those that go first are the ones that never stored anything."""

    def __init__(self, peers: Iterable[PeerCounts] = ()) -> None:
        self._peers = {(peer.calling_ae_title, peer.address): peer for peer in peers}

    def seen(self, calling_ae_title: str, address: str, at: float) -> PeerCounts:
        """Return the counts of a peer that has just been heard of."""
        key = (calling_ae_title, address)
        peer = self._peers.get(key)
        if peer is None:
            if len(self._peers) >= MOST_PEERS:
                self._forget_one()
            peer = self._peers[key] = PeerCounts(*key)
        peer.last_seen_at = at
        return peer

    def newest_first(self) -> list[PeerCounts]:
        """Return every peer, the one seen last first."""
        return sorted(self._peers.values(), key=lambda peer: peer.last_seen_at, reverse=True)

    def _forget_one(self) -> None:
        least = min(
            self._peers, key=lambda key: (self._peers[key].instances > 0, self._peers[key].last_seen_at)
        )
        del self._peers[least]


def without_port(peer: str) -> str:
    """Return the address of `10.0.0.7:51422` or `[fe80::1]:51422`."""
    return peer.rpartition(":")[0].strip("[]") or peer
