"""What killed jobs left half written, and nobody else will remove."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from archive.job import State
from archive.unfinished import remove_abandoned

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.job import Job

OUT = "out"
"""The parameter of a job that says where it writes."""


def remove_leftovers(jobs: Iterable[Job]) -> None:
    """Remove what those of the jobs that were killed had begun to write, and nothing else.

    Not for the event loop: it looks into the folders that they wrote to.
    """
    for job in jobs:
        out = job.parameters.get(OUT)
        if job.state is State.KILLED and isinstance(out, str):
            with contextlib.suppress(ValueError):  # no name of a file
                remove_abandoned(Path(out).parent, job.uid)
