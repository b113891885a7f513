"""`noctis jobs`: what takes longer than half a second, how far it is, and stopping it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from archive.commands.printing import Column, print_json, print_table

if TYPE_CHECKING:
    from archive.commands.site import Site
    from archive.job import Job

_END_SECONDS = 2.0
"""How long a job that was cancelled is waited for."""
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


@click.group("jobs", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@click.pass_context
def jobs_command(ctx: click.Context, as_json: bool) -> None:
    """List what was asked of the archive that takes its time, the newest first.

    The records of the last 200 jobs are kept for 30 days. A job whose process is gone is
    shown as killed, and what it left half written is removed.

    Example: noctis jobs cancel 12
    """
    if ctx.invoked_subcommand is not None:
        return
    from archive.jobs import jobs_of
    from archive.jobs.leftovers import remove_leftovers
    from archive.reindexing import open_archive

    with open_archive(ctx.obj.archive) as archive:
        jobs = jobs_of(archive.index)
    rows = [_fields(job) for job in jobs]
    if as_json:
        print_json(rows)
    else:
        print_table(rows, _COLUMNS)
    remove_leftovers(jobs)


@jobs_command.command("cancel")
@click.argument("job", metavar="ID")
@click.pass_obj
def cancel_command(site: Site, job: str) -> None:
    """Stop a job, named by its number; nothing half written is left of it.

    Example: noctis jobs cancel 12
    """
    from archive.jobs import cancel_job, find_job
    from archive.process_identity import is_alive
    from archive.reindexing import open_archive

    with open_archive(site.archive) as archive:
        found = find_job(archive.index, job)
    cancel_job(found)
    deadline = time.monotonic() + _END_SECONDS
    while (under_way := is_alive(found.pid, found.process)) and time.monotonic() < deadline:
        time.sleep(0.01)
    click.echo(f"Job {found.number} {'has been asked to stop' if under_way else 'is cancelled'}.")


def _fields(job: Job) -> dict[str, Any]:
    return {
        "id": job.number,
        "uuid": job.uid,
        "kind": job.kind,
        "subject": job.subject,
        "state": job.state.value,
        "done": job.progress.done,
        "total": job.progress.total,
        "what": job.progress.what,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "study_instance_uid": job.study_instance_uid,
        "series_instance_uid": job.series_instance_uid,
        "parameters": dict(job.parameters),
        "outputs": list(job.outputs),
        "error": job.error,
        "pid": job.pid,
    }


def _age(row: dict[str, Any]) -> str:
    seconds = max(0, int(time.time() - row["created_at"]))
    for unit, name in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= unit:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"


def _how_far(row: dict[str, Any]) -> str:
    if row["state"] != "running" or not row["total"]:
        return ""
    return f"{100 * min(row['done'], row['total']) // row['total']} %"


def _outcome(row: dict[str, Any]) -> str:
    return row["error"] or ", ".join(row["outputs"]) or row["what"]


_COLUMNS = (
    Column("id", lambda row: row["id"], number=True),
    Column("state", lambda row: row["state"]),
    Column("done", _how_far, number=True),
    Column("kind", lambda row: row["kind"]),
    Column("of", lambda row: row["subject"]),
    Column("age", _age, number=True),
    Column("outcome", _outcome),
)
