"""Which draft of a picture shows most of it at a share of its bytes.

Noise takes as many bytes as it has greys, edges as many as there are pixels: a noisy slice is best kept in
all its pixels and few greys, a smooth radiograph in few pixels and many greys. Which is better, and how many
greys there may be, is tried on bands of rows, so that any draft is as good as its bytes allow.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image

from noctis_tui.graphics.encoding.dither import Quality
from noctis_tui.graphics.encoding.grey_steps import count_values, grey_steps, index_grey
from noctis_tui.graphics.encoding.png import compressed_lines, encode_draft_png, encode_png
from noctis_tui.graphics.picture import Picture

if TYPE_CHECKING:
    from noctis_tui.graphics.picture import DisplayPixels

LEAST_BYTES = 2000
"""A draft may have so many whatever its share is."""

FACTORS = (1.0, 1.5, 2.0, 3.0, 4.0)
"""How many pixels of what is enlarged one may cover, each way."""

FEWEST, FIRST, MOST = 4, 12, 101
"""Greys, or values of each colour: the fewest, those tried first, the most."""

SINGLE, NEAR = 24, 3
"""Of greys up to so many, those that differ by so few are tried, too."""

POWER = 0.6
"""Bytes are about the greys to this power."""

GRAIN = 0.25
"""Costs next to nothing where there is noise, and bridges the steps of the ramp where there is none."""

BANDS, BAND_ROWS = 6, 24
"""What is tried: so many bands of so many rows, each by itself; every factor divides them."""


class DraftChoice(NamedTuple):
    """How many pixels one of a draft covers, each way, and how many greys it has, 0 for all."""

    factor: float
    greys: int

    def size_px(self, source: DisplayPixels) -> tuple[int, int]:
        """Width and height of the draft."""
        rows, columns = source.shape[:2]
        return max(round(columns / self.factor), 1), max(round(rows / self.factor), 1)


def encode_draft(source: DisplayPixels, choice: DraftChoice) -> bytes:
    """Encode a draft, a PNG that the terminal enlarges.

    Parameters
    ----------
    source
        What it is made of: uint8 [rows, columns] or [rows, columns, 3].
    choice
        What it is to be.
    """
    pixels = _fewer(source, choice)
    if not choice.greys:
        return encode_png(Picture(pixels))
    if pixels.ndim == 3:
        return encode_png(Picture(_in_few_values(pixels, choice.greys)))
    return encode_draft_png(Picture(pixels), Quality((choice.greys,), GRAIN))


def choose_draft(exact: DisplayPixels, source: DisplayPixels, share: float = 0.1) -> DraftChoice:
    """Return the draft that is nearest to a picture at a share of its bytes.

    Parameters
    ----------
    exact
        The picture, uint8 [rows, columns] or [rows, columns, 3].
    source
        What drafts are made of: the same, or the image's own pixels before it was enlarged.
    share
        How much of the exact picture's bytes it may take.
    """
    tried = _bands(source)
    joined = np.concatenate(tried)
    whole = joined if source is exact else np.concatenate(_bands(exact))
    size = len(compressed_lines(whole)) * len(exact) / len(whole)
    budget = max(share * size, LEAST_BYTES) * len(joined) / len(source)
    if source is not exact and len(compressed_lines(joined)) <= budget:
        return DraftChoice(1.0, 0)
    wanted = [_resized(band, _enlarged_px(band, exact.shape[1]), Image.Resampling.BICUBIC) for band in tried]
    best, least_error = DraftChoice(FACTORS[-1], FEWEST), math.inf
    for factor in FACTORS:
        fewer = [_fewer(band, DraftChoice(factor, 0)) for band in tried]
        blurred = sum(map(_squared_error, wanted, fewer)) / len(tried)
        if blurred >= least_error:
            break  # in all its greys it is worse, and so is what has fewer pixels
        few = np.concatenate(fewer)
        if (greys := _best_greys(few, budget)) is None:
            continue
        is_enlarged = factor > 1 or source is not exact
        error = blurred + _rounding_error(few, greys) * (_left_by_enlarging(greys) if is_enlarged else 1)
        if error < least_error:
            best, least_error = DraftChoice(factor, greys), error
    return best


def _best_greys(pixels: DisplayPixels, budget: float) -> int | None:
    """How many greys of those that the budget allows leave the least error, None where it allows none.

    More greys are not always better: a large flat part whose value is near one of them is exact, and costs
    nothing.
    """
    most = _most_greys(pixels, budget)
    if most is None or most > SINGLE:
        return most
    near = sorted(
        range(max(most - NEAR, FEWEST), most + NEAR + 1), key=lambda greys: _rounding_error(pixels, greys)
    )
    return next((greys for greys in near if greys == most or _size(pixels, greys) <= budget), most)


def _most_greys(pixels: DisplayPixels, budget: float) -> int | None:
    """How many greys the budget allows: two sizes are measured, the rest follows."""
    first = _size(pixels, FIRST)
    greys = _within(FIRST * (budget / first) ** (1 / POWER))
    second = _size(pixels, greys)
    if greys == FEWEST and second > budget:
        return None
    power = POWER if greys == FIRST else math.log(second / first) / math.log(greys / FIRST)
    return _within(greys * (budget / second) ** (1 / max(power, POWER / 2)))


def _within(greys: float) -> int:
    return int(min(max(greys, FEWEST), MOST))


def _size(pixels: DisplayPixels, greys: int) -> int:
    if pixels.ndim == 3:
        return len(compressed_lines(_in_few_values(pixels, greys)))
    return len(compressed_lines(index_grey(pixels, grey_steps(greys, GRAIN))))


def _in_few_values(pixels: DisplayPixels, values: int) -> DisplayPixels:
    """What a draft shows: greys as its palette has them, colours rounded one by one."""
    if pixels.ndim == 3:
        step = 255 / (values - 1)
        rounded = np.rint(np.rint(np.arange(256) / step) * step).astype(np.uint8)
        values_seen: DisplayPixels = rounded[pixels]
        return values_seen
    steps = grey_steps(values, GRAIN)
    shown: DisplayPixels = np.rint(steps.percents * 2.55).astype(np.uint8)[index_grey(pixels, steps)]
    return shown


def _rounding_error(pixels: DisplayPixels, greys: int) -> float:
    """Mean squared error of fewer greys."""
    if pixels.ndim == 3:
        return float((255 / (greys - 1)) ** 2 / 12)
    return float(count_values(pixels) @ grey_steps(greys, GRAIN).squared_errors) / pixels.size


def _left_by_enlarging(greys: int) -> float:
    """How much of the squared error of rounding linear enlargement leaves.

    (2 / 3) squared of one that is another in each pixel, all of one that neighbours share, as they do where
    there are few greys.
    """
    return min(4 / 9 + 2 / greys, 1)


def _squared_error(wanted: DisplayPixels, shown: DisplayPixels) -> float:
    """Mean over all pixels, of fewer ones enlarged linearly as terminals do."""
    enlarged = _resized(shown, (wanted.shape[1], wanted.shape[0]), Image.Resampling.BILINEAR)
    error = np.subtract(enlarged, wanted, dtype=np.int16).ravel().astype(np.float32)
    return float(error @ error) / error.size


def _enlarged_px(pixels: DisplayPixels, width: int) -> tuple[int, int]:
    return width, max(round(len(pixels) * width / pixels.shape[1]), 1)


def _fewer(pixels: DisplayPixels, choice: DraftChoice) -> DisplayPixels:
    return _resized(pixels, choice.size_px(pixels), Image.Resampling.LANCZOS)


def _resized(pixels: DisplayPixels, size_px: tuple[int, int], filtered: Image.Resampling) -> DisplayPixels:
    if size_px == (pixels.shape[1], pixels.shape[0]):
        return pixels
    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).resize(size_px, filtered))


def _bands(pixels: DisplayPixels) -> list[DisplayPixels]:
    """Rows from top to bottom; all of a small picture."""
    rows = len(pixels)
    if rows <= BANDS * BAND_ROWS:
        return [pixels]
    begins = np.linspace(0, rows - BAND_ROWS, BANDS + 2)[1:-1].astype(int)
    return [pixels[begin : begin + BAND_ROWS] for begin in begins]
