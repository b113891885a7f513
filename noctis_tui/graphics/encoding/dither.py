"""From display values to the few colours of a sixel palette, with the error spread where eyes miss it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.graphics.encoding import compiled
from noctis_tui.graphics.encoding.color_cube import index_color
from noctis_tui.graphics.encoding.grey_steps import count_values, grey_steps, index_grey
from noctis_tui.graphics.labels import overlay_rgb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from noctis_tui.graphics.encoding.grey_steps import GreySteps
    from noctis_tui.graphics.picture import Picture


@dataclass(frozen=True, slots=True)
class Quality:
    """How well the greys of a picture are shown.

    Attributes
    ----------
    greys
        How many greys the ramp has, 2-101. Of several numbers the first that reaches `least_db` in this
        picture is taken, else the last, without grain.
    grain
        How far blue noise spreads the error, 0-1 (`grey_steps`).
    block
        Side of the squares of pixels that take one grey together; the overlay stays sharp.
    least_db
        Peak signal-to-noise ratio that is good enough.
    """

    greys: tuple[int, ...]
    grain: float = 1.0
    block: int = 1
    least_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Indexed:
    """A picture in palette indices.

    Attributes
    ----------
    indices
        uint8 [rows, columns], into `percents`.
    percents
        The palette, uint8 [colors, 3]: red, green and blue as a sixel colour states them, 0-100 %.
    """

    indices: NDArray[np.uint8]
    percents: NDArray[np.uint8]


def index_picture(picture: Picture, quality: Quality, registers: int) -> Indexed:
    """Choose the palette and give every pixel its index: greys or colour cube first, then the overlay.

    Parameters
    ----------
    picture
        Without labels (`labels.draw_labels`).
    quality
        How well a grey picture is shown; a colour picture takes all registers that there are.
    registers
        How many colours the terminal takes, at least 16.
    """
    used = used_overlay(picture.overlay)
    room = min(registers, 256) - min(len(used), registers // 2)
    if picture.is_color:
        indexed = Indexed(*index_color(picture.pixels, room))
    else:
        steps = _steps_for(picture.pixels, quality, room)
        indices = index_grey(picture.pixels, steps, quality.block)
        indexed = Indexed(indices, np.repeat(steps.percents[:, None], 3, axis=1))
    return _with_overlay(indexed, picture.overlay, used, min(registers, 256))


def _steps_for(pixels: NDArray[np.uint8], quality: Quality, room: int) -> GreySteps:
    choices = [grey_steps(min(greys, room), quality.grain) for greys in quality.greys]
    if len(choices) == 1:
        return choices[0]
    choices.append(grey_steps(min(quality.greys[-1], room), 0))
    counts = count_values(pixels)
    most_error = 255**2 / 10 ** (quality.least_db / 10) * pixels.size
    return next((steps for steps in choices if counts @ steps.squared_errors <= most_error), choices[-1])


def used_overlay(overlay: NDArray[np.uint8] | None) -> list[int]:
    """Overlay indices that occur, 0 left out, pure colours before their shades."""
    if overlay is None:
        return []
    used = [int(index) for index in np.flatnonzero(count_values(overlay)) if index]
    return sorted(used, key=lambda index: (index >> 4, index))


def _with_overlay(
    indexed: Indexed, overlay: NDArray[np.uint8] | None, used: Sequence[int], registers: int
) -> Indexed:
    if overlay is None or not used:
        return indexed
    colors = np.array([overlay_rgb(index) for index in used])
    wanted = np.rint(colors * 100 / 255).astype(np.uint8)
    own = registers - len(indexed.percents)
    percents = np.concatenate([indexed.percents, wanted[:own]])
    # Colours beyond what the terminal has room for take the nearest that it has.
    distances = np.abs(wanted[:, None].astype(int) - percents[None].astype(int)).sum(axis=2)
    index_of = np.zeros(256, np.uint8)
    index_of[used] = distances.argmin(axis=1)
    if compiled.loops is None:
        return Indexed(np.where(overlay != 0, index_of[overlay], indexed.indices), percents)
    compiled.loops.overlay(np.ascontiguousarray(overlay), index_of.tobytes(), indexed.indices)
    return Indexed(indexed.indices, percents)
