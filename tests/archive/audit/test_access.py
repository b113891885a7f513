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
