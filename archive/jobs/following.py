"""The jobs of an archive as they change, for any process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.index.changes import listening, rung
from archive.jobs.listing import jobs_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from archive.index.changes import Followed
    from archive.job import Job

_LEAST_SECONDS = 0.1
"""Between two looks: a bell that rings for arriving images must not cost more than that."""


async def follow_jobs(archive: Followed, poll_seconds: float = 1.0) -> AsyncIterator[list[Job]]:
    """Yield all jobs, now and whenever one of them has changed, until cancelled.

    Parameters
    ----------
    poll_seconds
        How long it may take to see that a job was killed: that rings no bell.
    """
    import asyncio  # noqa: PLC0415 - who only lists needs none

    before: list[Job] | None = None
    with listening(archive.layout.run) as bell:
        while True:
            jobs = await archive.index.call(jobs_of, archive.index)
            if jobs != before:
                before = jobs
                yield jobs
            await asyncio.sleep(_LEAST_SECONDS)
            await rung(bell, poll_seconds)
