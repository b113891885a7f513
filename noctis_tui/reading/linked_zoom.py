"""The view that shows one image as large as another: in millimetres where both have them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from noctis_tui.reading.placement import place, zoom_for_scale
from noctis_tui.reading.viewport import ZOOM_LIMITS

if TYPE_CHECKING:
    from noctis_tui.reading.placement import ImageShape
    from noctis_tui.reading.viewport import ViewState

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Shown:
    """An image in its pane.

    Attributes
    ----------
    shape
        Of the image.
    spacing_mm
        Row spacing, column spacing (PS3.3 10.7.1.3); None where nobody says.
    size_px
        Width and height of the pane in screen pixels.
    view
        How it is looked at.
    """

    shape: ImageShape
    spacing_mm: tuple[float, float] | None
    size_px: tuple[int, int]
    view: ViewState


def zoomed_like(one: Shown, other: Shown) -> ViewState:
    """Return the view of `other` with the zoom and the place of `one`.

    Where both are calibrated a screen pixel is as many millimetres in both, and as far from the middle of the
    image; else they are magnified by as much from the size at which the whole image fits.
    """
    mm = one.spacing_mm, other.spacing_mm
    if mm[0] is None or mm[1] is None or min(*mm[0], *mm[1]) <= 0:
        return replace(other.view, zoom=one.view.zoom, center=one.view.center)
    placement = place(one.shape, one.view, *one.size_px)
    scale = placement.scale * min(mm[1]) / min(mm[0])
    zoom = zoom_for_scale(other.shape, other.view, *other.size_px, scale)
    zoom = one.view.zoom if abs(zoom - one.view.zoom) < _ROUNDING else zoom
    column = _fraction(one.view.center[0], one.shape.columns * mm[0][1], other.shape.columns * mm[1][1])
    row = _fraction(one.view.center[1], one.shape.rows * mm[0][0], other.shape.rows * mm[1][0])
    low, high = ZOOM_LIMITS
    return replace(other.view, zoom=min(max(zoom, low), high)).centered_at(column, row)


def _fraction(fraction: float, length_mm: float, other_mm: float) -> float:
    """Return which fraction of another length lies as far from its middle."""
    return 0.5 + (fraction - 0.5) * (length_mm / other_mm)
