"""A thumbnail as large as its card, without distortion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from archive.errors import NoctisError
from archive.storage.thumbnails import thumbnail
from noctis_tui.graphics.picture import Label, Picture

if TYPE_CHECKING:
    from pathlib import Path

    from archive.storage.layout import Layout

_SUBDUED = 9
"""Overlay colour of words where there is no picture."""
_STORED_PX = 256


def thumbnail_picture(
    layout: Layout | None, file: Path, modality: str, width_px: int, height_px: int
) -> Picture:
    """Return the picture of a series for so many pixels; what has no pixels shows its modality."""
    try:
        pixels = thumbnail(layout, file, size=_STORED_PX)
    except (NoctisError, OSError):
        pixels = None
    if pixels is None:
        return Picture(
            np.zeros((height_px, width_px), np.uint8), labels=(Label(f"{modality}", "left", _SUBDUED),)
        )
    return Picture(_fitted(pixels, width_px, height_px))


def _fitted(pixels: np.ndarray, width_px: int, height_px: int) -> np.ndarray:
    rows, columns = pixels.shape[:2]
    scale = min(width_px / columns, height_px / rows)
    size = max(1, round(columns * scale)), max(1, round(rows * scale))
    image = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))
    page = np.zeros((height_px, width_px, *pixels.shape[2:]), np.uint8)
    left, top = (width_px - size[0]) // 2, (height_px - size[1]) // 2
    page[top : top + size[1], left : left + size[0]] = image
    return page
