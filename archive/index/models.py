"""The tables: integer keys inside, public UUIDv7 outside, packed SOP UIDs, counters kept by the writer.

Ids come from `Counter`, never from SQLite, so that no id is ever used twice and a study's id is also its
place in the order of first arrival, whatever the clock does. Nothing here is bound to a database: queries are
compiled and run by `archive.index.database.Index`.
"""

from __future__ import annotations

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
    """One identity exactly as senders wrote it; the same patient written in two ways has two rows."""

    id = IntegerField(primary_key=True)
    uuid = BlobField()
    patient_id = TextField()
    issuer = TextField()
    name = TextField()
    birth_date = TextField()
    sex = TextField()

    class Meta:  # noqa: D106 - peewee's options
        table_name = "patient"
        indexes = ((("patient_id", "issuer", "name", "birth_date", "sex"), True),)


class Study(Model):
    """One study; its patient is the first that came with its UID."""

    id = IntegerField(primary_key=True)
    uuid = BlobField()
    patient = ForeignKeyField(Patient, column_name="patient", backref="studies")
    study_uid = TextField(unique=True)
    study_date = TextField()
    study_time = TextField()
    accession_number = TextField(index=True)
    description = TextField()
    referring_physician_name = TextField()
    patient_name_norm = TextField()
    search_text = TextField()
    """Normalized name, patient ID, accession number and description, one a line."""
    modalities = TextField()
    r"""Values joined by ``\``, as in Modalities in Study (0008,0061)."""
    qa_status = TextField(null=True)
    received_at = FloatField(index=True)
    last_received_at = FloatField()
    series_count = IntegerField()
    instance_count = IntegerField()
    size_bytes = IntegerField()
    change_seq = IntegerField(index=True)

    class Meta:  # noqa: D106 - peewee's options
        table_name = "study"
        indexes = (
            (("study_date", "study_time", "id"), False),
            (("patient_name_norm", "study_date", "id"), False),
        )


class Source(Model):
    """Who sends: the two AE titles of an association and the address it came from."""

    id = IntegerField(primary_key=True)
    calling_ae_title = TextField()
    called_ae_title = TextField()
    address = TextField()

    class Meta:  # noqa: D106 - peewee's options
        table_name = "source"
        indexes = ((("calling_ae_title", "called_ae_title", "address"), True),)


class Series(Model):
    """One series of one study (the same UID in another study is another row)."""

    id = IntegerField(primary_key=True)
    uuid = BlobField()
    study = ForeignKeyField(Study, column_name="study", backref="series")
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

    class Meta:  # noqa: D106 - peewee's options
        table_name = "series"
        indexes = ((("series_uid", "study"), True),)


class UidReference(Model):
    """A UID of the standard (SOP class, transfer syntax) as a small number."""

    id = IntegerField(primary_key=True)
    uid = TextField(unique=True)

    class Meta:  # noqa: D106 - peewee's options
        table_name = "uidref"


class Instance(Model):
    """One instance: its key is its series and its packed SOP Instance UID; 66 bytes a row when measured."""

    series = ForeignKeyField(Series, column_name="series", backref="instances", index=False)
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
    """First 16 bytes of the data set's SHA-256; NULL for a file in place that was never verified."""
    file = BlobField(null=True)
    """NULL: where the layout has it; else an absolute path, or one relative to the archive's root."""

    class Meta:  # noqa: D106 - peewee's options
        table_name = "instance"
        primary_key = CompositeKey("series", "sop_uid")
        without_rowid = True


class Variant(Model):
    """Other bytes that came under the UIDs of an instance, kept beside it."""

    series = ForeignKeyField(Series, column_name="series", index=False)
    sop_uid = BlobField()
    digest = BlobField()
    size_bytes = IntegerField()
    file = BlobField()
    received_at = FloatField()
    patient = ForeignKeyField(Patient, column_name="patient", index=False)
    """Whose it claims to be; another than the study's locks the study against forwarding."""
    source = ForeignKeyField(Source, column_name="source", null=True, index=False)

    class Meta:  # noqa: D106 - peewee's options
        table_name = "variant"
        primary_key = CompositeKey("series", "sop_uid", "digest")
        without_rowid = True


class IdentityConflict(Model):
    """Another patient under a Study Instance UID already taken; the first instance that came so."""

    study = ForeignKeyField(Study, column_name="study", index=False)
    patient = ForeignKeyField(Patient, column_name="patient", index=False)
    series = ForeignKeyField(Series, column_name="series", index=False)
    sop_uid = BlobField()
    received_at = FloatField()

    class Meta:  # noqa: D106 - peewee's options
        table_name = "identity_conflict"
        primary_key = CompositeKey("study", "patient")
        without_rowid = True


class Counter(Model):
    """The last number given out: ids of patients, studies, series and jobs; the change sequence.

    `quiet` is no such number: every study whose `change_seq` is not above it has its `QuietStudy`.
    """

    name = TextField(primary_key=True)
    value = IntegerField()

    class Meta:  # noqa: D106 - peewee's options
        table_name = "counter"
        without_rowid = True


class QuietStudy(Model):
    """A study that went quiet, and was announced as such once; more that comes makes it due again."""

    study = ForeignKeyField(Study, column_name="study", primary_key=True)
    last_received_at = FloatField()
    """The study's own when it went quiet: as long as they are equal, nothing has come since."""
    quiet_at = FloatField()
    """Unix seconds at which that was noticed."""
    change_seq = IntegerField(index=True)
    """The number of this change; the study's own may have grown since. 0: never announced."""

    class Meta:  # noqa: D106 - peewee's options
        table_name = "quiet_study"


class Tombstone(Model):
    """A study that was removed, for those who follow the changes."""

    change_seq = IntegerField(primary_key=True)
    uuid = BlobField()
    study_uid = TextField()

    class Meta:  # noqa: D106 - peewee's options
        table_name = "tombstone"


class KeptAnnotation(Model):
    """A shape that a reader left on a frame (`archive.annotations`); removed with its study."""

    uuid = BlobField(primary_key=True)
    study = ForeignKeyField(Study, column_name="study", backref="annotations")
    series_uid = TextField()
    sop_uid = BlobField()
    frame_number = IntegerField()
    kind = TextField()
    points = BlobField()
    """Column and row of each point: little endian float64."""
    text = TextField()
    layer = TextField()
    author = TextField()
    created_at = FloatField()
    modified_at = FloatField()

    class Meta:  # noqa: D106 - peewee's options
        table_name = "annotation"


class KeptLayer(Model):
    """How a layer of a study's annotations looks, when a reader said so."""

    study = ForeignKeyField(Study, column_name="study", index=False)
    name = TextField()
    color_index = IntegerField()
    dashed = IntegerField()
    visible = IntegerField()

    class Meta:  # noqa: D106 - peewee's options
        table_name = "annotation_layer"
        primary_key = CompositeKey("study", "name")
        without_rowid = True


class KeptKeyImage(Model):
    """A frame that a reader marked as worth showing."""

    study = ForeignKeyField(Study, column_name="study", index=False)
    series_uid = TextField()
    sop_uid = BlobField()
    frame_number = IntegerField()
    author = TextField()
    created_at = FloatField()
    text = TextField()

    class Meta:  # noqa: D106 - peewee's options
        table_name = "key_image"
        primary_key = CompositeKey("study", "series_uid", "sop_uid", "frame_number")
        without_rowid = True


class KeptCurve(Model):
    """A curve that a reader laid through a patient (`archive.annotations.space_curve`)."""

    uuid = BlobField(primary_key=True)
    study = ForeignKeyField(Study, column_name="study", backref="curves")
    series_uid = TextField()
    frame_of_reference_uid = TextField()
    points = BlobField()
    """LPS x, y and z of each point in mm: little endian float64."""
    name = TextField()
    rotation_degrees = FloatField()
    width_mm = FloatField()
    author = TextField()
    created_at = FloatField()
    modified_at = FloatField()

    class Meta:  # noqa: D106 - peewee's options
        table_name = "curve"


class KeptJob(Model):
    """Work that takes longer than half a second (`archive.job`); the newest are kept."""

    id = IntegerField(primary_key=True)
    """The number that people call it by: counted, never given again."""
    uuid = BlobField(unique=True)
    kind = TextField()
    subject = TextField()
    study_uid = TextField()
    series_uid = TextField()
    parameters = TextField()
    """JSON."""
    state = TextField()
    created_at = FloatField()
    started_at = FloatField(null=True)
    finished_at = FloatField(null=True)
    done = IntegerField()
    total = IntegerField(null=True)
    what = TextField()
    outputs = TextField()
    """JSON: paths of what was written."""
    error = TextField()
    pid = IntegerField()
    process = TextField()
    """Which process of that number (`archive.process_identity`)."""

    class Meta:  # noqa: D106 - peewee's options
        table_name = "job"


MODELS: tuple[type[Model], ...] = (
    Patient,
    Study,
    Source,
    Series,
    UidReference,
    Instance,
    Variant,
    IdentityConflict,
    Counter,
    QuietStudy,
    Tombstone,
    KeptAnnotation,
    KeptLayer,
    KeptKeyImage,
    KeptJob,
    KeptCurve,
)
