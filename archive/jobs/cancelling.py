"""Cancelling a job, whichever process does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.errors import BadInput, NotAuthorized
from archive.process_identity import ask_to_end

if TYPE_CHECKING:
    from archive.job import Job


def cancel_job(job: Job) -> None:
    """Ask a job to stop; it does within 200 ms, and says so in its record.

    Raises
    ------
    BadInput
        It is over.
    NotAuthorized
        It belongs to another user.
    """
    if job.state.is_over:
        raise BadInput(f"Job {job.number} is over: {job.state.value}.")
    try:
        told = ask_to_end(job.pid, job.process)
    except PermissionError as error:
        raise NotAuthorized(f"Job {job.number} belongs to another user.") from error
    if not told:
        raise BadInput(f"Job {job.number} cannot be reached: its process is not one of this machine's.")
