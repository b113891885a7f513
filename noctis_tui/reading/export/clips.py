"""A series as a clip: GIF through Pillow, MP4 through PyAV, each frame as long as the file says."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from archive.errors import BadInput
from noctis_tui.reading.cine import frames_per_second_of
from noctis_tui.reading.export.frame_pictures import pictures

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from noctis_tui.reading.export.request import Look, SeriesFrames, Watch
    from noctis_tui.reading.loaded_frame import LoadedFrame

_TICK = Fraction(1, 1000)
_H264 = {"crf": "16", "bf": "0"}
_GIF_LEAST_MS = 20
"""Players take shorter times for errors and play slowly."""


def save_gif(path: Path, series: SeriesFrames, look: Look, watch: Watch) -> None:
    """Write a GIF that repeats for ever."""
    durations: list[int] = []
    images = _images(series, look, watch, durations)
    first = next(images)
    first.save(path, "GIF", save_all=True, append_images=images, loop=0, duration=durations, optimize=False)


def _images(series: SeriesFrames, look: Look, watch: Watch, durations: list[int]) -> Iterator[Image.Image]:
    for frame, pixels in pictures(series, look, watch):
        durations.append(max(round(duration_ms(frame, look)), _GIF_LEAST_MS))
        image = Image.fromarray(np.ascontiguousarray(pixels))
        yield image if image.mode == "L" else image.quantize(256, Image.Quantize.MEDIANCUT)


def duration_ms(frame: LoadedFrame, look: Look) -> float:
    """Return how long a frame is shown: as asked, else as the file says of it or of all."""
    own, index = frame.image.frame_times_ms, frame.attributes.frame_index
    if look.frames_per_second is None and index < len(own):
        return own[index]
    return 1000 / (look.frames_per_second or frames_per_second_of(frame))


def save_mp4(path: Path, series: SeriesFrames, look: Look, watch: Watch) -> None:
    """Write H.264 in MP4, 4:2:0, with sides made even by a black edge.

    Raises
    ------
    BadInput
        PyAV is not installed (extra `video`).
    """
    try:
        import av  # noqa: PLC0415 - an extra
    except ImportError:
        raise BadInput("MP4 needs PyAV: install noctis-tui[video].") from None
    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=1 / _TICK, options=_H264)
        stream.codec_context.time_base = _TICK
        stream.pix_fmt = "yuv420p"
        at_ms = 0.0
        for frame, pixels in pictures(series, look, watch):
            shown = _even(pixels)
            if not at_ms:
                stream.height, stream.width = shown.shape[:2]
            picture = av.VideoFrame.from_ndarray(_fitting(shown, stream.height, stream.width), format="rgb24")
            picture.pts, picture.time_base = round(at_ms), _TICK
            container.mux(stream.encode(picture))
            at_ms += duration_ms(frame, look)
        container.mux(stream.encode(None))


def _even(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    rgb = pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
    return np.pad(rgb, ((0, rgb.shape[0] % 2), (0, rgb.shape[1] % 2), (0, 0)))


def _fitting(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Put a frame of another size into the middle of the clip's."""
    if pixels.shape[:2] == (height, width):
        return np.ascontiguousarray(pixels)
    image = Image.fromarray(pixels)
    image.thumbnail((width, height))
    whole = Image.new("RGB", (width, height))
    whole.paste(image, ((width - image.width) // 2, (height - image.height) // 2))
    return np.asarray(whole)
