"""A bar of a round number of millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from noctis_tui.reading.placement import Placement

_ROUND_MM = tuple(step * 10.0**power for power in range(-3, 4) for step in (1, 2, 5))
_SHORTEST_PX, _SHARE_OF_WIDTH, _LEAST_SHARE = 12, 0.3, 0.12
_TICK_PX = 7


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """How long a bar is, in the patient (or at the detector) and on the screen."""

    length_mm: float
    length_px: float

    @property
    def text(self) -> str:
        """The length as people say it: 5 mm, 2 cm."""
        if self.length_mm < 0.1:
            return f"{self.length_mm * 1000:g} µm"
        return f"{self.length_mm / 10:g} cm" if self.length_mm >= 10 else f"{self.length_mm:g} mm"


def scale_bar(
    placement: Placement, pixel_spacing: tuple[float, float], width_px: int, beside_px: float = 0.0
) -> ScaleBar | None:
    """Return the longest round bar that takes at most 30 % of the width; None when there is no such bar.

    Parameters
    ----------
    placement
        Where the image lies.
    pixel_spacing
        Row spacing, column spacing, mm.
    width_px
        Width of the pane.
    beside_px
        What text takes on each side of the bar, which is shorter then in a narrow pane.
    """
    along = abs(placement.xy) if placement.on_its_side else abs(placement.xx)
    px_per_mm = along / (pixel_spacing[0] if placement.on_its_side else pixel_spacing[1])
    longest = min(_SHARE_OF_WIDTH * width_px, max(width_px - 2 * beside_px, _LEAST_SHARE * width_px))
    fitting = [mm for mm in _ROUND_MM if _SHORTEST_PX <= mm * px_per_mm <= longest]
    return ScaleBar(fitting[-1], fitting[-1] * px_per_mm) if fitting else None


def draw_scale_bar(
    overlay: NDArray[np.uint8],
    bar: ScaleBar,
    baseline: int,
    tick_px: int,
    color_index: int,
    outline_index: int,
) -> None:
    """Draw a bar, centred, with ticks at every tenth or fifth of it, standing on row `baseline`."""
    rows, columns = overlay.shape
    left = round((columns - bar.length_px) / 2)
    right = min(left + round(bar.length_px), columns - 1)
    thickness = max(tick_px // 5, 1)
    if not thickness <= baseline < rows:
        return
    tenths = next((parts for parts in (10, 5) if bar.length_px >= parts * _TICK_PX * thickness), 1)
    marks = []
    for place in range(tenths + 1):
        x = left + round(bar.length_px * place / tenths)
        height = tick_px if place in {0, tenths} else tick_px // 2
        marks.append((max(baseline - height, 0), baseline, x, x + thickness))
    marks.append((baseline - thickness, baseline, left, right + thickness))
    for color, grown in ((outline_index, 1), (color_index, 0)):
        for top, bottom, first, last in marks:
            overlay[max(top - grown, 0) : bottom + grown, max(first - grown, 0) : last + grown] = color
