"""TARGET of the command line: a UID, or a prefix that only one thing begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from peewee import SQL, Expression

from archive.dicom.text import visible
from archive.errors import NotFound
from archive.index.models import Instance, Series, Study
from archive.index.packing import UID, pack_uid, packed_range
from archive.index.worklist import (
    InstanceRow,
    SeriesRow,
    StudyRow,
    instance_query,
    instance_row,
    series_query,
    series_row,
    study_query,
    study_row,
)

if TYPE_CHECKING:
    from peewee import ModelSelect, TextField

    from archive.index.database import Index

_Row = TypeVar("_Row", StudyRow, SeriesRow, InstanceRow)


def find_study(index: Index, uid: str) -> StudyRow:
    """Return the study with that Study Instance UID, else the only one whose UID begins so.

    Raises
    ------
    NotFound
        None does, or several do.
    """
    return _only("study", uid, _studies(index, uid))


def find_series(index: Index, uid: str) -> SeriesRow:
    """Return the series with that Series Instance UID, or the only one whose UID begins so."""
    return _only("series", uid, _series(index, uid))


def find_instance(index: Index, uid: str) -> InstanceRow:
    """Return the instance with that SOP Instance UID, or the only one whose UID begins so."""
    return _only("instance", uid, _instances(index, uid))


def resolve(index: Index, target: str) -> StudyRow | SeriesRow | InstanceRow:
    """Return the study, series or instance that answers to `target`; a whole UID wins over a prefix.

    Raises
    ------
    NotFound
        Nothing does, or the prefix is not unique.
    """
    found: list[StudyRow | SeriesRow | InstanceRow] = [*_studies(index, target), *_series(index, target)]
    exact = [row for row in found if _uid_of(row) == target]
    if not exact:
        found.extend(_instances(index, target))
        exact = [row for row in found if _uid_of(row) == target]
    if exact:
        return exact[0]
    if len(found) == 1:
        return found[0]
    raise _not_found("study, series or instance", target, several=bool(found))


def study_uid_of(index: Index, row: StudyRow | SeriesRow | InstanceRow) -> str:
    """Return the Study Instance UID of the study that a row belongs to."""
    if isinstance(row, StudyRow):
        return row.study_instance_uid
    if isinstance(row, SeriesRow):
        belongs = Study.id == row.study_id
    else:
        belongs = Study.id.in_(Series.select(Series.study).where(Series.id == row.series_id))
    ((uid,),) = index.rows(Study.select(Study.study_uid).where(belongs))
    return str(uid)


def _studies(index: Index, uid: str) -> list[StudyRow]:
    query = study_query(limit=2)
    rows = index.rows(query.where(Study.study_uid == uid))
    rows = rows or index.rows(query.where(*_between(Study.study_uid, uid)))
    return [study_row(index, row) for row in rows]


def _series(index: Index, uid: str) -> list[SeriesRow]:
    query = series_query().limit(2)
    rows = index.rows(query.where(Series.series_uid == uid))
    rows = rows or index.rows(query.where(*_between(Series.series_uid, uid)))
    return [series_row(row) for row in rows]


def _instances(index: Index, uid: str) -> list[InstanceRow]:
    if UID.fullmatch(uid) is None:
        return []
    whole = pack_uid(uid)
    rows = index.rows(instance_query_between(whole, whole + b"\0"))
    rows = rows or index.rows(instance_query_between(*packed_range(uid)))
    return [instance_row(index, row) for row in rows]


def instance_query_between(lowest: bytes, above: bytes) -> ModelSelect[Instance]:
    """Return the query for two instances within a range of packed UIDs.

    There is no index over all SOP Instance UIDs (it would double the table): every series is asked by key.
    """
    in_each_series = Instance.series.in_(Series.alias().select(SQL("id")))
    return (
        instance_query().where(in_each_series, Instance.sop_uid >= lowest, Instance.sop_uid < above).limit(2)
    )


def _between(uid: TextField[str], prefix: str) -> tuple[Expression, Expression]:
    # A colon comes right after the digits, so this is every UID that begins with the prefix.
    first, last = uid >= prefix, uid < f"{prefix}:"
    assert isinstance(first, Expression)
    assert isinstance(last, Expression)
    return first, last


def _only(what: str, uid: str, found: list[_Row]) -> _Row:
    if len(found) == 1:
        return found[0]
    raise _not_found(what, uid, several=bool(found))


def _not_found(what: str, uid: str, *, several: bool) -> NotFound:
    shown = visible(uid, 80)
    if several:
        return NotFound(f"More than one {what} begins with {shown}; give more of the UID.")
    return NotFound(f"No {what} in the archive answers to {shown}.")


def _uid_of(row: StudyRow | SeriesRow | InstanceRow) -> str:
    if isinstance(row, StudyRow):
        return row.study_instance_uid
    return row.series_instance_uid if isinstance(row, SeriesRow) else row.sop_instance_uid
