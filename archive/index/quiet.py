"""Which studies have gone quiet: marked once for each time that something came, in the order of the changes.

The mark carries the study's `last_received_at`; a study is due while the two differ. The counter `quiet`
bounds the search from below: every study whose `change_seq` is not above it has its mark, so that a look
costs what changed lately and not what the archive holds.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from peewee import JOIN, SQL, fn

from archive.index.changes import current_sequence
from archive.index.models import Counter, QuietStudy, Series, Source, Study
from archive.index.statements import deletion, insertion, selection, update_by_id

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from peewee import ModelSelect

    from archive.index.database import Index

BATCH = 200
"""How many studies are marked in one transaction: the line waits for it."""
_LOOKED_AT = 1000


@dataclass(frozen=True, slots=True)
class PendingStudy:
    """A study that something came for since it was last marked quiet; `last_received_at` in Unix seconds."""

    id: int
    study_instance_uid: str
    change_sequence: int
    last_received_at: float


@dataclass(frozen=True, slots=True)
class Pending:
    """Studies that may be due, the longest silent first, and the bound to search above next time."""

    studies: tuple[PendingStudy, ...]
    bound: int


@dataclass(frozen=True, slots=True)
class QuietMark:
    """What is told of a study that went quiet; no patient data.

    Attributes
    ----------
    sequence
        The number of this change.
    quiet_at
        Unix seconds.
    calling_ae_titles
        Who sent its series first, without repetition; what was imported has none.
    """

    sequence: int
    quiet_at: float
    study_instance_uid: str
    series: int
    instances: int
    size_bytes: int
    modalities: tuple[str, ...]
    calling_ae_titles: tuple[str, ...]


def quiet_bound(index: Index) -> int:
    """Return the number up to which every study has its mark."""
    rows = index.rows(Counter.select(Counter.value).where(Counter.name == "quiet"))
    return int(rows[0][0]) if rows else 0


def pending_studies(index: Index, bound: int) -> Pending:
    """Return the studies above `bound` that have no mark for what came last."""
    last = current_sequence(index)  # first: what changes between the statements lies above it
    if last <= bound:
        return Pending((), last)
    studies = tuple(PendingStudy(*row) for row in index.rows(pending_query(bound)))
    return Pending(studies, studies[0].change_sequence - 1 if studies else last)


def pending_query(bound: int) -> ModelSelect[Study]:
    """Return the query behind `pending_studies`."""
    marked = (QuietStudy.study == Study.id) & (QuietStudy.last_received_at == Study.last_received_at)
    return (
        Study.select(Study.id, Study.study_uid, Study.change_seq, Study.last_received_at)
        .join(QuietStudy, JOIN.LEFT_OUTER, on=marked)
        .where(Study.change_seq > bound, QuietStudy.study.is_null())
        .order_by(Study.change_seq)
        .limit(_LOOKED_AT)
    )


def mark_quiet(index: Index, due: Sequence[PendingStudy], bound: int) -> int:
    """Mark studies, but for those that something came for meanwhile; return how many were marked.

    For the lease holder only.

    Parameters
    ----------
    bound
        As `pending_studies` found it; kept for the next start.

    Raises
    ------
    OutOfResources
        The index is locked, full, read-only or damaged; nothing was marked.
    """
    marked = 0
    with index.transaction() as cursor:
        sequence: int = cursor.execute(selection(Counter, ("value",), "name"), ("change",)).fetchone()[0]
        for study in due:
            if _renumber(cursor, study, sequence + marked + 1):
                marked += 1
                row = (study.id, study.last_received_at, time.time(), sequence + marked)
                cursor.execute(deletion(QuietStudy, "study"), (study.id,))
                cursor.execute(insertion(QuietStudy).sql, row)
        counter = update_by_id(Counter, "value").sql
        cursor.executemany(counter, [(sequence + marked, "change"), (bound, "quiet")])
    return marked


def quiet_since(index: Index, sequence: int, limit: int = BATCH) -> list[QuietMark]:
    """Return the marks above `sequence`, in their order."""
    rows = index.rows(
        QuietStudy.select(
            *(QuietStudy.change_seq, QuietStudy.quiet_at, QuietStudy.study, Study.study_uid),
            *(Study.series_count, Study.instance_count, Study.size_bytes, Study.modalities),
        )
        .join(Study)
        .where(QuietStudy.change_seq > sequence)
        .order_by(QuietStudy.change_seq)
        .limit(limit)
    )
    callers = _callers(index, [row[2] for row in rows])
    return [
        QuietMark(*[*row[:2], *row[3:7], _values(row[7]), tuple(callers.get(row[2], ()))]) for row in rows
    ]


def mark_all_quiet(index: Index) -> None:
    """Count every study as announced, but for those that nobody can have announced yet.

    For the lease holder who fills an index with what was there before.
    """
    fields = (QuietStudy.study, QuietStudy.last_received_at, QuietStudy.quiet_at, QuietStudy.change_seq)
    silent = Study.last_received_at <= time.time() - index.quiet_seconds
    studies = Study.select(Study.id, Study.last_received_at, Study.last_received_at, SQL("0")).where(silent)
    change = Counter.alias()
    last = change.select(change.value).where(change.name == "change")
    pending = Study.select(fn.MIN(Study.change_seq) - 1).where(~silent)
    bound = fn.COALESCE(pending, last)
    with index.transaction() as cursor:
        cursor.execute(*QuietStudy.delete().sql())
        cursor.execute(*QuietStudy.insert_from(studies, fields).sql())
        cursor.execute(*Counter.update(value=bound).where(Counter.name == "quiet").sql())


def _values(joined: str) -> tuple[str, ...]:
    return tuple(filter(None, joined.split("\\")))


def _callers(index: Index, study_ids: Iterable[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    query = Series.select(Series.study, Source.calling_ae_title).join(Source).distinct()
    for study, calling_ae_title in index.rows(query.where(Series.study.in_(list(study_ids)))):
        found.setdefault(study, []).append(calling_ae_title)
    return found


def _renumber(cursor: sqlite3.Cursor, study: PendingStudy, sequence: int) -> bool:
    """Give the study the next number unless something has come for it since it was looked at."""
    row = (sequence, study.id, study.last_received_at)
    return cursor.execute(_renumber_sql(), row).rowcount == 1


@cache
def _renumber_sql() -> str:
    unchanged = (Study.id == 0) & (Study.last_received_at == 0.0)
    sql: str = Study.update(change_seq=0).where(unchanged).sql()[0]
    return sql
