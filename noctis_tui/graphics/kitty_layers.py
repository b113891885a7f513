"""What a kitty picture is made of: its pixels, exact or coarser ones, and islands of overlay above them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from noctis_tui.graphics.picture import DisplayPixels
    from noctis_tui.graphics.site import CellBox


def key_of(*parts: NDArray[Any]) -> bytes:
    """Tell pixels apart: SHA-1 of their sizes and values."""
    hashed = hashlib.sha1(repr([part.shape for part in parts]).encode(), usedforsecurity=False)
    for part in parts:
        hashed.update(np.ascontiguousarray(part).data)
    return hashed.digest()


def coarse(pixels: DisplayPixels, factor: float) -> DisplayPixels:
    """Return fewer pixels for the same picture, `factor` times fewer across and down."""
    rows, columns = pixels.shape[:2]
    size = max(round(columns / factor), 1), max(round(rows / factor), 1)
    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).resize(size, Image.Resampling.BOX))


def cut(overlay: NDArray[np.uint8], box: CellBox, cell_px: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the part of an overlay in a box of cells."""
    width, height = cell_px
    rows = slice(box.y * height, (box.y + box.height) * height)
    return np.ascontiguousarray(overlay[rows, box.x * width : (box.x + box.width) * width])
