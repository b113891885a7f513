"""The curves of what is read: on the screen at once, then in the archive."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
import uuid
from typing import TYPE_CHECKING

from archive.errors import NoctisError
from archive.login import login_name
from noctis_tui.reading.annotating import Stamp
from noctis_tui.reading.annotation_keeping import keep
from noctis_tui.reading.reconstruction.curve import CurveEditing

if TYPE_CHECKING:
    from archive.annotations.space_curve import SpaceCurve
    from archive.local_archive import LocalArchive
    from noctis_tui.interface.mpr.screen import MprScreen
    from noctis_tui.reading.edit_history import ItemKey

log = logging.getLogger(__name__)


class CurveDesk:
    """Holds the curves of a volume's frame of reference, and keeps what is changed."""

    def __init__(self, screen: MprScreen) -> None:
        self._screen = screen
        self._read_of: tuple[str, str] | None = None
        self._is_saving = False
        self._turn = threading.Lock()
        self.editing = CurveEditing()

    @property
    def series(self) -> tuple[str, str, str]:
        """Study and Series Instance UID and Frame of Reference UID of what is read; empty while unknown."""
        entry, sampling = self._screen.source.entry(), self._screen.sampling
        if entry is None or sampling is None:
            return "", "", ""
        uid = sampling.volume.frame_of_reference_uid
        return entry.study.study_instance_uid, entry.series.series_instance_uid, uid

    def stamp(self) -> Stamp:
        """Return what a new curve is given."""
        return Stamp(str(uuid.uuid4()), login_name(), time.time())

    def put(self, editing: CurveEditing) -> None:
        """Show the curves as they are now, and keep what is new."""
        if editing == self.editing:
            return
        self.editing = editing
        self._screen.show()
        if editing.dirty:
            self._screen.run_worker(self._save(), group="curves")

    def read(self) -> None:
        """Read what is kept, once for each frame of reference."""
        study, series, space = self.series
        archive = self._screen.source.archive()
        if study and archive is not None and self._read_of != (study, space or series):
            self._read_of = study, space or series
            self._screen.run_worker(self._read(archive, study, series, space), group="curves")

    async def _read(self, archive: LocalArchive, study: str, series: str, space: str) -> None:
        from archive.annotating import annotations_of  # noqa: PLC0415 - planes do not wait for it

        try:
            stored = await archive.index.call(annotations_of, archive.index, study)
        except (NoctisError, OSError) as error:
            self._read_of = None
            self._screen.say(str(error))
            return
        self.put(self.editing.with_stored([each for each in stored.curves if _is_of(each, series, space)]))

    async def _save(self) -> None:
        archive = self._screen.source.archive()
        if self._is_saving or archive is None:
            return
        self._is_saving = True
        try:
            while self.editing.dirty:
                sent = self.editing
                refused, sentence = await asyncio.to_thread(self._keep, archive, self.series[0], sent)
                if refused:
                    self._screen.say(f"Not saved: {sentence}")
                    return
                self.put(self.editing.saved(sent))
        finally:
            self._is_saving = False

    def _keep(self, archive: LocalArchive, study: str, sent: CurveEditing) -> tuple[frozenset[ItemKey], str]:
        with self._turn:
            return keep(archive, study, sent.dirty, sent.kept)

    def close(self) -> None:
        """Keep what is not kept yet, in a thread that the process waits for."""
        archive, left = self._screen.source.archive(), self.editing
        if archive is not None and left.dirty:
            last = archive, self.series[0], left
            threading.Thread(target=self._keep_last, args=last, name="curves").start()

    def _keep_last(self, archive: LocalArchive, study: str, left: CurveEditing) -> None:
        refused, sentence = self._keep(archive, study, left)
        if refused:
            log.warning("%d curves were not saved: %s", len(refused), sentence)


def _is_of(curve: SpaceCurve, series: str, space: str) -> bool:
    """Tell whether a curve lies in a frame of reference; without one, in the same series."""
    return curve.frame_of_reference_uid == space if space else curve.series_instance_uid == series
