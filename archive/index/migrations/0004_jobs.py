"""What takes longer than half a second: jobs."""
# ruff: noqa: D101, D103, D106, ANN001, ANN201 - frozen; the models carry the words
# mypy: ignore-errors

from peewee import BlobField, FloatField, IntegerField, Model, TextField


class KeptJob(Model):
    id = IntegerField(primary_key=True)
    uuid = BlobField(unique=True)
    kind = TextField()
    subject = TextField()
    study_uid = TextField()
    series_uid = TextField()
    parameters = TextField()
    state = TextField()
    created_at = FloatField()
    started_at = FloatField(null=True)
    finished_at = FloatField(null=True)
    done = IntegerField()
    total = IntegerField(null=True)
    what = TextField()
    outputs = TextField()
    error = TextField()
    pid = IntegerField()
    process = TextField()

    class Meta:
        table_name = "job"


def up(_migrator, db):
    with db.bind_ctx((KeptJob,)):
        db.create_tables((KeptJob,))
    db.execute_sql("INSERT INTO counter (name, value) VALUES ('job', 0)")
