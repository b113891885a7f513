"""What is to be exported, and how it shall look."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from archive.progress import CancelToken, Progress, unheard
from noctis_tui.reading.stack import OWN_FRAMES, Stack
from noctis_tui.reading.viewport import ViewState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from archive.progress import ProgressListener
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.marks import Mark
    from noctis_tui.reading.stack import FrameRef

LONGEST_SIDE_PX = 4096


def unmarked(_frame: LoadedFrame, _ref: FrameRef) -> tuple[Mark, ...]:
    """Draw nothing over a frame."""
    return ()


@dataclass(frozen=True)
class SeriesFrames:
    """One series: its frames in reading order, and a name for its files that tells nothing of the patient."""

    name: str
    stack: Stack

    @property
    def as_one(self) -> SeriesFrames:
        """What makes one volume or clip: no mosaics behind their slices, no tiles behind overviews."""
        made = tuple(frame for frame in self.stack.frames if frame.part != OWN_FRAMES)
        return replace(self, stack=Stack(made)) if 0 < len(made) < len(self.stack) else self

    @cached_property
    def frame_keys(self) -> frozenset[tuple[str, int]]:
        """SOP Instance UID and index, from 0, of every frame."""
        return frozenset((frame.sop_instance_uid, frame.frame_index) for frame in self.stack.frames)


@dataclass(frozen=True, slots=True)
class Look:
    """How pictures are made.

    Attributes
    ----------
    view
        Window, inversion, enhancement; zoom and place count only with `size_px`.
    size_px
        Width and height; None keeps one pixel a sample.
    burn_in
        Write patient, study and image into the corners, and draw `marks`.
    marks
        What readers drew on a frame.
    frames_per_second
        Of clips; None plays as the file says.
    quality
        Of JPEG, 1 to 95.
    """

    view: ViewState = field(default_factory=ViewState)
    size_px: tuple[int, int] | None = None
    burn_in: bool = False
    marks: Callable[[LoadedFrame, FrameRef], Sequence[Mark]] = unmarked
    frames_per_second: float | None = None
    quality: int = 92


@dataclass
class Watch:
    """Who hears how far an export is, and who may stop it."""

    total: int
    listener: ProgressListener = unheard
    token: CancelToken = field(default_factory=CancelToken)
    done: int = 0

    def step(self, what: str) -> None:
        """Tell of one more file or frame.

        Raises
        ------
        Cancelled
            Somebody asked to stop.
        """
        self.token.check()
        self.done += 1
        self.listener(Progress(self.done, self.total, what))
