"""Reconstructed images, and what of their source goes with them into files."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from noctis_tui.imaging.slices import Slice
    from noctis_tui.imaging.volume import Volume

_SAME_MM = 1e-3
_SAME_DIRECTION = 1e-5


class Contrast(Enum):
    """What a pixel is of what lies behind it: the third value of Image Type, and the derivation's code."""

    MPR = "MPR"
    MIP = "MIP"
    MINIP = "MINIP"
    MEAN = "MEAN"
    CPR = "CPR"


@dataclass(frozen=True, slots=True, eq=False)
class OutputImage:
    """One image.

    Attributes
    ----------
    values
        float32 [rows, columns]: modality values, NaN outside the volume.
    row_spacing_mm, column_spacing_mm
        Distance between neighbouring rows, columns.
    grid
        Where the pixels lie; None for what is unrolled from a curve and lies in no plane.
    slab_thickness_mm
        0 for a plane alone.
    source_sop_instance_uids
        Of the slices that it was made of, each once.
    """

    values: NDArray[np.float32]
    row_spacing_mm: float
    column_spacing_mm: float
    grid: Slice | None = None
    slab_thickness_mm: float = 0.0
    source_sop_instance_uids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class OutputSeries:
    """Images that belong together, made while they are asked for.

    Attributes
    ----------
    images
        Can be gone through once.
    count
        How many there will be.
    contrast, title, derivation
        What they are: for programs, "MIP coronal" for lists, a sentence for who wants to know how.
    volume
        What they were made of: its units, rescale and frame of reference.
    files
        Where the instances are that the volume was made of, by SOP Instance UID.
    """

    images: Iterator[OutputImage]
    count: int
    contrast: Contrast
    title: str
    derivation: str
    volume: Volume
    files: Mapping[str, Path] = field(default_factory=dict)


def step_between(grids: list[Slice]) -> NDArray[np.float64] | None:
    """Return the step in mm, LPS, from each grid to the next; None where they are no stack of one volume.

    Of one grid alone it is 1 mm along its normal.
    """
    first = grids[0]
    if len(grids) == 1:
        return np.array(first.plane.normal)
    positions = np.array([grid.plane.position_mm for grid in grids])
    step: NDArray[np.float64] = (positions[-1] - positions[0]) / (len(grids) - 1)
    even = positions[0] + np.arange(len(grids))[:, None] * step
    alike = all(
        np.abs(np.subtract(grid.plane.orientation, first.plane.orientation)).max() < _SAME_DIRECTION
        and (grid.rows, grid.columns) == (first.rows, first.columns)
        for grid in grids
    )
    is_even = bool(np.abs(positions - even).max() < _SAME_MM)
    apart = abs(float(step @ np.array(first.plane.normal)))
    return step if alike and is_even and apart > _SAME_MM else None
