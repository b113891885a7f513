"""How long a disk lasts, from what the last days brought."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from archive.network.disk_forecast import DiskForecast, bytes_per_day, forecast_disk
from archive.network.receiver_record import ReceiverRecord
from archive.settings import StorageSettings

NOON = datetime(2026, 3, 20, 12)
GB = 10**9


def days(**ago):
    return {f"{NOON.date() - timedelta(days=int(name[1:]))}": count for name, count in ago.items()}


def test_days_are_averaged_as_far_as_counting_goes_back():
    since = (NOON - timedelta(days=2)).timestamp()
    assert bytes_per_day(days(_0=3 * GB, _1=5 * GB), since, NOON.timestamp()) == pytest.approx(4 * GB)


def test_what_is_long_past_says_nothing_about_tomorrow():
    since = (NOON - timedelta(days=300)).timestamp()
    rate = bytes_per_day(days(_0=29 * GB, _40=900 * GB), since, NOON.timestamp())
    assert rate == pytest.approx(2 * GB)  # over fourteen and a half days


def test_an_hour_must_have_passed():
    assert bytes_per_day(days(_0=GB), NOON.timestamp() - 3_000, NOON.timestamp()) is None
    assert bytes_per_day(days(_0=GB), NOON.timestamp() + 3_000, NOON.timestamp()) is None


@pytest.mark.parametrize(
    ("free", "rate", "left"), [(11 * GB, 5 * GB, 2), (GB // 2, GB, 0), (GB, 0.0, None), (GB, None, None)]
)
def test_the_reserve_is_not_for_images(free, rate, left):
    assert DiskForecast(free, 100 * GB, GB, rate).days_left == left


def test_the_reserve_is_where_the_receiver_refuses(tmp_path):
    disk = forecast_disk(
        tmp_path, StorageSettings(minimum_free_bytes=0, minimum_free_percent=50), {}, 0, NOON.timestamp()
    )
    assert disk.reserve_bytes == pytest.approx(disk.size_bytes / 2, abs=1)
    disk = forecast_disk(tmp_path, StorageSettings(minimum_free_bytes=7), {}, 0, NOON.timestamp())
    assert disk.reserve_bytes >= disk.size_bytes // 50


def test_days_beyond_two_weeks_are_dropped():
    record = ReceiverRecord()
    for number in range(40):
        record.add_to_day((NOON + timedelta(days=number)).timestamp(), 1)
    assert len(record.days) == 15
    assert max(record.days) == "2026-04-28"
