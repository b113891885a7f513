"""An export as a job: what its record says."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

from archive.job import Job, State
from archive.jobs.leftovers import OUT

if TYPE_CHECKING:
    from pathlib import Path

    from noctis_tui.reading.export.formats import Format

KIND = "export"


def export_job(
    subject: str, study_instance_uid: str, what: Format, out: Path, *, deidentified: bool = False
) -> Job:
    """Return the job of an export that begins now; whose process does it is not said yet.

    Parameters
    ----------
    subject
        What is exported, as a person calls it.
    """
    parameters: dict[str, object] = {"format": what.value, OUT: str(out.absolute())}
    if deidentified:
        parameters["deidentified"] = True
    now = time.time()
    return Job(str(uuid.uuid4()), KIND, subject, study_instance_uid, "", parameters, State.QUEUED, now, 0, "")
