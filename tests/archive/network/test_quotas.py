from __future__ import annotations

import pytest

from archive.errors import QuotaReached
from archive.facility import Facility
from archive.network.quotas import Quotas

CT = Facility(name="CT", daily_quota_bytes=100)
DAY = "2026-03-01"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "quotas.json"


def test_what_is_stored_counts_until_the_quota_is_reached(path):
    quotas = Quotas(path, (CT,))
    quotas.spend("CT", 99)
    quotas.check("CT")
    quotas.spend("CT", 99)
    with pytest.raises(QuotaReached, match="CT has stored the 100 bytes"):
        quotas.check("CT")
    quotas.check("MR")
    quotas.check("")
    assert QuotaReached.dimse_status == 0xA700


def test_the_next_day_begins_at_nothing(path):
    day = [DAY]
    quotas = Quotas(path, (CT,), lambda: day[0])
    quotas.spend("CT", 100)
    day[0] = "2026-03-02"
    quotas.check("CT")


def test_a_restart_forgets_nothing_of_the_day(path):
    quotas = Quotas(path, (CT,), lambda: DAY)
    assert quotas.save() is None
    quotas.spend("CT", 100)
    quotas.save()()
    assert quotas.save() is None
    with pytest.raises(QuotaReached):
        Quotas(path, (CT,), lambda: DAY).check("CT")
    Quotas(path, (CT,), lambda: "2026-03-02").check("CT")


@pytest.mark.parametrize("content", ["", "[]", '{"day": 1}', f'{{"day": "{DAY}", "bytes": {{"CT": null}}}}'])
def test_a_damaged_file_says_nothing(path, content):
    path.write_text(content)
    Quotas(path, (CT,), lambda: DAY).check("CT")


def test_a_disk_that_takes_nothing_ends_nothing(tmp_path):
    quotas = Quotas(tmp_path / "missing" / "quotas.json", (CT,))
    quotas.spend("CT", 1)
    quotas.save()()


def test_quotas_change_while_it_runs(path):
    quotas = Quotas(path, (CT,))
    quotas.spend("CT", 100)
    quotas.limit((Facility(name="CT", daily_quota_bytes=200),))
    quotas.check("CT")
