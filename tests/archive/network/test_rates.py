from __future__ import annotations

import pytest

from archive.facility import Facility
from archive.network.places import LEAST_BURST_BYTES, Places
from archive.network.rates import Bucket, ConnectionRates
from archive.network.refusal import Factor


def test_what_is_taken_beyond_the_bucket_is_paid_back_at_its_rate():
    bucket = Bucket(100, per_second=50)
    assert bucket.take(100, now=10) == 0
    assert bucket.take(100, now=10) == 2
    assert bucket.take(50, now=12) == 1
    assert bucket.take(100, now=1_000) == 0  # no more than the bucket holds comes back


def test_so_many_connections_a_minute_and_then_one_for_each_that_comes_back():
    rates = ConnectionRates()
    assert [rates.allow("10.0.0.1", 3, now=0) for _ in range(5)] == [True, True, True, False, False]
    assert rates.allow("10.0.0.2", 3, now=0)
    assert not rates.allow("10.0.0.1", 3, now=19)
    assert rates.allow("10.0.0.1", 3, now=20)
    assert not rates.allow("10.0.0.1", 3, now=21)
    assert rates.allow("10.0.0.1", 10, now=21)  # the limit was changed


def test_a_scan_from_everywhere_fills_no_memory():
    rates = ConnectionRates()
    for number in range(10_000):
        rates.allow(str(number), 60, now=0)
    assert len(rates._buckets) == 4_096


def test_a_facility_has_its_places_and_gets_them_back():
    places, ct = Places(), Facility(name="CT", maximum_associations=2)
    assert [places.take(ct, 0) for _ in range(2)] == [None, None]
    refused = places.take(ct, 0)
    assert refused.factor is Factor.LIMIT
    assert refused.answer[-3:] == b"\x02\x03\x02"
    assert "CT may have no more than 2 associations" in refused.reason
    places.give_back("CT")
    assert places.take(ct, 0) is None
    assert places.take(Facility(name="MR"), 0) is None


def test_a_facility_begins_so_many_associations_a_minute():
    places, ct = Places(), Facility(name="CT", connections_per_minute=1)
    assert places.take(ct, 0) is None
    assert places.take(ct, 1).factor is Factor.RATE
    assert places.take(ct, 61) is None


def test_the_peers_of_a_facility_share_its_bytes_per_second():
    places = Places()
    assert places.pace(Facility(name="CT")) is None
    ct = Facility(name="CT", bytes_per_second=65_536)
    one, two = places.pace(ct), places.pace(ct)
    assert one is two
    assert one.burst_bytes == LEAST_BURST_BYTES
    waits = [one.read(16_384, 0), two.read(16_384, 0), one.read(16_384, 0)]
    assert waits == pytest.approx([0, 0.25, 0.5])
    faster = places.pace(Facility(name="CT", bytes_per_second=1_000_000))
    assert faster is not one
    assert faster.burst_bytes == 125_000
