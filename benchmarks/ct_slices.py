"""A CT series to scroll through: the analytic patient at 512 x 512 with a scanner's blur and noise."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from phantoms import generate_uid, write_image

from noctis_tui.demo.phantom import COLUMNS, PIXEL_SPACING_MM, SLICES, slice_hu

SIDE = 512
NOISE_HU = 12.0


def write_ct(folder: Path, count: int, side: int = SIDE) -> list[Path]:
    """Write so many slices with a soft tissue window; the files in order."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(5)
    grain = _grain(rng, side)
    study, series, frame_of_reference = generate_uid(), generate_uid(), generate_uid()
    spacing = PIXEL_SPACING_MM * COLUMNS / side
    paths = []
    for number, place in enumerate(np.linspace(8, SLICES - 8, count)):
        noise = np.roll(grain[number % len(grain)], tuple(rng.integers(0, side, 2)), (0, 1))
        path = folder / f"{number:04}.dcm"
        write_image(
            path,
            np.rint(np.clip(_between(place, side) + noise, -1024, 3071)).astype(np.int16),
            StudyInstanceUID=study,
            SeriesInstanceUID=series,
            FrameOfReferenceUID=frame_of_reference,
            InstanceNumber=number + 1,
            ImagePositionPatient=[0, 0, number],
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
            PixelSpacing=[spacing, spacing],
            RescaleSlope="1",
            RescaleIntercept="0",
            WindowCenter="50",
            WindowWidth="400",
        )
        paths.append(path)
    return paths


def _between(place: float, side: int) -> np.ndarray:
    """CT numbers between two slices, enlarged: edges are as soft as a scanner's."""
    lower, share = int(place), place - int(place)
    hounsfield_units = (1 - share) * slice_hu(lower) + share * slice_hu(lower + 1)
    image = Image.fromarray(hounsfield_units.astype(np.float32))
    return np.asarray(image.resize((side, side), Image.Resampling.BILINEAR))


def _grain(rng: np.random.Generator, side: int) -> np.ndarray:
    white = rng.standard_normal((6, side, side), np.float32)
    grain = white + 0.7 * (np.roll(white, 1, 1) + np.roll(white, 1, 2)) + 0.5 * np.roll(white, (1, 1), (1, 2))
    return grain * (NOISE_HU / grain.std())
