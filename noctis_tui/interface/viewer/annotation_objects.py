"""From what is drawn to DICOM objects of the study, and back."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from archive.errors import NoctisError
from archive.login import login_name
from noctis_tui.interface.actions import Action

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.annotation_exchange import Exchanged
    from archive.local_archive import LocalArchive
    from noctis_tui.interface.viewer.screen import ViewerScreen

log = logging.getLogger(__name__)

ANNOTATION_OBJECTS_ACTIONS: tuple[Action, ...] = (
    Action("save_annotations", "Write annotations as DICOM: SR, GSPS, KO", "Marks", "reading"),
    Action("load_annotations", "Take over annotations from the study's DICOM objects", "Marks", "reading"),
)


class AnnotationObjects:
    """The part of the viewer that exchanges annotations with other programs through the archive."""

    def __init__(self, screen: ViewerScreen) -> None:
        self._screen = screen

    def action_save_annotations(self) -> None:
        """Write a report, a presentation state and a key object selection as new series of the study."""
        screen, entry = self._screen, self._screen.active.entry
        if entry is not None and screen.measuring.desk.of(entry.study.study_instance_uid).dirty:
            screen.say("What was drawn last is not kept yet: try again.")
            return
        self._exchange(_saved)

    def action_load_annotations(self) -> None:
        """Take over what reports, presentation states and key objects of the study hold."""
        self._exchange(_loaded)

    def _exchange(self, work: Callable[[LocalArchive, str], str]) -> None:
        archive, entry = self._screen.archive, self._screen.active.entry
        if archive is None or entry is None:
            self._screen.say("There is no study yet.")
        elif archive.is_temporary:
            self._screen.say("Nothing is kept beside files: import the study to exchange annotations.")
        else:
            uid = entry.study.study_instance_uid
            self._screen.run_worker(self._run(work, archive, uid), group="exchange", exclusive=True)

    async def _run(self, work: Callable[[LocalArchive, str], str], archive: LocalArchive, uid: str) -> None:
        try:
            self._screen.say(await asyncio.to_thread(work, archive, uid))
        except (NoctisError, OSError) as error:
            self._screen.say(str(error))
        except Exception as error:  # of highdicom and pydicom, over what strangers wrote
            log.exception("exchanging annotations failed")
            self._screen.say(f"It failed ({type(error).__name__}).")


def _saved(archive: LocalArchive, study_instance_uid: str) -> str:
    from noctis_tui.reading.annotation_saving import save_as_objects  # noqa: PLC0415 - a second of imports

    done = save_as_objects(archive, study_instance_uid, login_name())
    return f"Written into the archive: {_counted(done)} in {done.objects} objects."


def _loaded(archive: LocalArchive, study_instance_uid: str) -> str:
    from noctis_tui.reading.annotation_saving import load_from_objects  # noqa: PLC0415 - a second of imports

    done = load_from_objects(archive, study_instance_uid)
    if not done.objects:
        return "The study has no report, presentation state or key object selection."
    return f"{_counted(done)} new, of {done.objects} objects."


def _counted(done: Exchanged) -> str:
    shapes = "1 annotation" if done.annotations == 1 else f"{done.annotations} annotations"
    keys = "1 key image" if done.key_images == 1 else f"{done.key_images} key images"
    return f"{shapes}, {keys}"
