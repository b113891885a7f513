"""The jobs of an archive as they are now: one whose process is gone has been killed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from archive.dicom.text import visible
from archive.errors import NotFound
from archive.index.job_rows import kept_jobs
from archive.job import Job, State
from archive.process_identity import is_alive

if TYPE_CHECKING:
    from archive.index.database import Index

_SHORTEST = 4
"""Characters of a job's UUID that name it, if no other begins so."""


def jobs_of(index: Index) -> list[Job]:
    """Return all jobs, the newest first."""
    return [_as_it_is(job) for job in kept_jobs(index)]


def find_job(index: Index, name: str) -> Job:
    """Return the job of that number, or the only one whose UUID begins so.

    Raises
    ------
    NotFound
        There is none, or there are several.
    """
    jobs, wanted = jobs_of(index), name.strip().lower()
    found = [job for job in jobs if str(job.number) == wanted]
    if not found and len(wanted) >= _SHORTEST:
        found = [job for job in jobs if job.uid.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    raise NotFound(f"No job answers to {visible(name, 40)}; noctis jobs lists them.")


def _as_it_is(job: Job) -> Job:
    if job.state.is_over or is_alive(job.pid, job.process):
        return job
    return replace(job, state=State.KILLED)
