"""What the file itself lays over its picture: the shutter, which hides, and overlay planes, which draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from noctis_tui.graphics.picture import OUTLINE_INDEX
from noctis_tui.reading.viewport import OverlayLevel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.placement import Placement
    from noctis_tui.reading.viewport import ViewState

OVERLAY_PLANE_INDEX = 1
_Depth = TypeVar("_Depth", np.uint8, np.uint16)


def shuttered(
    pixels: NDArray[np.uint8], frame: LoadedFrame, view: ViewState, placement: Placement
) -> NDArray[np.uint8]:
    """Put the Shutter Presentation Value where the shutter hides, unless the reader lifted it.

    `pixels` are display values of the pane, [rows, columns] or [rows, columns, 3].
    """
    visible, shutter = frame.shutter_visible, frame.attributes.shutter
    if visible is None or shutter is None or view.shutter_lifted:
        return pixels
    shown = _nearest(visible, placement, (pixels.shape[1], pixels.shape[0]), beside=True)
    covered = pixels.copy()
    covered[~shown] = shutter.display_value
    return covered


def with_overlay_plane(
    overlay: NDArray[np.uint8] | None,
    frame: LoadedFrame,
    view: ViewState,
    placement: Placement,
    size_px: tuple[int, int],
) -> NDArray[np.uint8] | None:
    """Draw the overlay planes of the file below what `overlay` holds; nothing when overlays are off.

    Every bit is seen: where several image pixels share a screen pixel, one set bit is enough.
    """
    if frame.overlay_plane is None or view.planes_off or view.overlay is OverlayLevel.NONE:
        return overlay
    drawn = _every_bit(frame.overlay_plane, placement, size_px)
    indices = np.where(drawn, np.uint8(OVERLAY_PLANE_INDEX), np.uint8(0))
    indices[_grown(drawn) & ~drawn] = OUTLINE_INDEX
    if overlay is not None:
        np.copyto(indices, overlay, where=overlay != 0)
    return indices


def sample_for_sample(display: NDArray[_Depth], frame: LoadedFrame) -> NDArray[_Depth]:
    """Return display values [rows, columns(, 3)] of 8 or 16 bits with the file's shutter and overlays."""
    visible, shutter, plane = frame.shutter_visible, frame.attributes.shutter, frame.overlay_plane
    if (visible is None or shutter is None) and plane is None:
        return display
    display = display.copy()
    white = np.iinfo(display.dtype).max
    if visible is not None and shutter is not None:
        display[~visible] = shutter.presentation_value >> 16 - white.bit_length()
    if plane is not None:
        display[plane] = white
    return display


def _every_bit(plane: NDArray[np.bool_], placement: Placement, size_px: tuple[int, int]) -> NDArray[np.bool_]:
    if placement.scale >= 1:
        return _nearest(plane, placement, size_px, beside=False)
    width, height = size_px
    rows, columns = np.nonzero(plane)
    at = placement
    across = np.floor(at.xx * (columns + 0.5) + at.xy * (rows + 0.5) + at.x0).astype(np.intp)
    down = np.floor(at.yx * (columns + 0.5) + at.yy * (rows + 0.5) + at.y0).astype(np.intp)
    inside = (across >= 0) & (across < width) & (down >= 0) & (down < height)
    drawn = np.zeros((height, width), np.bool_)
    drawn[down[inside], across[inside]] = True
    return drawn


def _nearest(
    plane: NDArray[np.bool_], placement: Placement, size_px: tuple[int, int], *, beside: bool
) -> NDArray[np.bool_]:
    """Look up the image pixel under the centre of every screen pixel; `beside` stands beside the image."""
    width, height = size_px
    axis_of_x, axis_of_y = (1, 0) if placement.on_its_side else (0, 1)
    first, across, down = (placement.image_point(x, y) for x, y in ((0.5, 0.5), (1.5, 0.5), (0.5, 1.5)))
    source = plane.T if placement.on_its_side else plane
    columns, in_columns = _indices(first[axis_of_x], across[axis_of_x], width, source.shape[1])
    rows, in_rows = _indices(first[axis_of_y], down[axis_of_y], height, source.shape[0])
    found: NDArray[np.bool_] = source[rows[:, None], columns[None, :]]
    inside = in_rows[:, None] & in_columns[None, :]
    return np.where(inside, found, beside)


def _indices(
    first: float, second: float, screen_count: int, image_count: int
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return which image index lies under each screen index, and which of them exist."""
    whole = np.floor(first + (second - first) * np.arange(screen_count)).astype(np.intp)
    return np.clip(whole, 0, image_count - 1), (whole >= 0) & (whole < image_count)


def _grown(drawn: NDArray[np.bool_]) -> NDArray[np.bool_]:
    grown = drawn.copy()
    grown[1:] |= drawn[:-1]
    grown[:-1] |= drawn[1:]
    across = grown.copy()
    grown[:, 1:] |= across[:, :-1]
    grown[:, :-1] |= across[:, 1:]
    return grown
