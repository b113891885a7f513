"""Tells when a study has gone quiet: one timer on the event loop, an indexed query off it.

A study is quiet when nothing has come for it for so long and no association that sent to it is in the middle
of an instance: that one may be its last. Seconds are counted by the monotonic clock; the wall clock counts
once, at the start, for studies that fell silent while no receiver ran.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from typing import TYPE_CHECKING

from archive.errors import FailingDisk, NoctisError
from archive.index.changes import current_sequence, wake_followers
from archive.index.quiet import BATCH, mark_quiet, pending_studies, quiet_bound, quiet_since
from archive.network.events import Event, EventValue

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from pathlib import Path

    from archive.index.database import Index
    from archive.index.quiet import Pending, PendingStudy, QuietMark
    from archive.network.events import EventListener

LOGGER = logging.getLogger(__name__)
_STEPS = 10
_SHORTEST_STEP_SECONDS, _LONGEST_STEP_SECONDS = 0.05, 1.0


class Senders:
    """Which studies each association has sent to; hears every event, so it does next to nothing."""

    def __init__(self) -> None:
        self._studies: dict[str, set[str]] = {}

    def hear(self, event: Event) -> None:
        """Note who sends to which study, and forget who has gone."""
        if event.name == "instance_stored":
            values = event.values
            self._studies.setdefault(str(values["peer"]), set()).add(str(values["study_instance_uid"]))
        elif event.name == "association_ended":
            self._studies.pop(str(event.values["peer"]), None)

    def studies_of(self, peers: Iterable[str]) -> set[str]:
        """Return the Study Instance UIDs that the associations with these addresses have sent to."""
        return set().union(*(self._studies.get(peer, ()) for peer in peers))

    def forget(self, study_instance_uids: Collection[str]) -> None:
        """Forget studies that are quiet: an association that stays for days sends to many."""
        for studies in self._studies.values():
            studies.difference_update(study_instance_uids)


class Silence:
    """For how long nothing has come for each pending study, by the monotonic clock."""

    def __init__(self) -> None:
        self._since: dict[int, tuple[float, float]] = {}  # study -> what came last, monotonic seconds
        self._looked_at = -math.inf

    def due(self, pending: Iterable[PendingStudy], seconds: float) -> list[PendingStudy]:
        """Return the studies for which nothing has come for so many seconds."""
        now, wall = time.monotonic(), time.time()
        before, self._since = self._since, {}
        for study in pending:
            last, since = before.get(study.id, (None, 0.0))
            if last != study.last_received_at:  # it came after the last look, whatever the wall clock says
                since = max(now - max(wall - study.last_received_at, 0), self._looked_at)
            self._since[study.id] = (study.last_received_at, since)
        self._looked_at = now
        return [study for study in pending if now - self._since[study.id][1] >= seconds]


class QuietWatch:
    """Marks studies that went quiet and tells of each, once; on one event loop.

    Parameters
    ----------
    run
        The archive's run folder, where its followers are woken.
    sending
        Returns the addresses of the peers that are in the middle of an instance.
    tell
        Hears `study_quiet`.
    failed
        Told when the disk has failed: nothing may be written any more.
    """

    def __init__(
        self,
        index: Index,
        run: Path,
        sending: Callable[[], Iterable[str]],
        tell: EventListener,
        failed: Callable[[FailingDisk], None],
    ) -> None:
        self.senders = Senders()
        self._index = index
        self._run = run
        self._sending = sending
        self._tell = tell
        self._failed = failed
        self._silence = Silence()
        self._bound: int | None = None
        self._trouble = ""
        self._ended = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Look no more, but finish what is under way: what is marked is told."""
        self._ended.set()
        if self._task:
            await self._task

    async def _watch(self) -> None:
        quiet_seconds = self._index.quiet_seconds
        step = min(max(quiet_seconds / _STEPS, _SHORTEST_STEP_SECONDS), _LONGEST_STEP_SECONDS)
        while not self._ended.is_set():
            more = False
            try:
                more = await self._look(quiet_seconds)
                self._trouble = ""
            except FailingDisk as error:
                self._failed(error)
                return
            except NoctisError as error:
                self._complain(str(error))
            except Exception:
                LOGGER.exception("Quiet studies could not be looked for")
            await self._rest(0 if more else step)

    def _complain(self, trouble: str) -> None:
        """Log what is in the way once, however often it is met."""
        if trouble != self._trouble:
            LOGGER.warning("Quiet studies cannot be marked now: %s", trouble)
        self._trouble = trouble

    async def _rest(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._ended.wait(), seconds)
        except TimeoutError:
            return

    async def _look(self, quiet_seconds: float) -> bool:
        """Mark what is due; return whether more is."""
        pending = await self._index.call(self._pending)
        self._bound = pending.bound
        held = self.senders.studies_of(self._sending())
        due = self._silence.due(pending.studies, quiet_seconds)
        due = [study for study in due if study.study_instance_uid not in held]
        if not due:
            return False
        marks = await self._index.call(self._mark, due[:BATCH], pending.bound)
        for mark in marks:
            self._tell(_event(mark))
        self.senders.forget([mark.study_instance_uid for mark in marks])
        return len(due) > BATCH

    def _pending(self) -> Pending:
        if self._bound is None:
            self._bound = quiet_bound(self._index)
        return pending_studies(self._index, self._bound)

    def _mark(self, due: list[PendingStudy], bound: int) -> list[QuietMark]:
        before = current_sequence(self._index)
        if not mark_quiet(self._index, due, bound):
            return []
        wake_followers(self._run)
        return quiet_since(self._index, before)


def _event(mark: QuietMark) -> Event:
    values: dict[str, EventValue] = {
        "study_instance_uid": mark.study_instance_uid,
        "series": mark.series,
        "instances": mark.instances,
        "bytes": mark.size_bytes,
        "modalities": mark.modalities,
        "calling_ae_titles": mark.calling_ae_titles,
    }
    return Event("study_quiet", values, mark.quiet_at)
