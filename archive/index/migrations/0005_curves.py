"""What readers lay through patients: curves."""
# ruff: noqa: D101, D103, D106, ANN001, ANN201 - frozen; the models carry the words
# mypy: ignore-errors

from peewee import BlobField, FloatField, ForeignKeyField, IntegerField, Model, TextField


class Study(Model):
    id = IntegerField(primary_key=True)

    class Meta:
        table_name = "study"


class KeptCurve(Model):
    uuid = BlobField(primary_key=True)
    study = ForeignKeyField(Study, column_name="study")
    series_uid = TextField()
    frame_of_reference_uid = TextField()
    points = BlobField()
    name = TextField()
    rotation_degrees = FloatField()
    width_mm = FloatField()
    author = TextField()
    created_at = FloatField()
    modified_at = FloatField()

    class Meta:
        table_name = "curve"


def up(_migrator, db):
    with db.bind_ctx((KeptCurve,)):
        db.create_tables((KeptCurve,))
