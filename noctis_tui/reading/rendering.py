"""A frame, a view and a size make a picture: a pure function, without a terminal."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from archive.pixels.display import display_values
from noctis_tui.graphics.picture import Picture
from noctis_tui.reading.drawing import draw_marks
from noctis_tui.reading.enhanced_frames import ENHANCED_FRAMES, can_be_enhanced
from noctis_tui.reading.overlay import ALONE, Whereabouts, labels_of, marks_of
from noctis_tui.reading.placement import place
from noctis_tui.reading.planes import shuttered, with_overlay_plane
from noctis_tui.reading.resampling import PIXELS_SEEN_SINGLY, resample

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from archive.pixels.voi_lut import VoiLut, Window
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.marks import Mark
    from noctis_tui.reading.placement import Placement
    from noctis_tui.reading.viewport import ViewState

DEFAULT_LINE_PX = 18

LEAST_ENLARGED = 1.4
"""Pictures enlarged by less are not worth another rendering: half as many pixels at best."""


def render(
    frame: LoadedFrame,
    view: ViewState,
    width_px: int,
    height_px: int,
    *,
    whereabouts: Whereabouts = ALONE,
    line_px: int = DEFAULT_LINE_PX,
    marks: Sequence[Mark] = (),
    draft: bool = False,
) -> Picture:
    """Show a frame as a view says, in a pane of a size.

    Parameters
    ----------
    frame
        What to show.
    view
        How to look at it.
    width_px, height_px
        Size of the pane in square screen pixels; the picture has exactly this size.
    whereabouts
        Where the frame stands in its stack, for the text.
    line_px
        Height of a line of text: a terminal cell's.
    marks
        What else is drawn where the image is, the lowest first.
    draft
        Whether what takes long may be left out for the moment: enhancement, of which the text then says so.

    Returns
    -------
    Picture
        Display values uint8 [height_px, width_px], RGB for colour; marks and text stay apart from them.
    """
    size_px = max(width_px, 1), max(height_px, 1)
    placement = place(frame.shape, view, *size_px)
    voi = frame.voi(view)
    enhanced = enhanced_values(frame, view, voi, draft=draft)
    to_display = partial(_display, frame=frame, voi=voi, invert=view.inverted)
    if enhanced is not None:
        to_display = partial(_inverted, invert=view.inverted)
    source = frame.stored_values if enhanced is None else enhanced
    labels = labels_of(
        frame, view, placement, whereabouts, size_px, line_px, is_enhanced=enhanced is not None
    )

    def laid_down(placement: Placement, size_px: tuple[int, int]) -> NDArray[np.uint8]:
        return shuttered(resample(source, to_display, placement, *size_px), frame, view, placement)

    picture = Picture(
        laid_down(placement, size_px),
        with_overlay_plane(
            marks_of(frame, view, placement, size_px, line_px), frame, view, placement, size_px
        ),
        labels,
        _native(placement, size_px, laid_down),
    )
    return draw_marks(picture, marks, placement, line_px)


def _native(
    placement: Placement,
    size_px: tuple[int, int],
    laid_down: Callable[[Placement, tuple[int, int]], NDArray[np.uint8]],
) -> Callable[[], NDArray[np.uint8]] | None:
    """Return who lays the image down in its own pixels, where it is enlarged, but not to squares."""
    if not LEAST_ENLARGED <= placement.scale < PIXELS_SEEN_SINGLY:
        return None
    width, height = (max(round(side / placement.scale), 1) for side in size_px)
    # The scale says which filter is taken: what is a hair below 1 is no reduction.
    own = replace(placement.stretched(width / size_px[0], height / size_px[1]), scale=1.0)
    return lambda: laid_down(own, (width, height))


def enhanced_values(
    frame: LoadedFrame, view: ViewState, voi: Window | VoiLut | None, *, draft: bool = False
) -> NDArray[np.uint8] | None:
    """Return the whole frame enhanced as a view asks for; None where it does not, or not in a draft."""
    if view.enhancement is None or not can_be_enhanced(frame):
        return None
    if draft:
        return ENHANCED_FRAMES.known(frame, voi, view.enhancement)
    return ENHANCED_FRAMES.of(frame, voi, view.enhancement)


def _inverted(display: NDArray[Any], *, invert: bool) -> NDArray[np.uint8]:
    return np.bitwise_not(display) if invert else display


def _display(
    stored: NDArray[Any], *, frame: LoadedFrame, voi: Window | VoiLut | None, invert: bool
) -> NDArray[np.uint8]:
    if frame.is_color:
        return np.bitwise_not(stored) if invert else stored
    return display_values(stored, frame.attributes, voi=voi, invert=invert)
