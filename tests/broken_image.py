"""Everything that the product does with an image, done with a broken one; for `LimitedProcess`."""

from __future__ import annotations

from pathlib import Path

from archive.errors import NoctisError
from archive.pixels.display import display_values
from archive.pixels.frames import ImageFile
from archive.pixels.quantity import quantity
from archive.storage.thumbnails import thumbnail
from noctis_tui.reading.card import card_of


def look_at(path: str) -> str:
    """Open, decode, map and show the first and the last frame; return the sentence that refuses it.

    What is refused has a card, and everything may be asked for a thumbnail.
    """
    thumbnail(None, Path(path))
    try:
        with ImageFile.open(Path(path)) as image:
            for index in sorted({0, image.frame_count - 1}):
                _show(image, index)
    except NoctisError as error:
        card_of(Path(path), str(error))
        return str(error)
    return ""


def _show(image: ImageFile, index: int) -> None:
    frame, stored = image.frame_attributes(index), image.stored_values(index)
    for voi in (None, *frame.windows, *frame.voi_luts):
        display_values(stored, frame, voi=voi)
    if stored.ndim == 2:
        quantity(stored, frame)
