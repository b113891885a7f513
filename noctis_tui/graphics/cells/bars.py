"""Cells divided by one straight line at an eighth of their height or width."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

EIGHTHS = 8
FIRST_LOWER = 256
"""Where the codes of lower bars begin, behind all masks of blocks: plus n for n eighths."""
FIRST_LEFT = FIRST_LOWER + EIGHTHS
BARS = " ▁▂▃▄▅▆▇ ▏▎▍▌▋▊▉"
"""The characters of the codes from `FIRST_LOWER` on (The Unicode Standard, Block Elements)."""

LEAST_GAIN = 16.0
"""Mean square in display values by which a bar has to be nearer than blocks: less is noise."""


SEAM = 1 / 17
"""The share of a cell that is seen as a seam below characters from a font: a pixel of its height."""


class Bars(NamedTuple):
    """Cells in two colours, divided by a line.

    Attributes
    ----------
    codes
        int64 [cells], from `FIRST_LOWER` on.
    foreground, background
        float32 [cells, channels], the means on both sides.
    gains
        float32 [cells]: how much of the cells' variance lies between both sides.
    """

    codes: NDArray[np.int64]
    foreground: NDArray[np.float32]
    background: NDArray[np.float32]
    gains: NDArray[np.float32]


def best_bars(rows: NDArray[np.float32], columns: NDArray[np.float32], seam: float = 0) -> Bars:
    """Divide each cell where it differs most.

    Parameters
    ----------
    rows, columns
        float32 [cells, 8, channels]: means of the eighths of the cells' height and width.
    seam
        The share of a cell where the background shows instead of a bar along the whole lower edge.
    """
    lying, standing = _cut(rows), _cut(columns)
    lower = Bars(FIRST_LOWER + EIGHTHS - lying.codes, lying.background, lying.foreground, lying.gains)
    left = standing._replace(codes=FIRST_LEFT + standing.codes)
    if seam:
        _take_seam(lower, seam * np.ones(1))
        _take_seam(left, standing.codes * (seam / EIGHTHS))
    is_left = left.gains > lower.gains
    return Bars(
        np.where(is_left, left.codes, lower.codes),
        np.where(is_left[:, None], left.foreground, lower.foreground),
        np.where(is_left[:, None], left.background, lower.background),
        np.where(is_left, left.gains, lower.gains),
    )


def _take_seam(bars: Bars, shares: NDArray[np.floating[Any]]) -> None:
    """Take from the gains what is lost where the background shows at the edge: such shares of cells."""
    apart = bars.foreground - bars.background
    bars.gains[:] -= (apart * apart).sum(axis=1) * shares.astype(np.float32)
    bars.gains[apart.sum(axis=1) < 0] = 0  # a bright line in the dark is seen more than a step


def _cut(eighths: NDArray[np.float32]) -> Bars:
    """Cut after so many eighths (the codes) that the means of both sides lie apart; the first is in front."""
    middle = eighths.mean(axis=1)
    sums = np.cumsum(eighths - middle[:, None], axis=1)[:, :-1]
    counts = np.arange(1, EIGHTHS, dtype=np.float32)
    gains = (sums * sums).sum(axis=2) / (counts * (EIGHTHS - counts))
    best = gains.argmax(axis=1)
    cells = np.arange(len(best))
    total, count = sums[cells, best], counts[best][:, None]
    return Bars(best + 1, middle + total / count, middle - total / (EIGHTHS - count), gains[cells, best])
