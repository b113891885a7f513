"""What the writer remembers of its last group: never more than a fresh look at the index would tell."""

from __future__ import annotations

import pytest
from arrivals import journalled, sent, spooled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from logical_dump import logical_dump

from archive.errors import CannotRecord
from archive.index.recording import record
from archive.ingest import Outcome, accept
from archive.ingest.group import Group, placement_of
from archive.local_archive import LocalArchive

INSTANCE = st.tuples(st.integers(1, 2), st.integers(1, 2), st.integers(1, 3), st.integers(0, 3))
GROUPS = st.lists(st.lists(INSTANCE, min_size=1, max_size=3), min_size=1, max_size=5)


@pytest.fixture
def archive(tmp_path):
    with LocalArchive.open(tmp_path / "archive") as opened:
        yield opened


def instance(study, series, number, variation):
    """Return an instance; variations differ in bytes, in what the study lacks, and in whose it is."""
    uids = f"1.2.{study}", f"1.2.{study}.{series}", f"1.2.{study}.{series}.{number}"
    attributes = {"InstanceNumber": str(number + 10 * variation)}
    if variation == 1:
        attributes |= {"StudyDescription": "", "AccessionNumber": "", "Modality": "MR"}
    if variation == 2:
        attributes |= {"PatientID": "P2"}
    return sent(*uids, **attributes)


def keep(archive, lease, group):
    return accept(archive, lease, [spooled(archive, instance(*each), received_at=5) for each in group])


def rows(archive, sql):
    return archive.index.fetch(sql)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(groups=GROUPS)
def test_groups_are_recorded_as_if_nothing_were_remembered(groups, tmp_path_factory):
    dumps = []
    for forgetful in (False, True):
        with LocalArchive.open(tmp_path_factory.mktemp("archive") / "archive") as archive:
            with archive.hold("test") as lease:
                for group in groups:
                    if forgetful:
                        archive.index.remembered.forget()
                    keep(archive, lease, group)
            dumps.append((logical_dump(archive.layout.index), rows(archive, "SELECT * FROM counter")))
    assert dumps[0] == dumps[1]


def test_what_another_transaction_writes_is_not_overwritten(archive):
    with archive.hold("test") as lease:
        keep(archive, lease, [(1, 1, 1, 0)])
        with archive.index.transaction() as cursor:
            cursor.execute("UPDATE study SET qa_status = 'failed', description = ''")
            cursor.execute("UPDATE counter SET value = value + 100 WHERE name = 'change'")
        keep(archive, lease, [(1, 1, 2, 1)])
    ((status, description, change),) = rows(archive, "SELECT qa_status, description, change_seq FROM study")
    assert (status, description) == ("failed", "")
    assert change > 100


def test_what_was_rolled_back_is_not_remembered(archive):
    with archive.hold("test") as lease:
        keep(archive, lease, [(1, 1, 1, 0)])
        broken = sent("1.2.9", "1.2.9.1", "1.2.9.1.1", PatientID="P9")
        with pytest.raises(CannotRecord), archive.index.transaction() as cursor:
            cursor.executemany("INSERT INTO uidref (id, uid) VALUES (900, ?)", [("1.2.900",), ("1.2.901",)])
        with pytest.raises(RuntimeError):
            record(archive.index, _records_that_end())
        assert accept(archive, lease, [spooled(archive, broken)]) == [Outcome.RECORDED]
    assert rows(archive, "SELECT count(*) FROM patient") == [(2,)]


def _records_that_end():
    raise RuntimeError
    yield


def test_another_writer_is_noticed_once_the_lease_comes_back(tmp_path):
    root = tmp_path / "archive"
    with LocalArchive.open(root) as ours, LocalArchive.open(root) as theirs:
        take(ours, (1, 1, 1, 0))
        take(theirs, (1, 1, 2, 2))
        take(theirs, (2, 1, 1, 0))
        take(ours, (1, 1, 3, 2))
        take(ours, (2, 1, 2, 0))
        assert rows(ours, "SELECT instance_count FROM study ORDER BY study_uid") == [(3,), (2,)]
        assert rows(ours, "SELECT count(*) FROM patient") == [(2,)]


def take(archive, numbers):
    """Take one instance through the line without anything that comes after its group."""
    with archive.hold("test"), placement_of(archive) as placement:
        arrival = journalled(archive, instance(*numbers))
        with Group(archive, [arrival], placement) as group:
            assert group.accept() == [Outcome.RECORDED]
