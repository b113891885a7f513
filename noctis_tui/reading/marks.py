"""What is drawn over a picture where the image is: lines, handles, words, washes of colour.

Every point is a point of the image, (column, row), with the centre of the first pixel at (0, 0), as in
`ImagePlane.patient_point` and in everything that is measured. Who wants something drawn is a `MarkSource` of
the pane; who draws it is `noctis_tui.reading.drawing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.stack import FrameRef
    from noctis_tui.reading.viewport import ViewState

Point: TypeAlias = tuple[float, float]
MARK_INDEX = 3
"""Overlay index of marks that say nothing else."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through image points; `width` is a multiple of the thinnest that is seen well.

    A line with a colour of its own, `rgb`, is drawn into the pixels, below everything of the overlay, and
    `filled` inside with so much of it (0 to 1).
    """

    points: tuple[Point, ...]
    color_index: int = MARK_INDEX
    closed: bool = False
    dashed: bool = False
    width: float = 1.0
    rgb: tuple[int, int, int] | None = None
    filled: float = 0.0


@dataclass(frozen=True, slots=True)
class Handle:
    """A point that can be taken hold of; the active one is filled."""

    point: Point
    color_index: int = MARK_INDEX
    active: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Words beside an image point; already made visible (`archive.dicom.text.visible`)."""

    text: str
    point: Point
    color_index: int = MARK_INDEX


@dataclass(frozen=True, slots=True)
class Wash:
    """Colour over the image's own pixels: RGBA uint8 [rows, columns, 4], straight alpha, as large as it."""

    rgba: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Heading:
    """Words about the whole frame, at the middle of the pane's upper border; already made visible."""

    text: str
    color_index: int = MARK_INDEX


Mark: TypeAlias = Stroke | Handle | Note | Wash | Heading


class MarkSource(Protocol):
    """Someone who wants something drawn over the frames of a pane."""

    def marks(self, frame: LoadedFrame, ref: FrameRef, view: ViewState) -> tuple[Mark, ...]:
        """Return what to draw over a frame; asked in a worker thread, for every picture anew."""
