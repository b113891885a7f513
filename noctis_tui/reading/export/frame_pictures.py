"""A frame as pixels of a file: 8 bits as it is seen, or 16 bits of grey through the same window."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from archive.errors import BadInput
from archive.pixels.display import p_values
from noctis_tui.reading.frame_reading import read_frame
from noctis_tui.reading.headless import bare_picture, written_picture
from noctis_tui.reading.overlay import Whereabouts
from noctis_tui.reading.planes import sample_for_sample
from noctis_tui.reading.viewport import OverlayLevel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from noctis_tui.reading.export.request import Look, SeriesFrames, Watch
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.stack import FrameRef

WHITE = 65535
LEAST_SIDE_PX = 512
"""Text burned into smaller pictures could not be read: they are enlarged by a whole factor."""
LONGEST_SIDE_PX = 16_384
"""A file may claim pixels a million times as wide as high. A side of more samples keeps a pixel for each."""


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
    look = _pinned(look, series)
    for frame, ref, whereabouts in _frames(series, watch):
        yield frame, picture_of(frame, ref, look, whereabouts)


def grey_frames(
    series: SeriesFrames, look: Look, watch: Watch
) -> Iterator[tuple[LoadedFrame, NDArray[np.uint16]]]:
    """Yield every frame of a series and its grey of 16 bits; raises as `pictures` and `sixteen_bits`."""
    look = _pinned(look, series)
    for frame, _, _ in _frames(series, watch):
        yield frame, sixteen_bits(frame, look)


def _pinned(look: Look, series: SeriesFrames) -> Look:
    """Return the look with one automatic window for all frames: the middle one's, as in the viewer."""
    frames = series.stack.frames
    if look.view.automatic_window is not None or look.view.window is not None or len(frames) < 2:
        return look
    middle = frames[len(frames) // 2]
    window = read_frame(middle.path, middle.frame_index).automatic_window
    return replace(look, view=replace(look.view, automatic_window=window))


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
    factor = max(-(-LEAST_SIDE_PX // max(int(min(height, width)), 1)), 1.0)
    longest = max(LONGEST_SIDE_PX, shape.rows, shape.columns)
    factor = min(factor, longest / max(height, width))
    return max(round(width * factor), 1), max(round(height * factor), 1)


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
    shown = p_values(frame.stored_values, frame.attributes, voi=voi, invert=look.view.inverted)
    return sample_for_sample(np.rint(shown * WHITE).astype(np.uint16), frame)


def save_frame(path: Path, pixels: NDArray[Any], quality: int | None = None) -> None:
    """Write PNG, or JPEG of a quality, and nothing about the patient beside the pixels."""
    from PIL import Image  # noqa: PLC0415 - 10 ms that `noctis --help` does not need

    image = Image.fromarray(np.ascontiguousarray(pixels))
    if quality is None:
        image.save(path, "PNG")
    else:
        image.save(path, "JPEG", quality=quality, subsampling=0)
