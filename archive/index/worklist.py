"""What a reader asks of the index: studies filtered, sorted and paged; series; instances.

Every function may be called from any thread and fetches all it returns.
"""

from __future__ import annotations

import os
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from peewee import fn

from archive.index.matching import StudyFilter as StudyFilter  # noqa: PLC0414 - part of this module's interface
from archive.index.matching import conditions
from archive.index.models import Instance, Patient, Series, Study, UidReference
from archive.index.packing import unpack_uid
from archive.index.sorting import Sort as Sort  # noqa: PLC0414 - part of this module's interface
from archive.index.sorting import beyond, ordered

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from peewee import ModelSelect

    from archive.index.database import Index

State = Literal["receiving", "quiet"]
EVERY_STUDY = StudyFilter()


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One study as the worklist shows it; times are Unix seconds, dates and times as DICOM writes them.

    `qa_status` is ``"failed"`` when something critical was found on arrival (a variant, another patient under
    the same Study Instance UID), else None until the study is inspected.
    """

    id: int
    uuid: str
    study_instance_uid: str
    patient_id: str
    patient_name: str
    patient_birth_date: str
    patient_sex: str
    study_date: str
    study_time: str
    modalities: tuple[str, ...]
    study_description: str
    accession_number: str
    referring_physician_name: str
    series_count: int
    instance_count: int
    size_bytes: int
    received_at: float
    last_received_at: float
    state: State
    qa_status: str | None
    change_sequence: int


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """One series of a study."""

    id: int
    uuid: str
    study_id: int
    series_instance_uid: str
    modality: str
    series_number: int | None
    series_description: str
    body_part_examined: str
    instance_count: int
    frame_count: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class InstanceRow:
    """One instance; `position_mm` is along the normal of its plane, `path` absolute."""

    series_id: int
    sop_instance_uid: str
    sop_class_uid: str
    transfer_syntax_uid: str
    instance_number: int | None
    rows: int
    columns: int
    number_of_frames: int
    position_mm: float | None
    size_bytes: int
    path: Path


def studies(
    index: Index,
    study_filter: StudyFilter = EVERY_STUDY,
    *,
    sort: Sort = Sort.RECEIVED,
    descending: bool = True,
    limit: int | None = 200,
    after: StudyRow | None = None,
    ids: Collection[int] | None = None,
) -> list[StudyRow]:
    """Return one page of studies.

    Parameters
    ----------
    after
        The last row of the page before; the page begins behind it, whether it still exists or not.
    ids
        Only these studies: what the change feed named, asked for again under the same filter.
    """
    query = study_query(study_filter, sort=sort, descending=descending, limit=limit, after=after, ids=ids)
    return [study_row(index, row) for row in index.rows(query)]


def study_query(
    study_filter: StudyFilter = EVERY_STUDY,
    *,
    sort: Sort = Sort.RECEIVED,
    descending: bool = True,
    limit: int | None = 200,
    after: StudyRow | None = None,
    ids: Collection[int] | None = None,
) -> ModelSelect[Study]:
    """Return the query behind `studies`."""
    wanted = conditions(study_filter)
    if after is not None:
        wanted.append(beyond(after, sort, descending=descending))
    if ids is not None:
        wanted.append(Study.id.in_(list(ids)))
    query = Study.select(*_STUDY_COLUMNS).join(Patient).order_by(*ordered(sort, descending=descending))
    return (query.where(*wanted) if wanted else query).limit(limit)


def count_studies(index: Index, study_filter: StudyFilter = EVERY_STUDY) -> int:
    """Return how many studies match."""
    wanted = conditions(study_filter)
    query = Study.select(fn.COUNT(Study.id))
    return int(index.rows(query.where(*wanted) if wanted else query)[0][0])


def series_of(index: Index, study_id: int) -> list[SeriesRow]:
    """Return a study's series by number (those without one last), then by UID."""
    query = series_query().where(Series.study == study_id)
    in_order = query.order_by(Series.series_number.is_null(), Series.series_number, Series.series_uid)
    return [series_row(row) for row in index.rows(in_order)]


def instances_of(index: Index, series_id: int) -> list[InstanceRow]:
    """Return a series' instances by number (those without one last), then by UID."""
    rows = index.rows(instance_query().where(Instance.series == series_id))
    return sorted((instance_row(index, row) for row in rows), key=_instance_order)


def series_row(row: tuple[Any, ...]) -> SeriesRow:
    """Build a `SeriesRow` from the columns of `series_query`."""
    return SeriesRow(row[0], str(uuid.UUID(bytes=row[1])), *row[2:])


def series_query() -> ModelSelect[Series]:
    """Return all series, with the columns that `series_row` reads."""
    return Series.select(*_SERIES_COLUMNS)


def instance_query() -> ModelSelect[Instance]:
    """Return all instances, with the columns that `instance_row` reads."""
    syntax = UidReference.alias()
    return (
        Instance.select(
            *(Instance.series, Instance.sop_uid, UidReference.uid, syntax.uid, Instance.instance_number),
            *(Instance.rows, Instance.columns, Instance.frames, Instance.position_mm, Instance.size_bytes),
            *(Instance.file, Series.series_uid, Study.study_uid),
        )
        .join(Series)
        .join(Study)
        .join_from(Instance, UidReference, on=(UidReference.id == Instance.sop_class))
        .join_from(Instance, syntax, on=(syntax.id == Instance.syntax))
    )


def instance_row(index: Index, row: tuple[Any, ...]) -> InstanceRow:
    """Build an `InstanceRow` from the columns of `instance_query`."""
    sop_uid = unpack_uid(row[1])
    file, series_uid, study_uid = row[10:13]
    relative = index.locate(study_uid, series_uid, sop_uid) if file is None else os.fsdecode(file)
    return InstanceRow(*[row[0], sop_uid, *row[2:10], index.root / relative])


def _instance_order(row: InstanceRow) -> tuple[bool, int, str]:
    return row.instance_number is None, row.instance_number or 0, row.sop_instance_uid


def study_row(index: Index, row: tuple[Any, ...]) -> StudyRow:
    """Build a `StudyRow` from the columns of `study_query`."""
    modalities = tuple(filter(None, row[9].split("\\")))
    # A clock that was set back must not keep a study receiving for ever: both directions count.
    state: State = "receiving" if abs(time.time() - row[17]) < index.quiet_seconds else "quiet"
    return StudyRow(
        *[row[0], str(uuid.UUID(bytes=row[1])), *row[2:9], modalities, *row[10:18], state, *row[18:]]
    )


_STUDY_COLUMNS = (
    *(Study.id, Study.uuid, Study.study_uid),
    *(Patient.patient_id, Patient.name, Patient.birth_date, Patient.sex),
    *(Study.study_date, Study.study_time, Study.modalities, Study.description, Study.accession_number),
    *(Study.referring_physician_name, Study.series_count, Study.instance_count, Study.size_bytes),
    *(Study.received_at, Study.last_received_at, Study.qa_status, Study.change_seq),
)
_SERIES_COLUMNS = (
    *(Series.id, Series.uuid, Series.study, Series.series_uid, Series.modality, Series.series_number),
    *(Series.description, Series.body_part_examined),
    *(Series.instance_count, Series.frame_count, Series.size_bytes),
)
