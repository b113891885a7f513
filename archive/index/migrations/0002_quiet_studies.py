"""Which studies have gone quiet: those that are there already count as announced."""
# ruff: noqa: D101, D103, D106, ANN001, ANN201 - frozen; the models carry the words
# mypy: ignore-errors

from peewee import FloatField, ForeignKeyField, IntegerField, Model, TextField


class Study(Model):
    id = IntegerField(primary_key=True)

    class Meta:
        table_name = "study"


class Counter(Model):
    name = TextField(primary_key=True)
    value = IntegerField()

    class Meta:
        table_name = "counter"
        without_rowid = True


class QuietStudy(Model):
    study = ForeignKeyField(Study, column_name="study", primary_key=True)
    last_received_at = FloatField()
    quiet_at = FloatField()
    change_seq = IntegerField(index=True)

    class Meta:
        table_name = "quiet_study"


def up(_migrator, db):
    with db.bind_ctx((Study, Counter, QuietStudy)):
        db.create_tables((QuietStudy,))
    db.execute_sql(
        "INSERT INTO quiet_study (study, last_received_at, quiet_at, change_seq) "
        "SELECT id, last_received_at, last_received_at, 0 FROM study"
    )
    db.execute_sql(
        "INSERT INTO counter (name, value) SELECT 'quiet', value FROM counter WHERE name = 'change'"
    )
