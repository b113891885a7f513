"""Pictures without a terminal: for files, and for whoever pipes them on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.pixels.display import display_values
from noctis_tui.graphics.canvas import font_px
from noctis_tui.graphics.flattening import flatten
from noctis_tui.graphics.labels import draw_labels
from noctis_tui.reading.overlay import ALONE, Whereabouts
from noctis_tui.reading.planes import sample_for_sample
from noctis_tui.reading.rendering import DEFAULT_LINE_PX, enhanced_values, render

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.marks import Mark
    from noctis_tui.reading.viewport import ViewState


def bare_picture(frame: LoadedFrame, view: ViewState) -> NDArray[np.uint8]:
    """Return display values with one pixel a sample and nothing written over them.

    Returns
    -------
    NDArray[np.uint8]
        [rows, columns], or RGB [rows, columns, 3]; the file's own shutter and overlay planes are in it.
    """
    shown = enhanced_values(frame, view, frame.voi(view))
    if shown is None:
        shown = display_values(
            frame.stored_values, frame.attributes, voi=frame.voi(view), invert=view.inverted
        )
    return sample_for_sample(shown, frame)


def written_picture(
    frame: LoadedFrame,
    view: ViewState,
    size_px: tuple[int, int],
    whereabouts: Whereabouts = ALONE,
    marks: Sequence[Mark] = (),
) -> NDArray[np.uint8]:
    """Return what the viewer shows in a pane of `size_px` (width, height), text and marks burned in.

    Returns
    -------
    NDArray[np.uint8]
        [height, width], or RGB [height, width, 3] as soon as anything is coloured.
    """
    picture = render(frame, view, *size_px, whereabouts=whereabouts, marks=marks)
    return flatten(draw_labels(picture, font_px(DEFAULT_LINE_PX)))
