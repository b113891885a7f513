"""Stored values to display values of eight bits: one lookup a pixel (PS3.4 N.2)."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from archive.pixels.blocks import row_blocks
from archive.pixels.modality_lut import Rescale, map_stored, modality_values
from archive.pixels.presentation_lut import PresentationLut, apply_presentation_lut
from archive.pixels.voi_lut import VoiLut, Window, apply_voi_lut, apply_window, automatic_window

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from archive.pixels.attributes import FrameAttributes
    from archive.pixels.modality_lut import ModalityLut

Voi = Window | VoiLut


class Presentation(NamedTuple):
    """What follows the VOI stage: a table, and whether its output is turned into the negative."""

    lut: PresentationLut | None
    negative: bool


def default_voi(stored: NDArray[Any], frame_attributes: FrameAttributes) -> Voi:
    """Return what the file asks to be shown with: its VOI LUT, its window, or one found in the values.

    An eight-bit image without either is shown as it is.
    """
    if frame_attributes.voi_luts:
        return frame_attributes.voi_luts[0]
    if frame_attributes.windows:
        return frame_attributes.windows[0]
    mapped = frame_attributes.modality_lut or frame_attributes.rescale not in {None, Rescale(1, 0)}
    if stored.dtype == np.uint8 and not mapped:
        full = 1 << frame_attributes.bits_stored
        return Window(full / 2, full)
    return automatic_window(modality_values(stored, frame_attributes), frame_attributes.modality_padding)


def display_values(
    stored: NDArray[Any],
    frame_attributes: FrameAttributes,
    *,
    voi: Voi | None = None,
    invert: bool = False,
) -> NDArray[np.uint8]:
    """Return what a screen shows.

    Parameters
    ----------
    stored
        [rows, columns] as `ImageFile.stored_values` gives them, or RGB, which passes as it is.
    frame_attributes
        Of the same frame: its Presentation LUT or MONOCHROME1, its supplemental palette.
    voi
        Over modality values; None for `default_voi`.
    invert
        Show the negative; a supplemental palette keeps its colors.

    Returns
    -------
    NDArray[np.uint8]
        Same shape, 0 black to 255 white; [rows, columns, 3] with a supplemental palette.
    """
    if stored.ndim == 3:
        return np.bitwise_not(stored) if invert else stored
    grey = _grey(stored, frame_attributes, voi or default_voi(stored, frame_attributes), invert=invert)
    palette = frame_attributes.supplemental_palette
    return grey if palette is None else palette.over(grey, stored)


def p_values(
    stored: NDArray[Any], frame_attributes: FrameAttributes, *, voi: Voi, invert: bool = False
) -> NDArray[np.float64]:
    """Return what `display_values` rounds to eight bits of a grey frame, 0 black to 1 white, of its shape."""
    values = map_stored(stored, frame_attributes.rescale, frame_attributes.modality_lut)
    shown = _applied(values, _meant(voi, stored), frame_attributes.presentation_lut)
    return 1 - shown if invert != frame_attributes.is_inverse else shown


def _grey(
    stored: NDArray[Any], frame_attributes: FrameAttributes, voi: Voi, *, invert: bool
) -> NDArray[np.uint8]:
    presentation = Presentation(frame_attributes.presentation_lut, invert != frame_attributes.is_inverse)
    if stored.dtype.kind in "ui" and stored.dtype.itemsize <= 2:
        rescale, lut = frame_attributes.rescale, frame_attributes.modality_lut
        table = _table(stored.dtype.str, rescale, lut, voi, presentation)
        return _looked_up(stored.view(f"u{stored.dtype.itemsize}"), table)
    voi = _meant(voi, stored)
    display = np.empty(stored.shape, np.uint8)
    for rows in row_blocks(stored.shape):
        values = map_stored(stored[rows], frame_attributes.rescale, frame_attributes.modality_lut)
        display[rows] = _shown(values, voi, presentation)
    return display


def _meant(voi: Voi, stored: NDArray[Any]) -> Voi:
    if stored.dtype.kind == "f" and isinstance(voi, Window) and voi.function == "LINEAR" and voi.width <= 1:
        return replace(voi, function="LINEAR_EXACT")  # LINEAR of width 1 is a threshold; writers mean 0 to 1
    return voi


def _looked_up(stored: NDArray[Any], table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    display = np.empty(stored.shape, np.uint8)
    for rows in row_blocks(stored.shape):
        np.take(table, stored[rows], out=display[rows], mode="clip")
    return display


@lru_cache(maxsize=64)
def _table(
    dtype: str, rescale: Rescale | None, lut: ModalityLut | None, voi: Voi, presentation: Presentation
) -> NDArray[np.uint8]:
    """Return the display value of every bit pattern of a stored value of one or two bytes."""
    size = np.dtype(dtype).itemsize
    stored = np.arange(1 << 8 * size, dtype=f"u{size}").view(dtype)
    return _shown(map_stored(stored, rescale, lut), voi, presentation)


def _shown(values: NDArray[Any], voi: Voi, presentation: Presentation) -> NDArray[np.uint8]:
    shown = _applied(values, voi, presentation.lut)
    shown *= 255
    shown += 0.5
    display = shown.astype(np.uint8)
    return np.bitwise_not(display, out=display) if presentation.negative else display


def _applied(values: NDArray[Any], voi: Voi, lut: PresentationLut | None) -> NDArray[np.float64]:
    shown = apply_window(values, voi) if isinstance(voi, Window) else apply_voi_lut(values, voi)
    return shown if lut is None else apply_presentation_lut(shown, lut)
