"""The records of jobs in the index: reading them, and writing them for the lease holder."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from archive.index.models import Counter, KeptJob
from archive.index.statements import columns_of, deletion, insertion, selection, update_by_id
from archive.job import Job, State
from archive.progress import Progress

if TYPE_CHECKING:
    import sqlite3

    from archive.index.database import Index, Row

MOST_KEPT = 200
"""Records of jobs that are kept; the oldest go first."""
KEPT_SECONDS = 30 * 86_400.0
"""A job that was begun longer ago is forgotten when the next one begins."""


def kept_jobs(index: Index) -> list[Job]:
    """Return all jobs as they were recorded, the newest first."""
    return [_job(row) for row in index.rows(KeptJob.select().order_by(KeptJob.id.desc()).tuples())]


def put_job(cursor: sqlite3.Cursor, job: Job) -> None:
    """Record a job, or what has become of it; inside one transaction of the lease holder.

    What has ended stays as it ended: a word about its progress that comes late changes nothing.
    """
    key = uuid.UUID(job.uid).bytes
    found = cursor.execute(selection(KeptJob, ("id", "state"), "uuid"), (key,)).fetchone()
    if found is None:
        _forget_old(cursor, job.created_at)
        _insert(cursor, _row(job) | {"id": _next_number(cursor)})
    elif not State(found[1]).is_over:
        changed = [name for name in columns_of(KeptJob) if name != "id"]
        update = update_by_id(KeptJob, *changed)
        cursor.execute(update.sql, update.bind(_row(job) | {"id": found[0]}))


def restore_job(cursor: sqlite3.Cursor, job: Job) -> None:
    """Record a job of an index that is made again under the number that it had."""
    _insert(cursor, _row(job) | {"id": job.number})
    (last,) = cursor.execute(selection(Counter, ("value",), "name"), ("job",)).fetchone()
    _count(cursor, max(last, job.number))


def _insert(cursor: sqlite3.Cursor, row: dict[str, object]) -> None:
    statement = insertion(KeptJob)
    cursor.execute(statement.sql, statement.bind(row))


def _next_number(cursor: sqlite3.Cursor) -> int:
    (last,) = cursor.execute(selection(Counter, ("value",), "name"), ("job",)).fetchone()
    _count(cursor, last + 1)
    return int(last) + 1


def _count(cursor: sqlite3.Cursor, last: int) -> None:
    counter = update_by_id(Counter, "value")
    cursor.execute(counter.sql, counter.bind({"name": "job", "value": last}))


def _forget_old(cursor: sqlite3.Cursor, now: float) -> None:
    rows = cursor.execute(selection(KeptJob, ("id", "created_at"))).fetchall()
    rows.sort(reverse=True)
    old = {number for number, created_at in rows if created_at < now - KEPT_SECONDS}
    old |= {number for number, _ in rows[MOST_KEPT - 1 :]}
    cursor.executemany(deletion(KeptJob, "id"), [(number,) for number in old])


def _row(job: Job) -> dict[str, object]:
    return {
        "uuid": uuid.UUID(job.uid).bytes,
        "kind": job.kind,
        "subject": job.subject,
        "study_uid": job.study_instance_uid,
        "series_uid": job.series_instance_uid,
        "parameters": json.dumps(job.parameters),
        "state": job.state.value,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "done": job.progress.done,
        "total": job.progress.total,
        "what": job.progress.what,
        "outputs": json.dumps(job.outputs),
        "error": job.error,
        "pid": job.pid,
        "process": job.process,
    }


def _job(row: Row) -> Job:
    said: dict[str, Any] = dict(zip(columns_of(KeptJob), row, strict=True))
    return Job(
        uid=str(uuid.UUID(bytes=said["uuid"])),
        study_instance_uid=said["study_uid"],
        series_instance_uid=said["series_uid"],
        parameters=json.loads(said["parameters"]),
        state=State(said["state"]),
        progress=Progress(said["done"], said["total"], said["what"]),
        outputs=tuple(json.loads(said["outputs"])),
        number=said["id"],
        **{name: said[name] for name in _AS_THEY_ARE},
    )


_AS_THEY_ARE = ("kind", "subject", "created_at", "started_at", "finished_at", "error", "pid", "process")
