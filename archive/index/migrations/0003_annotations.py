"""What readers draw on images: annotations, their layers, key images."""
# ruff: noqa: D101, D103, D106, ANN001, ANN201 - frozen; the models carry the words
# mypy: ignore-errors

from peewee import (
    BlobField,
    CompositeKey,
    FloatField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


class Study(Model):
    id = IntegerField(primary_key=True)

    class Meta:
        table_name = "study"


class KeptAnnotation(Model):
    uuid = BlobField(primary_key=True)
    study = ForeignKeyField(Study, column_name="study")
    series_uid = TextField()
    sop_uid = BlobField()
    frame_number = IntegerField()
    kind = TextField()
    points = BlobField()
    text = TextField()
    layer = TextField()
    author = TextField()
    created_at = FloatField()
    modified_at = FloatField()

    class Meta:
        table_name = "annotation"


class KeptLayer(Model):
    study = ForeignKeyField(Study, column_name="study", index=False)
    name = TextField()
    color_index = IntegerField()
    dashed = IntegerField()
    visible = IntegerField()

    class Meta:
        table_name = "annotation_layer"
        primary_key = CompositeKey("study", "name")
        without_rowid = True


class KeptKeyImage(Model):
    study = ForeignKeyField(Study, column_name="study", index=False)
    series_uid = TextField()
    sop_uid = BlobField()
    frame_number = IntegerField()
    author = TextField()
    created_at = FloatField()
    text = TextField()

    class Meta:
        table_name = "key_image"
        primary_key = CompositeKey("study", "series_uid", "sop_uid", "frame_number")
        without_rowid = True


def up(_migrator, db):
    models = (KeptAnnotation, KeptLayer, KeptKeyImage)
    with db.bind_ctx((Study, *models)):
        db.create_tables(models)
