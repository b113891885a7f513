from __future__ import annotations

import pytest
from arrivals import sent, spooled

from archive.errors import NotFound
from archive.index.models import Instance
from archive.index.targets import find_instance, find_series, find_study, instance_query_between, resolve
from archive.index.worklist import InstanceRow, SeriesRow, StudyRow
from archive.ingest import accept
from archive.local_archive import LocalArchive


@pytest.fixture(scope="module")
def index():
    with LocalArchive.temporary() as archive, archive.hold("test") as lease:
        names = [("1.2", "1.2.1", "1.2.1.1"), ("1.2", "1.2.1", "1.2.1.11"), ("1.25", "1.25.3", "7.5.1")]
        accept(archive, lease, [spooled(archive, sent(*uids)) for uids in names])
        yield archive.index


def test_a_whole_uid_wins_over_longer_ones(index):
    assert find_study(index, "1.2").study_instance_uid == "1.2"
    assert find_series(index, "1.2.1").series_instance_uid == "1.2.1"
    assert find_instance(index, "1.2.1.1").sop_instance_uid == "1.2.1.1"


def test_a_unique_beginning_is_enough(index):
    assert find_study(index, "1.25").study_instance_uid == "1.25"
    assert find_series(index, "1.25").series_instance_uid == "1.25.3"
    assert find_instance(index, "7").sop_instance_uid == "7.5.1"
    assert find_instance(index, "1.2.1.11").sop_instance_uid == "1.2.1.11"


@pytest.mark.parametrize("find", [find_study, find_series, find_instance, resolve])
@pytest.mark.parametrize("uid", ["9", "x", "1.2.1.1.1.1", "%", "_", "9" * 100, "\x1b[2J"])
def test_what_is_not_there_is_said_in_a_sentence(index, find, uid):
    with pytest.raises(NotFound) as told:
        find(index, uid)
    assert "\x1b" not in str(told.value)


@pytest.mark.parametrize("find", [find_study, find_series, find_instance, resolve])
def test_an_ambiguous_beginning_says_so(index, find):
    with pytest.raises(NotFound, match="More than one"):
        find(index, "1." if find is not find_instance else "1.2")


def test_a_target_may_be_of_any_level(index):
    assert isinstance(resolve(index, "1.2"), StudyRow)
    assert isinstance(resolve(index, "1.2.1"), SeriesRow)
    assert isinstance(resolve(index, "7.5.1"), InstanceRow)
    assert isinstance(resolve(index, "7"), InstanceRow)


def test_instances_are_asked_series_by_series(index):
    plan = index.plan(instance_query_between(b"\x10", b"\x20"))
    assert "USING PRIMARY KEY (series=? AND sop_uid>? AND sop_uid<?)" in plan, plan
    assert f"SCAN {Instance._meta.table_name}" not in plan
