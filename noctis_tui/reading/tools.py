"""What the tools do to a view: the same for keys and for the mouse."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from math import exp
from typing import TYPE_CHECKING

from archive.pixels.voi_lut import Window
from noctis_tui.reading.placement import place, zoom_for_scale
from noctis_tui.reading.viewport import ZOOM_STEP

if TYPE_CHECKING:
    from archive.pixels.voi_lut import VoiLut
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.viewport import ViewState

NARROWEST = 1e-6
_DRAG_WIDTH_EXPONENT = 3.0
"""Dragging across the whole pane makes a window e^3, twenty times, wider."""
_DRAG_CENTER_WIDTHS = 2.0
"""Dragging over the whole height moves the centre by two widths."""
_DRAG_ZOOM_EXPONENT = 2.5


class DragTool(StrEnum):
    """What dragging does."""

    WINDOW = "window"
    ZOOM = "zoom"
    PAN = "pan"


def windowed(view: ViewState, frame: LoadedFrame, wider: float = 0.0, higher: float = 0.0) -> ViewState:
    """Change the window: its width by a power of e, its centre by a fraction of the width.

    Relative steps suit every unit: Hounsfield, stored values of an MR, counts of a PET. Colour has no window.
    """
    voi = frame.voi(view)
    if voi is None:
        return view
    window = window_like(voi)
    width = max(window.width * exp(wider), NARROWEST)
    center = window.center + higher * window.width
    return view.with_window(replace(window, center=center, width=width, explanation=""))


def window_like(voi: Window | VoiLut) -> Window:
    """Return the window that spans what a VOI LUT maps; a window is itself."""
    if isinstance(voi, Window):
        return voi
    entries = len(voi.table)
    return Window(voi.first_mapped + entries / 2, max(entries, 1))


def panned(
    view: ViewState, frame: LoadedFrame, size_px: tuple[int, int], right_px: float, down_px: float
) -> ViewState:
    """Move the picture on the screen."""
    placement = place(frame.shape, view, *size_px)
    column, row = placement.image_point(size_px[0] / 2 - right_px, size_px[1] / 2 - down_px)
    return view.centered_at(column / frame.shape.columns, row / frame.shape.rows)


def magnified(view: ViewState, steps: float) -> ViewState:
    """Zoom about the middle of the pane."""
    return view.zoomed_by(ZOOM_STEP**steps)


def at_true_size(view: ViewState, frame: LoadedFrame, size_px: tuple[int, int]) -> ViewState:
    """Show an image pixel as one screen pixel."""
    return replace(view, zoom=zoom_for_scale(frame.shape, view, *size_px))


def dragged(
    tool: DragTool,
    view: ViewState,
    frame: LoadedFrame,
    size_px: tuple[int, int],
    right_px: float,
    down_px: float,
) -> ViewState:
    """Return what a drag makes of the view in which it began: right widens, up lowers the centre."""
    if tool is DragTool.PAN:
        return panned(view, frame, size_px, right_px, down_px)
    across, down = right_px / max(size_px[0], 1), down_px / max(size_px[1], 1)
    if tool is DragTool.ZOOM:
        return view.zoomed_by(exp(-down * _DRAG_ZOOM_EXPONENT))
    return windowed(view, frame, across * _DRAG_WIDTH_EXPONENT, down * _DRAG_CENTER_WIDTHS)


def probed(view: ViewState, frame: LoadedFrame, right: int = 0, down: int = 0) -> ViewState:
    """Move the probe by image pixels as they lie on the screen; put it in the middle when it is not out."""
    shape = frame.shape
    if view.probe is None:
        return view.with_probe(_inside(shape.columns * view.center[0], shape.rows * view.center[1], frame))
    across, along = image_step(view, right, down)
    return view.with_probe(_inside(view.probe[0] + across, view.probe[1] + along, frame))


def image_step(view: ViewState, right: int, down: int) -> tuple[int, int]:
    """Return (columns, rows) by which an image point moves that moves right and down on the screen."""
    for _ in range(view.quarter_turns % 4):
        right, down = down, -right
    return (-right if view.mirrored else right), down


def _inside(column: float, row: float, frame: LoadedFrame) -> tuple[int, int]:
    return (
        min(max(int(column), 0), frame.shape.columns - 1),
        min(max(int(row), 0), frame.shape.rows - 1),
    )
