"""Small pictures of series, kept as PNG; they may be deleted at any time."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from archive.errors import NoctisError
from archive.pixels.display import display_values
from archive.pixels.frames import ImageFile
from archive.storage.layout import FOLDER_MODE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from archive.storage.layout import Layout

LONGEST_SIDE_PX = 128
_DRAWN_AS = b"1"
"""Changes when thumbnails are drawn in another way, so that those kept are drawn again."""

log = logging.getLogger(__name__)


def thumbnail(layout: Layout | None, path: Path, size: int = LONGEST_SIDE_PX) -> NDArray[np.uint8] | None:
    """Return a small picture of an instance: its middle frame, as its file wants to be shown.

    Parameters
    ----------
    layout
        The archive in which thumbnails are kept; None keeps none.
    path
        The instance that stands for its series: the middle one.
    size
        Pixels of the longer side, at most; pixels are square.

    Returns
    -------
    NDArray[np.uint8] | None
        Display values [rows, columns] or RGB [rows, columns, 3]; None where there is nothing to show.
    """
    kept = _place(layout, path, size)
    known = _read(kept) if kept else None
    if known is not None:
        return known
    drawn = _draw(path, size)
    if drawn is not None and kept is not None:
        _keep(kept, drawn)
    return drawn


def _place(layout: Layout | None, path: Path, size: int) -> Path | None:
    """Return where the thumbnail lies: named by the file's identity, so that a changed file has another."""
    if layout is None:
        return None
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    identity = f"{path.absolute()}\0{status.st_mtime_ns}\0{status.st_size}\0{size}".encode(
        errors="surrogateescape"
    )
    name = hashlib.sha256(_DRAWN_AS + identity).hexdigest()[:32]
    return layout.thumbnails / name[:2] / f"{name}.png"


def _read(kept: Path) -> NDArray[np.uint8] | None:
    try:
        with Image.open(kept, formats=("PNG",)) as image:
            return np.array(image.convert("RGB" if image.mode == "RGB" else "L"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        with contextlib.suppress(OSError):
            kept.unlink()
        return None


def _draw(path: Path, size: int) -> NDArray[np.uint8] | None:
    try:
        with ImageFile.open(path) as image:
            frame_index = image.frame_count // 2
            frame = image.frame_attributes(frame_index)
            display = display_values(image.stored_values(frame_index), frame)
        return _reduced(display, frame.pixel_aspect_ratio, size)
    except (NoctisError, OSError, MemoryError):
        return None
    except Exception:
        log.exception("drawing a thumbnail failed")
        return None


def _reduced(
    display: NDArray[np.uint8], pixel_aspect_ratio: tuple[float, float], size: int
) -> NDArray[np.uint8]:
    rows, columns = display.shape[:2]
    height, width = rows * pixel_aspect_ratio[0], columns * pixel_aspect_ratio[1]
    scale = min(size, max(rows, columns)) / max(height, width)
    reduced = max(1, round(width * scale)), max(1, round(height * scale))
    return np.array(Image.fromarray(display).resize(reduced, Image.Resampling.BOX, reducing_gap=2))


def _keep(kept: Path, drawn: NDArray[np.uint8]) -> None:
    """Write the thumbnail whole or not at all; a disk that refuses is no reason not to show it."""
    with contextlib.suppress(OSError):
        kept.parent.mkdir(mode=FOLDER_MODE, exist_ok=True)
        descriptor, part = tempfile.mkstemp(suffix=".part", dir=kept.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                Image.fromarray(drawn).save(file, "PNG")
            Path(part).replace(kept)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise
