"""Areas as colour over an image: translucent inside, opaque at their edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from noctis_tui.reading.derived.cielab import Rgb


@dataclass(frozen=True, slots=True)
class Area:
    """What one part covers of an image.

    Attributes
    ----------
    number
        Of the part.
    top, left
        Where `coverage` begins in the image.
    coverage
        0 to 255 [rows, columns], no larger than what is covered at all.
    """

    number: int
    top: int
    left: int
    coverage: NDArray[np.uint8]

    @property
    def name_point(self) -> tuple[float, float]:
        """The middle of its topmost row (column, row), where its name belongs."""
        covered = np.flatnonzero(self.coverage[0])
        return float(self.left + covered[len(covered) // 2]), float(self.top)


def area_of(number: int, coverage: NDArray[np.uint8]) -> Area | None:
    """Cut out what is covered of an image, None when nothing is."""
    rows = np.flatnonzero(coverage.any(axis=1))
    if not len(rows):
        return None
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(coverage[top:bottom].any(axis=0))
    left, right = int(columns[0]), int(columns[-1]) + 1
    return Area(number, top, left, np.ascontiguousarray(coverage[top:bottom, left:right]))


class WashPainter:
    """Lays areas over an image of `rows` x `columns`, the last on top."""

    def __init__(self, rows: int, columns: int) -> None:
        self._premultiplied = np.zeros((rows, columns, 3), np.float32)
        self._alpha = np.zeros((rows, columns), np.float32)

    def add(self, area: Area, rgb: Rgb, opacity: float, *, replacing: bool = False) -> None:
        """Fill an area, as densely as it covers and as `opacity` says, and draw its edge.

        `replacing` takes away what was laid down there before.
        """
        rows, columns = area.coverage.shape
        box = slice(area.top, area.top + rows), slice(area.left, area.left + columns)
        alpha = area.coverage * np.float32(opacity / 255)
        alpha[edge_of(area.coverage)] = 1
        below = (area.coverage == 0).astype(np.float32) if replacing else 1 - alpha
        self._premultiplied[box] *= below[..., None]
        self._premultiplied[box] += alpha[..., None] * np.array(rgb, np.float32)
        self._alpha[box] = alpha + self._alpha[box] * below

    def rgba(self) -> NDArray[np.uint8]:
        """Return what was laid down, straight alpha, uint8 [rows, columns, 4]."""
        rgba = np.empty((*self._alpha.shape, 4), np.uint8)
        rgba[..., :3] = np.clip(self._premultiplied / np.maximum(self._alpha, 1e-6)[..., None] + 0.5, 0, 255)
        rgba[..., 3] = np.clip(self._alpha * 255 + 0.5, 0, 255)
        return rgba


def edge_of(coverage: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return the pixels covered by half or more with one above, below, left or right that is not."""
    inside = np.pad(coverage >= 128, 1)
    surrounded = inside[:-2, 1:-1] & inside[2:, 1:-1] & inside[1:-1, :-2] & inside[1:-1, 2:]
    edge: NDArray[np.bool_] = inside[1:-1, 1:-1] & ~surrounded
    return edge
