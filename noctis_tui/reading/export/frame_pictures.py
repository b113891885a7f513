"""A frame as pixels of a file: 8 bits as it is seen, or 16 bits of grey through the same window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from archive.errors import BadInput
from archive.pixels.modality_lut import modality_values
from archive.pixels.voi_lut import Window, apply_voi_lut, apply_window
from noctis_tui.reading.frame_reading import read_frame
from noctis_tui.reading.headless import bare_picture, written_picture
from noctis_tui.reading.overlay import Whereabouts
from noctis_tui.reading.viewport import OverlayLevel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from noctis_tui.reading.export.request import Look, SeriesFrames, Watch
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.stack import FrameRef

LEAST_SIDE_PX = 512
"""Text burned into smaller pictures could not be read: they are enlarged by a whole factor."""


def pictures(
    series: SeriesFrames, look: Look, watch: Watch
) -> Iterator[tuple[LoadedFrame, NDArray[np.uint8]]]:
    """Yield every frame of a series and its picture: uint8 [rows, columns] or [rows, columns, 3].

    Raises
    ------
    NoctisError
        A frame cannot be decoded.
    Cancelled
        Somebody asked to stop.
    """
    for frame, ref, whereabouts in _frames(series, watch):
        yield frame, picture_of(frame, ref, look, whereabouts)


def grey_frames(
    series: SeriesFrames, look: Look, watch: Watch
) -> Iterator[tuple[LoadedFrame, NDArray[np.uint16]]]:
    """Yield every frame of a series and its grey of 16 bits; raises as `pictures` and `sixteen_bits`."""
    for frame, _, _ in _frames(series, watch):
        yield frame, sixteen_bits(frame, look)


def _frames(series: SeriesFrames, watch: Watch) -> Iterator[tuple[LoadedFrame, FrameRef, Whereabouts]]:
    count = len(series.stack)
    for number, ref in enumerate(series.stack.frames, 1):
        watch.step(f"{series.name} {number}/{count}")
        frame = read_frame(ref.path, ref.frame_index)
        yield frame, ref, Whereabouts(number, count, series.stack.spacing_between_slices_mm)


def picture_of(frame: LoadedFrame, ref: FrameRef, look: Look, whereabouts: Whereabouts) -> NDArray[np.uint8]:
    """Return one frame's picture."""
    if not look.burn_in and look.size_px is None:
        return bare_picture(frame, look.view)
    view = look.view if look.burn_in else look.view.with_overlay(OverlayLevel.NONE)
    marks = look.marks(frame, ref) if look.burn_in else ()
    return written_picture(frame, view, look.size_px or _natural_size(frame), whereabouts, marks)


def _natural_size(frame: LoadedFrame) -> tuple[int, int]:
    """Return a size with square pixels in which every sample has at least one, and text can be read."""
    shape = frame.shape
    shorter = min(shape.pixel_height, shape.pixel_width)
    height, width = shape.rows * shape.pixel_height / shorter, shape.columns * shape.pixel_width / shorter
    factor = max(-(-LEAST_SIDE_PX // max(int(min(height, width)), 1)), 1)
    return round(width * factor), round(height * factor)


def sixteen_bits(frame: LoadedFrame, look: Look) -> NDArray[np.uint16]:
    """Return grey [rows, columns] of 16 bits through the window of the look.

    Raises
    ------
    BadInput
        The frame has colours.
    """
    voi = frame.voi(look.view)
    if voi is None or frame.is_color:
        raise BadInput("Colour images have no 16 bits of grey; png has their colours.")
    values: NDArray[Any] = modality_values(frame.stored_values, frame.attributes)
    shown = apply_window(values, voi) if isinstance(voi, Window) else apply_voi_lut(values, voi)
    grey = np.rint(shown * 65535).astype(np.uint16)
    return ~grey if frame.attributes.is_inverse != look.view.inverted else grey


def save_frame(path: Path, pixels: NDArray[Any], quality: int | None = None) -> None:
    """Write PNG, or JPEG of a quality, and nothing about the patient beside the pixels."""
    from PIL import Image  # noqa: PLC0415 - 10 ms that `noctis --help` does not need

    image = Image.fromarray(np.ascontiguousarray(pixels))
    if quality is None:
        image.save(path, "PNG")
    else:
        image.save(path, "JPEG", quality=quality, subsampling=0)
