from __future__ import annotations

import sqlite3

import annotated
import peewee
import pytest

from archive.annotating import annotations_of, edit
from archive.errors import BadInput
from archive.index import migration
from archive.index.models import MODELS, Counter
from archive.local_archive import LocalArchive

SCHEMA = "SELECT name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'schema_migration%' ORDER BY name"


def test_the_migrations_make_the_schema_of_the_models(tmp_path):
    models = peewee.SqliteDatabase(":memory:")
    with models.bind_ctx(MODELS):
        models.create_tables(MODELS)
    with LocalArchive.open(tmp_path) as archive:
        assert archive.index.fetch(SCHEMA) == models.execute_sql(SCHEMA).fetchall()


def test_every_counter_begins_at_zero(tmp_path):
    with LocalArchive.open(tmp_path) as archive:
        counters = archive.index.rows(Counter.select(Counter.name, Counter.value))
    assert {value for _, value in counters} == {0}
    assert {name for name, _ in counters} == {
        "change",
        "patient",
        "study",
        "series",
        "source",
        "uidref",
        "quiet",
        "job",
    }


def test_opening_again_applies_nothing(tmp_path):
    LocalArchive.open(tmp_path).close()
    with (
        LocalArchive.open(tmp_path) as archive,
        archive.hold("somebody"),
        LocalArchive.open(tmp_path) as second,
    ):
        assert migration.pending(second.index) == []
        assert migration.pending(archive.index) == []


def test_a_migration_is_recorded_in_the_transaction_it_performs(tmp_path, monkeypatch):
    folder = tmp_path / "migrations"
    folder.mkdir()
    first = next(migration.MIGRATIONS.glob("0001*.py"))
    (folder / first.name).write_text(first.read_text())
    broken = (
        "def up(migrator, db):\n    db.execute_sql('CREATE TABLE half (x)')\n    raise ValueError('no')\n"
    )
    (folder / "0002_broken.py").write_text(broken)
    monkeypatch.setattr(migration, "MIGRATIONS", folder)
    with pytest.raises(ValueError, match="no"):
        LocalArchive.open(tmp_path / "archive")
    index = sqlite3.connect(tmp_path / "archive" / "index.sqlite")
    assert index.execute("SELECT name FROM schema_migration").fetchall() == [(first.stem,)]
    assert not index.execute("SELECT 1 FROM sqlite_master WHERE name = 'half'").fetchall()
    index.close()
    (folder / "0002_broken.py").unlink()
    with LocalArchive.open(tmp_path / "archive") as archive:
        assert migration.pending(archive.index) == []


def test_an_index_of_a_newer_version_is_refused(tmp_path):
    LocalArchive.open(tmp_path).close()
    index = sqlite3.connect(tmp_path / "index.sqlite")
    index.execute("INSERT INTO schema_migration (name, applied) VALUES ('9999_future', '2099-01-01')")
    index.commit()
    index.close()
    with pytest.raises(BadInput, match="newer version"):
        LocalArchive.open(tmp_path)


def test_an_index_from_before_there_were_annotations_is_brought_up_to_date(tmp_path, monkeypatch):
    older = tmp_path / "migrations"
    older.mkdir()
    for path in sorted(migration.MIGRATIONS.glob("000[12]*.py")):
        (older / path.name).write_text(path.read_text())
    with monkeypatch.context() as patch:
        patch.setattr(migration, "MIGRATIONS", older)
        with LocalArchive.open(tmp_path / "archive") as archive, archive.hold("test") as lease:
            annotated.fill(archive, lease)
    with LocalArchive.open(tmp_path / "archive") as archive:
        edit(archive, annotated.EVERYTHING)
        assert annotations_of(archive.index, annotated.STUDY).annotations == (annotated.LINE,)
        models = peewee.SqliteDatabase(":memory:")
        with models.bind_ctx(MODELS):
            models.create_tables(MODELS)
        assert archive.index.fetch(SCHEMA) == models.execute_sql(SCHEMA).fetchall()
