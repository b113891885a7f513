"""Siemens mosaics written as scanners do: seven slices of 6 x 6, three across, two places empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import phantoms
from siemens_headers import csa

if TYPE_CHECKING:
    from pathlib import Path

SIDE, SLICES = 6, 7
NORMAL = ["0", "0", "1"]
COUNTED = {"NumberOfImagesInMosaic": [str(SLICES)], "SliceNormalVector": NORMAL}


def volume() -> np.ndarray:
    return np.arange(SLICES * SIDE * SIDE, dtype=np.int16).reshape(SLICES, SIDE, SIDE)


def mosaic_of(slices: np.ndarray) -> np.ndarray:
    full = np.zeros((9, SIDE, SIDE), np.int16)
    full[: len(slices)] = slices
    return full.reshape(3, 3, SIDE, SIDE).swapaxes(1, 2).reshape(3 * SIDE, 3 * SIDE)


def written(path: Path, header: dict[str, list[str]], protocol: bytes = b"", **attributes) -> Path:
    said = {
        "Modality": "MR",
        "ImageType": ["ORIGINAL", "PRIMARY", "M", "MOSAIC"],
        "PixelSpacing": [2, 2],
        "SpacingBetweenSlices": 4,
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "ImagePositionPatient": [-18, -18, 10],
    }
    ds = phantoms.image(mosaic_of(volume()), **(said | attributes))
    block = ds.private_block(0x0029, "SIEMENS CSA HEADER", create=True)
    block.add_new(0x10, "OB", csa(header) if header else b"")
    block.add_new(0x20, "OB", protocol)
    ds.save_as(path, enforce_file_format=True)
    return path
