"""A job: work that takes longer than half a second, as the index keeps it and other processes are told."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass, field, replace
from enum import Enum
from math import isfinite
from typing import TYPE_CHECKING, Any

from archive.errors import BadInput
from archive.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_TEXT = 1_000
LONGEST_PARAMETERS = 64 * 1024
"""Characters of the parameters as JSON."""
MOST_OUTPUTS = 1_000


class State(Enum):
    """How far a job is. `KILLED` is never written: whoever lists sees that the process is gone."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    KILLED = "killed"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self not in {State.QUEUED, State.RUNNING}


@dataclass(frozen=True, slots=True)
class Job:
    """One job.

    Attributes
    ----------
    uid
        A UUID, made by who begins the job: telling of it twice makes one record.
    kind
        What is done, a word: "mip".
    subject
        What it is done with, as a person calls it: "CT 3 Thorax".
    study_instance_uid, series_instance_uid
        Empty where the job is about none.
    parameters
        What was asked for, as JSON has it.
    progress
        How far it came.
    created_at, started_at, finished_at
        Unix seconds; None when it has not come to that.
    outputs
        Paths of what was written.
    error
        The sentence that a failed job ended with.
    pid, process
        Who does it, as `archive.process_identity` knows it again.
    number
        What a person calls it by; the index gives it, 0 until then.
    """

    uid: str
    kind: str
    subject: str
    study_instance_uid: str
    series_instance_uid: str
    parameters: Mapping[str, Any]
    state: State
    created_at: float
    pid: int
    process: str
    progress: Progress = field(default_factory=lambda: Progress(0, None, ""))
    started_at: float | None = None
    finished_at: float | None = None
    outputs: tuple[str, ...] = ()
    error: str = ""
    number: int = 0

    def ended(self, state: State, at: float, *, outputs: tuple[str, ...] = (), error: str = "") -> Job:
        """Return the job as it ended."""
        return replace(self, state=state, finished_at=at, outputs=outputs, error=error[:LONGEST_TEXT])


def check_job(job: Job) -> None:
    """Refuse what the index may not keep.

    Raises
    ------
    BadInput
        A text is too long, there are too many outputs, or a number is none.
    """
    texts = (job.kind, job.subject, job.study_instance_uid, job.series_instance_uid, job.process)
    times = (job.created_at, job.started_at or 0.0, job.finished_at or 0.0)
    counts = (job.progress.done, job.progress.total or 0, job.pid)
    too_long = any(len(text) > LONGEST_TEXT for text in (*texts, job.error, job.progress.what))
    too_many = len(job.outputs) > MOST_OUTPUTS or any(len(path) > 4 * LONGEST_TEXT for path in job.outputs)
    if too_long or too_many or len(json.dumps(job.parameters)) > LONGEST_PARAMETERS:
        raise BadInput("A job says more about itself than is kept.")
    if not all(isfinite(time) for time in times) or any(not 0 <= count < 1 << 62 for count in counts):
        raise BadInput("A job says what may not be kept.")


def job_to_json(job: Job) -> dict[str, Any]:
    """Return a job as JSON has it."""
    return asdict(job) | {"state": job.state.value, "outputs": list(job.outputs)}


def job_from_json(said: object) -> Job:
    """Return the job that `job_to_json` wrote.

    Raises
    ------
    BadInput
        It is none.
    """
    try:
        return _job(said)
    except (TypeError, KeyError, ValueError, OverflowError) as error:
        raise BadInput("The request was not understood.") from error


def _job(said: Any) -> Job:  # noqa: ANN401 - whatever JSON holds
    progress, parameters = said["progress"], said["parameters"]
    if not isinstance(parameters, dict):
        raise TypeError
    total = progress["total"]
    return Job(
        str(uuid.UUID(said["uid"])),
        str(said["kind"]),
        str(said["subject"]),
        str(said["study_instance_uid"]),
        str(said["series_instance_uid"]),
        parameters,
        State(said["state"]),
        float(said["created_at"]),
        int(said["pid"]),
        str(said["process"]),
        Progress(int(progress["done"]), None if total is None else int(total), str(progress["what"])),
        None if said["started_at"] is None else float(said["started_at"]),
        None if said["finished_at"] is None else float(said["finished_at"]),
        tuple(str(path) for path in said["outputs"]),
        str(said["error"]),
        int(said["number"]),
    )
