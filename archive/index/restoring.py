"""What an old index knew, put into the one that was made again from the files."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from peewee import SQL, fn

from archive.errors import BadInput, NotFound
from archive.index.annotation_writing import AnnotationWriter
from archive.index.describing import IDENTITY, Row
from archive.index.job_rows import restore_job
from archive.index.models import Counter, Instance, Patient, Series, Study, Tombstone, Variant
from archive.index.packing import unpack_uid
from archive.index.quiet import mark_all_quiet
from archive.index.statements import insertion, update_by_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from peewee import ModelSelect

    from archive.annotations.edits import Edit
    from archive.index.database import Index
    from archive.index.salvage import Salvage

_STUDY = ("uuid", "received_at", "last_received_at", "qa_status")


def begin_sequence(index: Index, salvage: Salvage) -> None:
    """Go on counting changes where the old index was, so that who follows them sees every study again.

    When that cannot be read, from the milliseconds of the clock: no archive changes a thousand times a second
    for long.
    """
    first = salvage.change_sequence
    base = int(time.time() * 1000) if first is None else first
    with index.transaction() as cursor:
        cursor.execute(*Counter.update(value=base).where(Counter.name == "change").sql())


def restore_facts(index: Index, salvage: Salvage) -> None:
    """Give studies, series and patients their public ids, times and senders again."""
    with index.transaction() as cursor:
        for model, columns, rows in (
            (Study, _STUDY, _studies(index, salvage)),
            (Series, ("uuid",), _series(index, salvage)),
            (Patient, ("uuid",), _patients(index, salvage)),
        ):
            update = update_by_id(model, *columns)
            cursor.executemany(update.sql, [update.bind(row) for row in rows])
        cursor.executemany(insertion(Tombstone).sql, salvage.tombstones)
        for job in salvage.jobs:
            restore_job(cursor, job)
    mark_all_quiet(index)


def restore_annotations(index: Index, edits: Iterable[Edit]) -> None:
    """Put what readers drew and marked beside the studies that there are; change numbers stay as they are."""
    with index.transaction() as cursor:
        writer = AnnotationWriter(cursor, require_instances=False)
        for edit in edits:
            with contextlib.suppress(NotFound, BadInput):  # its study is not there, or has too many already
                writer.make(edit)


def lost_instances(index: Index, salvage: Salvage) -> Iterator[tuple[str, str]]:
    """Yield (Study, SOP Instance UID) of what the old index named and no file has any more."""
    now = {(row[1], row[2]): row[0] for row in index.rows(_series_query())}
    for study_uid, series_uid in salvage.series:
        series = now.get((study_uid, series_uid))
        query = Instance.select(Instance.sop_uid).where(Instance.series == series)
        found = {unpack_uid(row[0]) for row in index.rows(query)} if series is not None else set()
        for sop_uid in salvage.instances(study_uid, series_uid).keys() - found:
            yield study_uid, sop_uid


def counts(index: Index) -> dict[str, int]:
    """Return how many studies, series, instances and variants there are."""
    tables = {"studies": Study, "series": Series, "instances": Instance, "variants": Variant}
    queries = {name: model.select(fn.COUNT(SQL("*"))).sql()[0] for name, model in tables.items()}
    return {name: int(index.peek(sql)[0][0]) for name, sql in queries.items()}


def _studies(index: Index, salvage: Salvage) -> Iterator[Row]:
    columns = (Study.id, Study.study_uid, Study.last_received_at, Study.qa_status)
    for study_id, study_uid, last_received_at, qa_status in index.peek(Study.select(*columns).sql()[0]):
        old = salvage.studies.get(study_uid)
        if old is not None:
            yield {
                "id": study_id,
                "uuid": old.uuid,
                "received_at": old.received_at,
                # What came after the old index could still be written is in the files only.
                "last_received_at": max(old.last_received_at, last_received_at),
                "qa_status": qa_status or old.qa_status,
            }


def _series(index: Index, salvage: Salvage) -> Iterator[Row]:
    for series_id, study_uid, series_uid in index.peek(_series_query().sql()[0]):
        old = salvage.series.get((study_uid, series_uid))
        if old is not None:
            yield {"id": series_id, "uuid": old.uuid}


def _patients(index: Index, salvage: Salvage) -> Iterator[Row]:
    columns = (Patient.id, *[getattr(Patient, name) for name in IDENTITY])
    for patient_id, *identity in index.peek(Patient.select(*columns).sql()[0]):
        uuid = salvage.patients.get(tuple(identity))
        if uuid is not None:
            yield {"id": patient_id, "uuid": uuid}


def _series_query() -> ModelSelect[Series]:
    return Series.select(Series.id, Study.study_uid, Series.series_uid).join(Study)
