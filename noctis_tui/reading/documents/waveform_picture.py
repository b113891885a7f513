"""Waveforms drawn as on paper: 25 mm a second, 10 mm a millivolt, a grid of millimetres (IEC 60601-2-25)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from archive.dicom import keywords as kw
from archive.errors import BadInput
from noctis_tui.graphics.labels import typeface
from noctis_tui.reading.caption import date_text, time_text
from noctis_tui.reading.derived.opening import Words
from noctis_tui.reading.documents.picture import picture_frame
from noctis_tui.reading.documents.waveform import PAGE_SECONDS, channels_of, pages_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from archive.dicom.data_set import DataSet
    from noctis_tui.reading.documents.waveform import Channel, WaveformPage
    from noctis_tui.reading.loaded_frame import LoadedFrame

PX_PER_MM = 5
MM_PER_SECOND = 25.0
MM_PER_MILLIVOLT = 10.0
_MARGIN_MM, _HEAD_MM, _FOOT_MM = 12, 12, 14
_LEAST_ROW_MM, _PAPER_MM = 12, 180
_PAPER, _FINE, _COARSE = (12, 13, 15), (44, 24, 26), (88, 40, 42)
_TRACE, _INK, _DIM = (236, 240, 243), (230, 230, 230), (150, 156, 162)
_ACQUISITION = 0x0008002A


def waveform_frame(ds: DataSet, page_index: int) -> LoadedFrame:
    """Return a page of a waveform as an RGB picture.

    Raises
    ------
    BadInput
        There is no such page.
    CannotDecode
        There are no samples, or they are written in a way that is not known.
    """
    pages = pages_of(ds)
    if not 0 <= page_index < len(pages):
        raise BadInput(f"There is no page {page_index + 1}: the waveform has {len(pages)}.")
    page = pages[page_index]
    rgb = draw_waveform(channels_of(ds, page), page, _headline(ds, page))
    return picture_frame(rgb, ds)


def draw_waveform(channels: Sequence[Channel], page: WaveformPage, headline: str) -> NDArray[np.uint8]:
    """Return channels below each other on a grid, uint8 RGB."""
    row_mm = max(_PAPER_MM / max(len(channels), 1), _LEAST_ROW_MM)
    width_mm = 2 * _MARGIN_MM + PAGE_SECONDS * MM_PER_SECOND
    height_mm = _HEAD_MM + row_mm * len(channels) + _FOOT_MM
    image = Image.new("RGB", (round(width_mm * PX_PER_MM), round(height_mm * PX_PER_MM)), _PAPER)
    pen = ImageDraw.Draw(image)
    _draw_grid(pen, image.size)
    font = typeface(round(4.2 * PX_PER_MM))
    pen.text((_MARGIN_MM * PX_PER_MM, 3 * PX_PER_MM), headline, _INK, font)
    for place, channel in enumerate(channels):
        middle_px = (_HEAD_MM + row_mm * (place + 0.5)) * PX_PER_MM
        scaled = _draw_trace(pen, channel, page, middle_px, row_mm)
        unit = "" if channel.unit == "mV" else f"  {scaled:.3g} mm/{channel.unit or 'unit'}"
        at = (2 * PX_PER_MM, round(middle_px - (row_mm / 2 - 1) * PX_PER_MM))
        pen.text(at, f"{channel.label}{unit}", _INK, font, stroke_width=2, stroke_fill=_PAPER)
    foot = f"{MM_PER_SECOND:g} mm/s   {MM_PER_MILLIVOLT:g} mm/mV"
    pen.text(
        (image.width - _MARGIN_MM * PX_PER_MM, image.height - 3 * PX_PER_MM), foot, _DIM, font, anchor="rs"
    )
    return np.asarray(image)


def _draw_grid(pen: ImageDraw.ImageDraw, size: tuple[int, int]) -> None:
    for coarse in (False, True):
        color, step = (_COARSE, 5) if coarse else (_FINE, 1)
        for x in range(0, size[0], step * PX_PER_MM):
            pen.line([(x, 0), (x, size[1])], color)
        for y in range(0, size[1], step * PX_PER_MM):
            pen.line([(0, y), (size[0], y)], color)


def _draw_trace(
    pen: ImageDraw.ImageDraw, channel: Channel, page: WaveformPage, middle_px: float, row_mm: float
) -> float:
    """Draw a channel about its row's middle; return how many millimetres its unit is high."""
    values = channel.values
    if not len(values):
        return MM_PER_MILLIVOLT
    if channel.unit == "mV":
        scale, zero = MM_PER_MILLIVOLT, float(np.median(values))
    else:
        low, high = float(values.min()), float(values.max())
        scale, zero = 0.9 * row_mm / max(high - low, 1e-9), (low + high) / 2
    x = _MARGIN_MM * PX_PER_MM + np.arange(len(values)) / page.frequency * MM_PER_SECOND * PX_PER_MM
    y = np.clip(middle_px - (values - zero) * scale * PX_PER_MM, -10_000, 10_000)
    points = np.stack(_thinned(x, y), axis=1)
    pen.line([(float(a), float(b)) for a, b in points], _TRACE, 2, joint="curve")
    return scale


def _thinned(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Keep lowest and highest of what falls on the same pixel: no peak is lost, and audio can be drawn."""
    step = len(x) // (4 * int(PAGE_SECONDS * MM_PER_SECOND) * PX_PER_MM)
    if step < 2:
        return x, y
    whole = len(x) // step * step
    parts = y[:whole].reshape(-1, step)
    return np.repeat(x[:whole:step], 2), np.stack([parts.min(1), parts.max(1)], 1).ravel()


def _headline(ds: DataSet, page: WaveformPage) -> str:
    words = Words(ds)
    when = words.text(ds, _ACQUISITION)
    parts = (
        words.name(ds, kw.PATIENT_NAME),
        words.text(ds, kw.PATIENT_ID),
        f"{date_text(when[:8])} {time_text(when[8:])}".strip(),
        page.label,
        f"from {page.seconds:g} s" if page.first_sample else "",
    )
    return "   ".join(part for part in parts if part)
