"""What a person does with a study."""

from __future__ import annotations

import getpass

from archive.audit.access import record_access, record_import, trail_of
from archive.audit.reading import read_records
from archive.audit.verification import verify
from archive.local_archive import LocalArchive


def test_reading_and_importing_name_the_user_and_the_study(tmp_path):
    with LocalArchive.open(tmp_path) as archive:
        record_import(archive, {"1.2.3": 4, "1.2.4": 1})
        record_access(archive, "1.2.3")
        records = list(read_records(archive.layout.audit))
        assert verify(trail_of(archive)).finding == ""
    assert [(record["event"], record["study_instance_uid"]) for record in records] == [
        ("instances_accessed", "1.2.3"), ("imported", "1.2.4"), ("imported", "1.2.3"),
    ]  # fmt: skip
    assert records[2]["instances"] == 4
    assert records[0]["participants"][0]["user_id"] == getpass.getuser()


def test_a_temporary_archive_has_no_trail():
    with LocalArchive.temporary() as archive:
        record_access(archive, "1.2.3")
        assert trail_of(archive) is None
        assert list(archive.layout.audit.iterdir()) == []


def test_an_audit_that_cannot_be_written_keeps_nobody_from_reading(tmp_path, caplog):
    with LocalArchive.open(tmp_path) as archive:
        record_access(archive, "1.2.3")
        (archive.layout.audit / "key").unlink()
        record_access(archive, "1.2.4")
    assert "The audit cannot be written" in caplog.text


def test_admitting_and_removing_a_facility_is_recorded(tmp_path):
    from archive.facilities import add_facility, remove_facility
    from archive.facility import Facility

    add_facility(tmp_path, Facility(name="CT-1"))
    remove_facility(tmp_path, "CT-1")
    removed, admitted = read_records(tmp_path / "audit")
    assert (admitted["event_type"], admitted["reason"]) == ("110129", "The facility CT-1 was admitted.")
    assert removed["reason"] == "The facility CT-1 was removed."
    assert removed["participants"][0]["user_id"] == getpass.getuser()


def test_looking_into_the_archive_by_command_is_recorded(tmp_path):
    import data_sets as ds
    from receiver_process import run_noctis

    source = tmp_path / "one.dcm"
    source.write_bytes(ds.part10(ds.smallest()))
    archive = tmp_path / "archive"
    assert run_noctis(archive, "import", source).returncode == 0
    assert run_noctis(archive, "tags", "1.2.3").returncode == 0
    run_noctis(archive, "render", "1.2.3", "--out", tmp_path / "one.png")
    assert run_noctis(archive, "tags", source).returncode == 0  # a file is in no archive
    events = [(record["event"], record["study_instance_uid"]) for record in read_records(archive / "audit")]
    study = events[-1][1]
    assert events == [("instances_accessed", study)] * 2 + [("imported", study)]
