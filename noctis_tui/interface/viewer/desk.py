"""What is drawn in the studies that are read: on the screen at once, then in the archive."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
import uuid
from typing import TYPE_CHECKING

from archive.errors import NoctisError
from archive.login import login_name
from noctis_tui.reading.annotating import Editing, Stamp
from noctis_tui.reading.annotation_keeping import keep
from noctis_tui.reading.annotation_marks import AnnotationMarks
from noctis_tui.reading.measurement_cache import MeasurementCache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from archive.annotations.annotation import Annotations
    from archive.local_archive import LocalArchive
    from noctis_tui.interface.viewer.grid_actions import GridActions
    from noctis_tui.reading.edit_history import ItemKey

RETRY_SECONDS = 10.0
"""What the archive did not take is offered again after so long."""

log = logging.getLogger(__name__)


class Desk:
    """Holds an `Editing` for each study and keeps what is drawn in the archive, in the order it was done.

    Parameters
    ----------
    screen
        Whose panes show the studies; its archive may come later.
    """

    def __init__(self, screen: GridActions) -> None:
        self._screen = screen
        self._studies: dict[str, Editing] = {}
        self._asked: set[str] = set()
        self._is_saving = False
        self._saves = 0
        self._keeper = _Keeper()
        self.cache = MeasurementCache()
        self.marks = AnnotationMarks(self.cache)
        self.author = login_name()
        self.listeners: list[Callable[[], None]] = []
        """Told when what is drawn has become something else."""

    def stamp(self) -> Stamp:
        """Return what a new annotation is given."""
        return Stamp(str(uuid.uuid4()), self.author, time.time())

    def of(self, study_instance_uid: str) -> Editing:
        """Return what is drawn in a study."""
        return self._studies.get(study_instance_uid, Editing())

    def put(self, study_instance_uid: str, editing: Editing) -> None:
        """Show what is drawn in a study now, and keep in the archive what is new."""
        if self.of(study_instance_uid) == editing:
            return
        self._studies[study_instance_uid] = editing
        self.marks.studies = tuple(self._studies.values())
        for pane in self._screen.visible_panes:
            if pane.entry is not None and pane.entry.study.study_instance_uid == study_instance_uid:
                pane.redraw()
        for listener in self.listeners:
            listener()
        if editing.dirty - editing.refused:
            self._screen.run_worker(self._save(), group="annotations")

    def put_tools_away(self) -> None:
        """Keep what is drawn far enough to be a shape, give up the rest."""
        for uid, editing in tuple(self._studies.items()):
            if editing.tool is not None:
                self.put(uid, editing.finished(self.stamp()).with_tool(None))

    # ---- from the archive

    def read(self, study_instance_uids: Iterable[str]) -> None:
        """Read what is kept about studies that were not read yet."""
        for uid in set(study_instance_uids) - self._asked:
            self._asked.add(uid)
            self._screen.run_worker(self._read(uid), group="annotations")

    def read_again(self) -> None:
        """Read again what another process may have changed."""
        for uid in self._asked:
            self._screen.run_worker(self._read(uid), group=f"annotations-{uid}", exclusive=True)

    async def _read(self, uid: str) -> None:
        archive = self._archive
        if archive is None:
            self._asked.discard(uid)
            return
        from archive.annotating import annotations_of  # noqa: PLC0415 - the first picture does not wait for it

        try:
            saves = -1
            while saves != self._saves:  # else what was read may be older than what was kept meanwhile
                saves = self._saves
                stored = await archive.index.call(annotations_of, archive.index, uid)
        except (NoctisError, OSError) as error:
            self._asked.discard(uid)
            self._screen.say(str(error))
            return
        self.put(uid, self.of(uid).reread(stored))

    # ---- into the archive

    @property
    def _archive(self) -> LocalArchive | None:
        archive: LocalArchive | None = getattr(self._screen, "archive", None)
        return archive

    async def _save(self, *, again: bool = False) -> None:
        archive = self._archive
        if self._is_saving or archive is None:
            return
        self._is_saving = True
        try:
            while (uid := self._unsaved(again=again)) is not None:
                await self._save_study(archive, uid, quiet=again)
                again = False
        finally:
            self._is_saving = False

    def _unsaved(self, *, again: bool) -> str | None:
        for uid, editing in self._studies.items():
            if editing.dirty - (frozenset() if again else editing.refused):
                return uid
        return None

    async def _save_study(self, archive: LocalArchive, uid: str, *, quiet: bool) -> None:
        editing = self.of(uid)
        sent = editing.kept
        refused, sentence = await asyncio.to_thread(self._keeper.keep, archive, uid, editing.dirty, sent)
        self._saves += 1
        self.put(uid, self.of(uid).saved(editing.dirty - refused, sent).not_saved(refused))
        if refused:
            self._screen.set_timer(RETRY_SECONDS, self._try_again)
            if not quiet:
                self._screen.say(f"Not saved: {sentence}")

    def _try_again(self) -> None:
        self._screen.run_worker(self._save(again=True), group="annotations")

    def close(self) -> None:
        """Keep what is not kept yet, also when the screen goes at once."""
        left = [(uid, editing.let_go(time.time())) for uid, editing in self._studies.items()]
        left = [(uid, editing) for uid, editing in left if editing.dirty]
        archive = self._archive
        if archive is not None:
            self._keeper.close(archive, left)


class _Keeper:
    """Lets one save go after the other: one under way when the screen goes never undoes the last."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._closed = False

    def keep(
        self, archive: LocalArchive, uid: str, keys: frozenset[ItemKey], kept: Annotations
    ) -> tuple[frozenset[ItemKey], str]:
        """Keep items as `annotation_keeping.keep` does; nothing any more once the last save is on its way."""
        with self._turn:
            return (keys, "") if self._closed else keep(archive, uid, keys, kept)

    def close(self, archive: LocalArchive, left: Sequence[tuple[str, Editing]]) -> None:
        """Keep what is left in a thread that the process waits for, though the archive's handle is closed."""
        self._closed = True
        if left:
            where = archive if archive.is_temporary else archive.root
            threading.Thread(target=self._keep_all, args=(where, left), name="annotations").start()

    def _keep_all(self, archive: LocalArchive | Path, left: Sequence[tuple[str, Editing]]) -> None:
        with self._turn:
            for uid, editing in left:
                refused, sentence = keep(archive, uid, editing.dirty, editing.kept)
                if refused:
                    log.warning("%d annotations of a study were not saved: %s", len(refused), sentence)
