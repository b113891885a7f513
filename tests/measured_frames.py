"""Frames to measure on: attributes as a file would give them, and pixels with known truth."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from archive.pixels.attributes import FrameAttributes
from archive.pixels.frames import ImageFile

if TYPE_CHECKING:
    from pathlib import Path


def frame(**attributes: Any) -> FrameAttributes:
    """Return the attributes of a frame that says nothing but `attributes`."""
    silent = {field.name: None for field in fields(FrameAttributes) if field.default is MISSING}
    silent |= {"spacing_calibration": "", "pixel_aspect_ratio": (1.0, 1.0), "modality": "OT"}
    silent |= {"real_world_value_mappings": ()}
    if "pixel_spacing" in attributes:
        spacing = attributes["pixel_spacing"]
        silent |= {"spacing_calibration": "patient", "pixel_aspect_ratio": spacing}
    return FrameAttributes(**silent | attributes)


def read(path: Path, frame_index: int = 0) -> tuple[np.ndarray, FrameAttributes]:
    """Return the stored values and the attributes of a frame of a file."""
    with ImageFile.open(path) as image:
        return image.stored_values(frame_index), image.frame_attributes(frame_index)


def ramp(rows: int, columns: int) -> np.ndarray:
    """Stored values that tell their own place: 1000 * row + column."""
    return (1000 * np.arange(rows)[:, None] + np.arange(columns)).astype(np.int32)


def disc(size: int, center: tuple[float, float], radius: float, inside: int, outside: int) -> np.ndarray:
    """Return a square of `size` with a disc about (column, row)."""
    rows, columns = np.mgrid[:size, :size]
    within = (columns - center[0]) ** 2 + (rows - center[1]) ** 2 <= radius**2
    return np.where(within, inside, outside).astype(np.int16)
