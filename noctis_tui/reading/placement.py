"""Where the image lies in its pane: image points to screen pixels and back, exactly.

Image points are continuous: pixel (column, row) covers [column, column + 1) x [row, row + 1). Screen points
likewise. The picture's corner always falls on a whole screen pixel, so that nothing is interpolated where an
image pixel is one screen pixel.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import floor, isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from noctis_tui.reading.viewport import ViewState

_LARGEST_ASPECT = 20.0


@dataclass(frozen=True, slots=True)
class ImageShape:
    """An image's size in pixels and the size of one pixel.

    `pixel_height` and `pixel_width` matter only as a ratio: Pixel Spacing, Imager Pixel Spacing or Pixel
    Aspect Ratio, rows first as the standard has them.
    """

    rows: int
    columns: int
    pixel_height: float = 1.0
    pixel_width: float = 1.0


@dataclass(frozen=True, slots=True)
class Placement:
    """The affine map from image points to screen points.

    x = xx * column + xy * row + x0 and y = yx * column + yy * row + y0. As the image is laid down upright, on
    its side or mirrored, either (xx, yy) or (xy, yx) are zero.
    """

    shape: ImageShape
    xx: float
    xy: float
    x0: float
    yx: float
    yy: float
    y0: float
    scale: float
    """Screen pixels for the shorter side of an image pixel."""

    def screen_point(self, column: float, row: float) -> tuple[float, float]:
        """Map a continuous image point to the screen."""
        return (
            self.xx * column + self.xy * row + self.x0,
            self.yx * column + self.yy * row + self.y0,
        )

    def image_point(self, x: float, y: float) -> tuple[float, float]:
        """Map a continuous screen point to the image; the inverse of `screen_point`."""
        determinant = self.xx * self.yy - self.xy * self.yx
        dx, dy = x - self.x0, y - self.y0
        return (
            (self.yy * dx - self.xy * dy) / determinant,
            (self.xx * dy - self.yx * dx) / determinant,
        )

    def image_pixel(self, x: float, y: float) -> tuple[int, int] | None:
        """Return the (column, row) of the image pixel under a screen point, None beside the image."""
        column, row = (floor(value) for value in self.image_point(x, y))
        inside = 0 <= column < self.shape.columns and 0 <= row < self.shape.rows
        return (column, row) if inside else None

    def stretched(self, across: float, down: float) -> Placement:
        """The same view on a screen whose sides are so many times as long; `scale` follows the more."""
        return Placement(
            self.shape,
            self.xx * across,
            self.xy * across,
            self.x0 * across,
            self.yx * down,
            self.yy * down,
            self.y0 * down,
            self.scale * max(across, down),
        )

    def snapped(self) -> Placement:
        """The same with the corner of the image on a whole screen pixel, at most half a pixel away."""
        left, top, _, _ = self.screen_box()
        x0, y0 = self.x0 + floor(left + 0.5) - left, self.y0 + floor(top + 0.5) - top
        return replace(self, x0=x0, y0=y0)

    @property
    def on_its_side(self) -> bool:
        """Whether the image's columns run down the screen."""
        return self.xx == 0

    @property
    def directions(self) -> tuple[float, float]:
        """Signs with which the image index that runs across, then down the screen grows there."""
        return self.xx + self.xy, self.yx + self.yy

    def screen_box(self) -> tuple[float, float, float, float]:
        """Return left, top, right, bottom of the whole image on the screen."""
        return _box(self.screen_point(0, 0), self.screen_point(self.shape.columns, self.shape.rows))


def place(shape: ImageShape, view: ViewState, width_px: int, height_px: int) -> Placement:
    """Lay an image down in a pane of `width_px` x `height_px` square screen pixels."""
    per_column, per_row = _relative_pixel_size(shape)
    scale = view.zoom * _fitting_scale(shape, view.quarter_turns, width_px, height_px)
    laid = _laid_down(shape, view, scale, scale * per_column, scale * per_row, width_px, height_px)
    return laid.snapped()


def zoom_for_scale(
    shape: ImageShape, view: ViewState, width_px: int, height_px: int, scale: float = 1.0
) -> float:
    """Return the zoom at which the shorter side of an image pixel is `scale` screen pixels long."""
    return scale / _fitting_scale(shape, view.quarter_turns, width_px, height_px)


def _relative_pixel_size(shape: ImageShape) -> tuple[float, float]:
    width, height = shape.pixel_width, shape.pixel_height
    if not (isfinite(width) and isfinite(height) and width > 0 and height > 0):
        return 1.0, 1.0
    shorter = min(width, height)
    per_column, per_row = width / shorter, height / shorter
    return (per_column, per_row) if max(per_column, per_row) <= _LARGEST_ASPECT else (1.0, 1.0)


def _fitting_scale(shape: ImageShape, quarter_turns: int, width_px: int, height_px: int) -> float:
    per_column, per_row = _relative_pixel_size(shape)
    across, down = shape.columns * per_column, shape.rows * per_row
    if quarter_turns % 2:
        across, down = down, across
    return min(max(width_px, 1) / across, max(height_px, 1) / down)


def _laid_down(
    shape: ImageShape,
    view: ViewState,
    scale: float,
    column_px: float,
    row_px: float,
    width_px: int,
    height_px: int,
) -> Placement:
    cosine, sine = ((1, 0), (0, 1), (-1, 0), (0, -1))[view.quarter_turns % 4]
    sign = -1 if view.mirrored else 1
    xx, xy = sign * cosine * column_px, -sine * row_px
    yx, yy = sign * sine * column_px, cosine * row_px
    column, row = view.center[0] * shape.columns, view.center[1] * shape.rows
    x0 = width_px / 2 - (xx * column + xy * row)
    y0 = height_px / 2 - (yx * column + yy * row)
    return Placement(shape, xx, xy, x0, yx, yy, y0, scale)


def _box(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float, float, float]:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])
