"""The first schema: a frozen copy of the models as they were, independent of the models as they are."""
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


class Patient(Model):
    id = IntegerField(primary_key=True)
    uuid = BlobField()
    patient_id = TextField()
    issuer = TextField()
    name = TextField()
    birth_date = TextField()
    sex = TextField()

    class Meta:
        table_name = "patient"
        indexes = ((("patient_id", "issuer", "name", "birth_date", "sex"), True),)


class Study(Model):
    id = IntegerField(primary_key=True)
    uuid = BlobField()
    patient = ForeignKeyField(Patient, column_name="patient")
    study_uid = TextField(unique=True)
    study_date = TextField()
    study_time = TextField()
    accession_number = TextField(index=True)
    description = TextField()
    referring_physician_name = TextField()
    patient_name_norm = TextField()
    search_text = TextField()
    modalities = TextField()
    qa_status = TextField(null=True)
    received_at = FloatField(index=True)
    last_received_at = FloatField()
    series_count = IntegerField()
    instance_count = IntegerField()
    size_bytes = IntegerField()
    change_seq = IntegerField(index=True)

    class Meta:
        table_name = "study"
        indexes = (
            (("study_date", "study_time", "id"), False),
            (("patient_name_norm", "study_date", "id"), False),
        )


class Source(Model):
    id = IntegerField(primary_key=True)
    calling_ae_title = TextField()
    called_ae_title = TextField()
    address = TextField()

    class Meta:
        table_name = "source"
        indexes = ((("calling_ae_title", "called_ae_title", "address"), True),)


class Series(Model):
    id = IntegerField(primary_key=True)
    uuid = BlobField()
    study = ForeignKeyField(Study, column_name="study")
    series_uid = TextField()
    modality = TextField()
    series_number = IntegerField(null=True)
    description = TextField()
    body_part_examined = TextField()
    protocol_name = TextField()
    station_name = TextField()
    frame_of_reference_uid = TextField()
    source = ForeignKeyField(Source, column_name="source", null=True, index=False)
    instance_count = IntegerField()
    frame_count = IntegerField()
    size_bytes = IntegerField()

    class Meta:
        table_name = "series"
        indexes = ((("series_uid", "study"), True),)


class UidReference(Model):
    id = IntegerField(primary_key=True)
    uid = TextField(unique=True)

    class Meta:
        table_name = "uidref"


class Instance(Model):
    series = ForeignKeyField(Series, column_name="series", index=False)
    sop_uid = BlobField()
    sop_class = IntegerField()
    syntax = IntegerField()
    instance_number = IntegerField(null=True)
    rows = IntegerField()
    columns = IntegerField()
    frames = IntegerField()
    position_mm = FloatField(null=True)
    size_bytes = IntegerField()
    digest = BlobField(null=True)
    file = BlobField(null=True)

    class Meta:
        table_name = "instance"
        primary_key = CompositeKey("series", "sop_uid")
        without_rowid = True


class Variant(Model):
    series = ForeignKeyField(Series, column_name="series", index=False)
    sop_uid = BlobField()
    digest = BlobField()
    size_bytes = IntegerField()
    file = BlobField()
    received_at = FloatField()
    patient = ForeignKeyField(Patient, column_name="patient", index=False)
    source = ForeignKeyField(Source, column_name="source", null=True, index=False)

    class Meta:
        table_name = "variant"
        primary_key = CompositeKey("series", "sop_uid", "digest")
        without_rowid = True


class IdentityConflict(Model):
    study = ForeignKeyField(Study, column_name="study", index=False)
    patient = ForeignKeyField(Patient, column_name="patient", index=False)
    series = ForeignKeyField(Series, column_name="series", index=False)
    sop_uid = BlobField()
    received_at = FloatField()

    class Meta:
        table_name = "identity_conflict"
        primary_key = CompositeKey("study", "patient")
        without_rowid = True


class Counter(Model):
    name = TextField(primary_key=True)
    value = IntegerField()

    class Meta:
        table_name = "counter"
        without_rowid = True


class Tombstone(Model):
    change_seq = IntegerField(primary_key=True)
    uuid = BlobField()
    study_uid = TextField()

    class Meta:
        table_name = "tombstone"


MODELS = (
    Patient,
    Study,
    Source,
    Series,
    UidReference,
    Instance,
    Variant,
    IdentityConflict,
    Counter,
    Tombstone,
)


def up(_migrator, db):
    with db.bind_ctx(MODELS):
        db.create_tables(MODELS)
        names = ("change", "patient", "study", "series", "source", "uidref")
        Counter.insert_many([{"name": name, "value": 0} for name in names]).execute()
