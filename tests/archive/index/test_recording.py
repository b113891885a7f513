"""When what was recorded outlasts a power failure: SQLite syncs its WAL only with what it adds to it."""

from __future__ import annotations

import pytest
from arrivals import journalled, sent

from archive.index.recording import make_durable
from archive.ingest.group import Group, placement_of
from archive.local_archive import LocalArchive


@pytest.fixture
def archive(tmp_path):
    with LocalArchive.open(tmp_path / "archive") as opened:
        yield opened


def test_a_commit_that_changes_nothing_does_not_make_the_others_durable(archive):
    with archive.hold("test"), placement_of(archive) as placement:
        with Group(archive, [journalled(archive, sent())], placement) as group:
            group.accept()
        with archive.index.transaction() as cursor:
            cursor.execute("UPDATE counter SET value = value")
        log = archive.layout.index.with_name("index.sqlite-wal")
        before = log.read_bytes()
        make_durable(archive.index)
        assert log.read_bytes() != before
        after = log.read_bytes()
        make_durable(archive.index)
        assert log.read_bytes() == after
