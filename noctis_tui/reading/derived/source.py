"""What is drawn over the panes of objects that are open: their marks, one above the other."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from archive.dicom.text import visible
from archive.errors import NoctisError
from noctis_tui.reading.marks import Note
from noctis_tui.reading.viewport import OverlayLevel

if TYPE_CHECKING:
    from collections.abc import Callable

    from noctis_tui.reading.derived.part import Appearance, DerivedObject
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.marks import Mark
    from noctis_tui.reading.stack import FrameRef
    from noctis_tui.reading.viewport import ViewState

log = logging.getLogger(__name__)


class DerivedMarks:
    """A mark source of every pane: an object knows itself which frames it belongs to.

    Parameters
    ----------
    failed
        Told, in a worker thread, which object could not be drawn and why.
    """

    def __init__(self, failed: Callable[[DerivedObject, str], None]) -> None:
        self.shown: tuple[tuple[DerivedObject, Appearance], ...] = ()
        """What is drawn, the lowest first; replaced as a whole."""
        self._failed = failed

    def marks(self, frame: LoadedFrame, ref: FrameRef, view: ViewState) -> tuple[Mark, ...]:
        """Return the marks of all objects; names only while everything is written over the picture."""
        if view.overlay is OverlayLevel.NONE:
            return ()
        marks = [mark for object_, look in self.shown for mark in self._marks_of(object_, look, frame, ref)]
        if view.overlay is OverlayLevel.ALL:
            return tuple(marks)
        return tuple(mark for mark in marks if not isinstance(mark, Note))

    def _marks_of(
        self, object_: DerivedObject, appearance: Appearance, frame: LoadedFrame, ref: FrameRef
    ) -> tuple[Mark, ...]:
        try:
            return object_.marks_on(frame, ref, appearance)
        except (NoctisError, OSError) as error:
            self._failed(object_, visible(str(error)))
        except Exception as error:
            log.exception("drawing an object failed")
            self._failed(object_, f"Drawing it failed ({type(error).__name__}).")
        return ()
