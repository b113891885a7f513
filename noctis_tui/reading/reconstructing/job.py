"""A reconstruction as a job of an archive: in its turn, with a record that others see."""

from __future__ import annotations

import os
import time
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from archive.errors import NoctisError
from archive.job import Job, State
from archive.jobs.keeper import Keeper
from archive.jobs.leftovers import OUT
from archive.jobs.turns import in_turn
from archive.process_identity import identity_of
from archive.progress import Cancelled, CancelToken, Progress, unheard, untold
from noctis_tui.reading.reconstructing.phases import WHOLE
from noctis_tui.reading.reconstructing.supervising import Outcome, supervise

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.local_archive import LocalArchive
    from archive.progress import ProgressListener
    from noctis_tui.reading.reconstructing.order import Order
    from noctis_tui.reading.reconstructing.subject import Subject

_PATIENCE_SECONDS = 2.0


def new_job(order: Order, subject: Subject) -> Job:
    """Return the job of an order, done by this process, that waits for its turn."""
    parameters = order.asked.parameters()
    kind = str(parameters.pop("kind", order.asked.kind))
    return Job(
        str(uuid.uuid4()),
        kind,
        subject.name,
        subject.study_instance_uid,
        subject.series_instance_uid,
        parameters | {"format": order.output.format.value, OUT: str(order.output.out)},
        State.QUEUED,
        time.time(),
        os.getpid(),
        identity_of(os.getpid()),
        Progress(0, WHOLE, ""),
    )


def run_job(
    archive: LocalArchive | None,
    job: Job,
    order: Order,
    *,
    listener: ProgressListener = unheard,
    token: CancelToken | None = None,
    tell: Callable[[str], None] = untold,
    patience: float = _PATIENCE_SECONDS,
) -> Outcome:
    """Do a job to its end, in its turn among those of the archive; return how it ended.

    Parameters
    ----------
    archive
        Where the record is kept; None for what is done without one.
    tell
        Hears sentences: what else the series holds, and that the record could not be kept.
    patience
        For how many seconds the record is tried to be kept at the end.
    """
    token = token or CancelToken()
    if archive is None:
        return supervise(order, listener=listener, token=token, tell=tell)
    order = replace(order, output=replace(order.output, owner=job.uid))
    with Keeper(archive, patience) as keeper:
        outcome = _Recorded(archive, job, keeper).run(order, listener, token, tell)
    if keeper.failure:
        tell(f"The record of this job could not be kept. {keeper.failure}")
    return outcome


class _Recorded:
    """One job, told of at every step."""

    def __init__(self, archive: LocalArchive, job: Job, keeper: Keeper) -> None:
        self._archive = archive
        self._job = job
        self._keeper = keeper

    def run(
        self, order: Order, listener: ProgressListener, token: CancelToken, tell: Callable[[str], None]
    ) -> Outcome:
        outcome = self._outcome(order, listener, token, tell)
        if self._job.state is State.CANCELLED:
            return outcome
        paths = tuple(str(path) for path in outcome.outputs)
        if outcome.state is State.DONE:
            self._job = replace(self._job, progress=Progress(WHOLE, WHOLE, ""))
        self._say(self._job.ended(outcome.state, time.time(), outputs=paths, error=outcome.error))
        return outcome

    def _outcome(
        self, order: Order, listener: ProgressListener, token: CancelToken, tell: Callable[[str], None]
    ) -> Outcome:
        def heard(progress: Progress, /) -> None:
            listener(progress)
            self._say(replace(self._job, progress=progress))

        def wait() -> None:
            listener(Progress(0, WHOLE, "waits for another job"))
            self._say(self._job)

        try:
            with in_turn(self._archive.layout, token, wait):
                self._say(replace(self._job, state=State.RUNNING, started_at=time.time()))
                return supervise(order, listener=heard, token=token, tell=tell, stopped=self._cancelled)
        except Cancelled:
            return Outcome(State.CANCELLED, exit_code=130)
        except NoctisError as error:
            return Outcome(State.FAILED, error=str(error), exit_code=error.exit_code)

    def _cancelled(self) -> None:
        self._say(self._job.ended(State.CANCELLED, time.time()))

    def _say(self, job: Job) -> None:
        self._job = job
        self._keeper.tell(job)
