from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
from arrivals import sent, spooled

from archive.errors import BadInput, IndexDamaged, NoctisError, NotFound
from archive.index import worklist
from archive.ingest import accept
from archive.local_archive import LocalArchive


def test_opening_creates_what_is_missing_for_this_user_only(tmp_path):
    before = os.umask(0)
    try:
        with LocalArchive.open(tmp_path / "deep" / "archive") as archive:
            assert worklist.studies(archive.index) == []
            with archive.hold("test") as lease:
                accept(archive, lease, [spooled(archive, sent())])
            everything = [archive.root, *archive.root.rglob("*")]
            for path in everything:
                assert path.stat().st_mode & 0o077 == 0, path
    finally:
        os.umask(before)


def test_an_archive_can_be_moved(tmp_path):
    with LocalArchive.open(tmp_path / "here") as archive, archive.hold("test") as lease:
        accept(archive, lease, [spooled(archive, sent())])
        accept(archive, lease, [spooled(archive, sent(StudyDescription="variant"))])
    (tmp_path / "here").rename(tmp_path / "there")
    with LocalArchive.open(tmp_path / "there") as archive:
        (study,) = worklist.studies(archive.index)
        (series,) = worklist.series_of(archive.index, study.id)
        (instance,) = worklist.instances_of(archive.index, series.id)
        assert instance.path.is_file()
        assert instance.path.is_relative_to(tmp_path / "there")


def test_a_temporary_archive_is_gone_when_it_is_closed():
    with LocalArchive.temporary() as archive, archive.hold("view") as lease:
        accept(archive, lease, [spooled(archive, sent())])
        root = archive.root
        assert not archive.layout.index.exists()
        assert len(worklist.studies(archive.index)) == 1
    assert not root.exists()
    with pytest.raises(NotFound):
        worklist.studies(archive.index)


def test_two_temporary_archives_know_nothing_of_each_other():
    with LocalArchive.temporary() as one, LocalArchive.temporary() as other:
        with one.hold("view") as lease:
            accept(one, lease, [spooled(one, sent())])
        assert worklist.studies(other.index) == []


def test_the_writer_keeps_the_promises_of_the_index(tmp_path):
    with LocalArchive.open(tmp_path) as archive:
        pragmas = {
            name: archive.index.peek(f"PRAGMA {name}")[0][0] for name in ("journal_mode", "synchronous")
        }
        assert pragmas == {"journal_mode": "wal", "synchronous": 2}
        assert archive.index.peek("PRAGMA busy_timeout") == [(5000,)]
        assert archive.index.fetch("PRAGMA query_only") == [(1,)]
        with pytest.raises(Exception, match="read-only"):
            archive.index.fetch("DELETE FROM study")


def test_a_file_is_no_archive(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="not a folder"):
        LocalArchive.open(tmp_path / "file")


def test_a_damaged_index_is_told_in_a_sentence(tmp_path):
    LocalArchive.open(tmp_path).close()
    for path in tmp_path.glob("index.sqlite*"):
        path.write_bytes(os.urandom(8192))
    with LocalArchive.open(tmp_path) as archive:
        with pytest.raises(IndexDamaged, match="index is damaged"):
            worklist.studies(archive.index)
        assert archive.layout.suspicion.exists()  # whoever writes looks at it


def test_an_index_that_is_gone_is_not_taken_for_an_empty_archive(tmp_path):
    with LocalArchive.open(tmp_path) as archive, archive.hold("test") as lease:
        accept(archive, lease, [spooled(archive, sent())])
    for lose in (Path.unlink, Path.touch):
        for path in tmp_path.glob("index.sqlite*"):
            path.unlink()
        if lose is Path.touch:
            lose(tmp_path / "index.sqlite")
        with LocalArchive.open(tmp_path) as archive, pytest.raises(NoctisError, match="index"):
            worklist.studies(archive.index)


def test_readers_see_a_commit_of_another_process(tmp_path):
    with LocalArchive.open(tmp_path) as archive:
        assert worklist.count_studies(archive.index) == 0
        with LocalArchive.open(tmp_path) as other, other.hold("test") as lease:
            accept(other, lease, [spooled(other, sent())])
        assert worklist.count_studies(archive.index) == 1


def test_an_archive_on_a_read_only_disk_is_read(tmp_path, monkeypatch):
    with LocalArchive.open(tmp_path) as archive, archive.hold("test") as lease:
        accept(archive, lease, [spooled(archive, sent())])
    last = sqlite3.connect(tmp_path / "index.sqlite")
    last.execute("SELECT count(*) FROM study").fetchall()
    last.close()  # the last writer takes the WAL with it
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with LocalArchive.open(tmp_path) as archive:
        assert len(worklist.studies(archive.index)) == 1
        assert not (tmp_path / "index.sqlite-shm").exists()
