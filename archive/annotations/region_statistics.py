"""Mean, deviation, extremes and histogram of the modality values in a region."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, isfinite, sqrt
from typing import TYPE_CHECKING

import numpy as np

from archive.annotations.inclusion import pixels_inside
from archive.annotations.measured_values import measured_values, value_step
from archive.annotations.measurement import Histogram

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from archive.annotations.annotation import Kind, Point
    from archive.pixels.attributes import FrameAttributes

MAXIMUM_CLASSES = 1024


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of the pixels that have a value; None where there are none, or a number is too large to be told."""

    count: int
    padding_count: int
    undefined_count: int
    mean: float | None
    sd: float | None
    min: float | None
    max: float | None


class Region:
    """The values of a grey frame inside an outline, walked in blocks.

    Parameters
    ----------
    kind, points
        As `pixels_inside` takes them.
    stored
        Stored values [rows, columns].
    frame
        Of the same frame: says what the values mean, and which are padding.
    """

    def __init__(
        self, kind: Kind, points: Sequence[Point], stored: NDArray[Any], frame: FrameAttributes
    ) -> None:
        self._kind, self._points, self._stored, self._frame = kind, points, stored, frame

    def statistics(self) -> Statistics:
        """Return the statistics; blocks are merged by Chan, Golub and LeVeque's formula (1983)."""
        count = padding = undefined = 0
        mean = squares = 0.0
        lowest, highest = np.inf, -np.inf
        for values, left_out, meaningless in self._blocks():
            padding, undefined = padding + left_out, undefined + meaningless
            if not len(values):
                continue
            with np.errstate(over="ignore", invalid="ignore"):
                block_mean = float(values.mean())
                away = block_mean - mean
                squares += float(np.square(values - block_mean).sum())
                squares += away * away * count * len(values) / (count + len(values))
            mean += away * len(values) / (count + len(values))
            count += len(values)
            lowest, highest = min(lowest, float(values.min())), max(highest, float(values.max()))
        if not count:
            return Statistics(0, padding, undefined, None, None, None, None)
        sd = sqrt(squares / count) if isfinite(squares) else None
        return Statistics(
            count, padding, undefined, mean if isfinite(mean) else None, sd, float(lowest), float(highest)
        )

    def histogram(self, statistics: Statistics, classes: int) -> Histogram | None:
        """Return at most `classes` classes, between the lowest and the highest value.

        Where values have steps, as integers under a rescale have, every class holds equally many of them.
        """
        if statistics.min is None or statistics.max is None or not isfinite(statistics.max - statistics.min):
            return None
        lowest, width, number = self._classes(statistics.min, statistics.max, classes)
        counts = np.zeros(number, np.int64)
        for values, _, _ in self._blocks():
            place = np.clip(np.floor((values - lowest) / width), 0, number - 1).astype(np.int64)
            counts += np.bincount(place, minlength=number)
        return Histogram(lowest, width, tuple(counts.tolist()))

    def _classes(self, lowest: float, highest: float, classes: int) -> tuple[float, float, int]:
        classes = min(max(1, classes), MAXIMUM_CLASSES)
        step = value_step(self._stored, self._frame)
        if step:
            levels = round((highest - lowest) / step) + 1
            each = ceil(levels / classes)
            return lowest - step / 2, each * step, ceil(levels / each)
        width = (highest - lowest) / classes
        return (lowest, width, classes) if width else (lowest, 1.0, 1)

    def _blocks(self) -> Iterator[tuple[NDArray[np.float64], int, int]]:
        """Yield values, how many pixels are padding, and how many have no finite value."""
        rows, columns = self._stored.shape[:2]
        for block in pixels_inside(self._kind, self._points, (rows, columns)):
            stored = self._stored[block.rows, block.columns][block.inside]
            kept = self._without_padding(stored)
            values = measured_values(kept, self._frame)
            finite = np.isfinite(values)
            if not finite.all():
                values = values[finite]
            yield values, len(stored) - len(kept), len(kept) - len(values)

    def _without_padding(self, stored: NDArray[Any]) -> NDArray[Any]:
        if self._frame.padding_range is None:
            return stored
        lowest, highest = self._frame.padding_range
        kept: NDArray[Any] = stored[(stored < lowest) | (stored > highest)]
        return kept
