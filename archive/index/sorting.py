"""The orders of the worklist and the keys by which a page continues another.

A page continues behind the keys of its predecessor's last row (never OFFSET: 55 ms against 0.4), so rows that
arrive or change meanwhile neither repeat nor skip others. Every order ends with the study's id, which is also
the order of first arrival, whatever the clock did.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from peewee import Expression, Tuple

from archive.index.matching import normalized
from archive.index.models import Patient, Study

if TYPE_CHECKING:
    from peewee import Field, Ordering

    from archive.index.worklist import StudyRow


class Sort(StrEnum):
    """What the worklist is sorted by; the first three run along an index."""

    RECEIVED = "received"
    DATE = "date"
    NAME = "name"
    PATIENT_ID = "patient_id"
    ACCESSION = "accession"
    DESCRIPTION = "description"
    MODALITIES = "modalities"
    SERIES = "series"
    INSTANCES = "instances"
    SIZE = "size"
    LAST_RECEIVED = "last_received"


_KEYS: dict[Sort, tuple[Field[Any], ...]] = {
    Sort.RECEIVED: (Study.id,),
    Sort.DATE: (Study.study_date, Study.study_time, Study.id),
    Sort.NAME: (Study.patient_name_norm, Study.study_date, Study.id),
    Sort.PATIENT_ID: (Patient.patient_id, Study.id),
    Sort.ACCESSION: (Study.accession_number, Study.id),
    Sort.DESCRIPTION: (Study.description, Study.id),
    Sort.MODALITIES: (Study.modalities, Study.id),
    Sort.SERIES: (Study.series_count, Study.id),
    Sort.INSTANCES: (Study.instance_count, Study.id),
    Sort.SIZE: (Study.size_bytes, Study.id),
    Sort.LAST_RECEIVED: (Study.last_received_at, Study.id),
}


def ordered(sort: Sort, *, descending: bool) -> list[Ordering]:
    """Return what to order by."""
    return [key.desc() if descending else key.asc() for key in _KEYS[sort]]


def beyond(row: StudyRow, sort: Sort, *, descending: bool) -> Expression:
    """Return the condition that a study comes after `row`."""
    keys, values = Tuple(*_KEYS[sort]), Tuple(*key_values(row, sort))
    comparison = keys < values if descending else keys > values
    assert isinstance(comparison, Expression)
    return comparison


def key_values(row: StudyRow, sort: Sort) -> tuple[Any, ...]:
    """Return what a row is sorted by: tuples of one `Sort` compare as the rows are ordered."""
    return {
        Sort.RECEIVED: (row.id,),
        Sort.DATE: (row.study_date, row.study_time, row.id),
        Sort.NAME: (normalized(row.patient_name), row.study_date, row.id),
        Sort.PATIENT_ID: (row.patient_id, row.id),
        Sort.ACCESSION: (row.accession_number, row.id),
        Sort.DESCRIPTION: (row.study_description, row.id),
        Sort.MODALITIES: ("\\".join(row.modalities), row.id),
        Sort.SERIES: (row.series_count, row.id),
        Sort.INSTANCES: (row.instance_count, row.id),
        Sort.SIZE: (row.size_bytes, row.id),
        Sort.LAST_RECEIVED: (row.last_received_at, row.id),
    }[sort]
