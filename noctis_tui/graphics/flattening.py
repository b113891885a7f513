"""A picture as plain pixels: its overlay painted over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.graphics.labels import overlay_rgb

if TYPE_CHECKING:
    from noctis_tui.graphics.picture import DisplayPixels, Picture


def flatten(picture: Picture) -> DisplayPixels:
    """Paint the overlay over the pixels: grey stays grey without an overlay, else RGB."""
    if picture.overlay is None or not picture.overlay.any():
        return picture.pixels
    pixels = picture.pixels if picture.is_color else np.repeat(picture.pixels[..., None], 3, axis=2)
    colors = np.array([overlay_rgb(index) for index in range(256)], np.uint8)
    painted = picture.overlay != 0
    flat = pixels.copy()
    flat[painted] = colors[picture.overlay[painted]]
    return flat
