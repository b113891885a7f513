"""Whose peer is it: the first facility that matches address, AE titles and certificate, or the nearest."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from archive.network.refusal import Factor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.facility import Facility
    from archive.network.operation import Peer

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Miss:
    """The facility that came nearest, and the first factor by which it does not match."""

    facility: Facility
    factor: Factor


def find_facility(peer: Peer, facilities: Sequence[Facility]) -> Facility | Miss | None:
    """Return the first facility that matches a peer, else the nearest; None when there are none."""
    if not facilities:
        return None
    judged = [(_misses(peer, facility), facility) for facility in facilities]

    def distance(each: tuple[list[Factor], Facility]) -> tuple[bool, bool, int]:
        # The AE title is what people know a peer by: a facility that names it is meant before any other.
        misses, facility = each
        named = peer.calling_ae_title in facility.calling_ae_titles
        return not named, Factor.CALLING_AE_TITLE in misses, len(misses)

    misses, nearest = min(judged, key=distance)
    matching = next((facility for misses, facility in judged if not misses), None)
    return matching or Miss(nearest, misses[0])


def _misses(peer: Peer, facility: Facility) -> list[Factor]:
    matches = (
        (Factor.CALLING_AE_TITLE, _among(peer.calling_ae_title, facility.calling_ae_titles)),
        (Factor.ADDRESS, _within(peer.address, facility.addresses)),
        (Factor.CERTIFICATE, _among(peer.certificate, facility.certificates)),
        (Factor.CALLED_AE_TITLE, _among(peer.called_ae_title, facility.called_ae_titles)),
    )
    return [factor for factor, does in matches if not does]


def _among(value: str, allowed: Sequence[str]) -> bool:
    return not allowed or value in allowed


def _within(address: str, networks: Sequence[str]) -> bool:
    if not networks:
        return True
    host = ip_address(address)
    return host is not None and any(host in _network(network) for network in networks)


def ip_address(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the IP address of a peer's `host:port` or `[host]:port`; an IPv4 one where IPv6 maps it."""
    host = address.rpartition(":")[0].strip("[]").partition("%")[0]
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


@lru_cache(1024)
def _network(network: str) -> _Network:
    return ipaddress.ip_network(network)
