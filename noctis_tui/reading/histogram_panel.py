"""The histogram over a picture: how often which value occurs, and which of them the window shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from archive.pixels.voi_lut import Window
from noctis_tui.graphics.picture import OUTLINE_INDEX, Label
from noctis_tui.imaging.enhancing.value_histogram import BINS, ValueHistogram
from noctis_tui.reading.viewport import OverlayLevel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from archive.pixels.voi_lut import VoiLut
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.viewport import ViewState

BAR_INDEX, WINDOW_INDEX, TEXT_INDEX = 9, 2, 1
_SMALLEST_PX = 48, 24
_WIDEST_PX = 256

Box = tuple[int, int, int, int]


def panel_box(frame: LoadedFrame, view: ViewState, size_px: tuple[int, int], line_px: int) -> Box | None:
    """Return left, top, right, bottom of the panel; None where it is not wanted or has no room."""
    width_px, height_px = size_px
    if not view.histogram or view.overlay is OverlayLevel.NONE:
        return None
    if width_px < _SMALLEST_PX[0] or height_px < _SMALLEST_PX[1]:
        return None
    width = min(max(width_px // 4, 2 * line_px, 24), _WIDEST_PX)
    height = max(width // 3, 8)
    right = width_px - max(line_px // 2, 1)
    lines_below = len(frame.caption.acquisition) + 2 if view.overlay is OverlayLevel.ALL else 2
    bottom = max(height_px - lines_below * line_px, height)
    return right - width, bottom - height, right, bottom


def histogram_labels(frame: LoadedFrame, box: Box, line_px: int) -> tuple[Label, ...]:
    """Return the lowest and the highest value, below the ends of the panel."""
    histogram = frame.histogram
    if histogram is None:
        return ()
    unit = f" {frame.attributes.units}" if frame.attributes.units and not frame.is_color else ""
    text = f"{_short(histogram.low)} … {_short(histogram.high)}{unit}"
    return (Label(text, "bottom-right", TEXT_INDEX, (box[0], box[3] + max(line_px // 8, 1))),)


def draw_histogram(
    marks: NDArray[np.uint8],
    box: Box,
    frame: LoadedFrame,
    voi: Window | VoiLut | None,
    *,
    inverted: bool = False,
) -> None:
    """Draw the panel into overlay indices [rows, columns]: bars of the square root of the counts."""
    left, top, right, bottom = box
    panel = marks[max(top, 0) : bottom, max(left, 0) : right]
    histogram = frame.histogram
    if histogram is None or min(panel.shape) < 4:
        return
    panel[:] = OUTLINE_INDEX
    inner = panel[1:-1, 1:-1]
    rows, columns = inner.shape
    edges = np.linspace(0, BINS, columns + 1).astype(int)
    peaks = np.maximum.reduceat(np.sqrt(histogram.counts), np.minimum(edges[:-1], BINS - 1))
    heights = np.ceil(peaks / peaks.max() * (rows - 1)).astype(int)
    inner[np.arange(rows)[:, None] >= rows - heights] = BAR_INDEX
    if voi is not None:
        is_negative = inverted != frame.attributes.is_inverse
        _draw_window(inner[::-1] if is_negative else inner, histogram, voi)


def _draw_window(inner: NDArray[np.uint8], histogram: ValueHistogram, voi: Window | VoiLut) -> None:
    """Draw the ramp from black below to white above, and upright lines where it begins and ends."""
    rows, columns = inner.shape
    low, high = _limits(voi)
    first, last = (histogram.place_of(value) * (columns - 1) for value in (low, high))
    places = np.arange(columns)
    shown = (places >= first) & (places <= last)
    level = np.clip((places - first) / max(last - first, 1e-9), 0, 1)
    inner[np.rint((1 - level[shown]) * (rows - 1)).astype(int), places[shown]] = WINDOW_INDEX
    for place in (first, last):
        if -0.5 <= place <= columns - 0.5:
            inner[:, min(max(round(place), 0), columns - 1)] = WINDOW_INDEX


def _limits(voi: Window | VoiLut) -> tuple[float, float]:
    if isinstance(voi, Window):
        return voi.center - voi.width / 2, voi.center + voi.width / 2
    return voi.first_mapped, voi.first_mapped + len(voi.table) - 1


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
