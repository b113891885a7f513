from __future__ import annotations

import pytest

from archive.facility import Facility
from archive.network.matching import Miss, find_facility
from archive.network.operation import Peer
from archive.network.refusal import Factor

CT = Facility(name="CT", calling_ae_titles=("CT1",), addresses=("10.1.0.0/16", "fd00::/8"))
MR = Facility(name="MR", calling_ae_titles=("MR1",), called_ae_titles=("ARCHIVE",), certificates=("ab" * 32,))
NEAR = Facility(name="near", addresses=("192.168.0.0/24",))


def peer(calling="CT1", address="10.1.2.3:40000", called="ARCHIVE", certificate=""):
    return Peer(calling, called, address, certificate)


@pytest.mark.parametrize(
    "who",
    [
        peer(),
        peer(address="[fd00::1]:1"),
        peer(address="[::ffff:10.1.2.3]:1"),
        peer(address="[fd00::1%eth0]:1"),
    ],
)
def test_every_factor_that_is_set_matches(who):
    assert find_facility(who, (NEAR, CT, MR)) == CT


def test_the_first_that_matches_is_the_one():
    assert find_facility(peer(), (Facility(name="all"), CT)).name == "all"
    assert find_facility(peer(), (CT, Facility(name="all"))) == CT


def test_where_nobody_is_named_nobody_misses():
    assert find_facility(peer(), ()) is None


@pytest.mark.parametrize(
    ("who", "name", "factor"),
    [
        (peer(address="10.2.2.3:1"), "CT", Factor.ADDRESS),
        (peer(address="?"), "CT", Factor.ADDRESS),
        (peer(calling="CT2"), "CT", Factor.CALLING_AE_TITLE),
        (peer(calling="ct1"), "CT", Factor.CALLING_AE_TITLE),
        (peer(calling="MR1"), "MR", Factor.CERTIFICATE),
        (peer(calling="MR1", certificate="cd" * 32), "MR", Factor.CERTIFICATE),
        (peer(calling="MR1", certificate="ab" * 32, called="OTHER"), "MR", Factor.CALLED_AE_TITLE),
        (peer(calling="MR1", called="OTHER", address="192.168.1.1:1"), "MR", Factor.CERTIFICATE),
    ],
)
def test_a_miss_names_the_nearest_facility_and_what_keeps_the_peer_from_it(who, name, factor):
    found = find_facility(who, (CT, MR, NEAR) if name == "MR" else (CT, MR))
    assert isinstance(found, Miss)
    assert (found.facility.name, found.factor) == (name, factor)
