"""The part of an image that a presentation state shows (PS3.3 C.10.4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from noctis_tui.reading.placement import zoom_for_scale
from noctis_tui.reading.viewport import ZOOM_LIMITS

if TYPE_CHECKING:
    from archive.dicom.data_set import DataSet
    from noctis_tui.reading.marks import Point
    from noctis_tui.reading.placement import ImageShape
    from noctis_tui.reading.viewport import ViewState

_FARTHEST = 1 << 20
_TOP_LEFT, _BOTTOM_RIGHT = 0x00700052, 0x00700053
_SIZE_MODE, _MAGNIFICATION = 0x00700100, 0x00700103


@dataclass(frozen=True, slots=True)
class DisplayedArea:
    """Two corners in image pixels (column, row), counted from 1, as they are seen after turning.

    Attributes
    ----------
    top_left, bottom_right
        What comes to the top left and to the bottom right of the pane.
    magnification
        Screen pixels for an image pixel, None where the area is to fill the pane.
    """

    top_left: tuple[int, int]
    bottom_right: tuple[int, int]
    magnification: float | None = None

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom in the image, continuous, the first pixel from 0 to 1."""
        columns = sorted((self.top_left[0], self.bottom_right[0]))
        rows = sorted((self.top_left[1], self.bottom_right[1]))
        return columns[0] - 1.0, rows[0] - 1.0, float(columns[1]), float(rows[1])

    def view_of(self, shape: ImageShape, view: ViewState, size_px: tuple[int, int]) -> ViewState:
        """Return the view, turned already, moved and zoomed so that the area fills the pane."""
        left, top, right, bottom = self.box
        part = replace(shape, columns=max(round(right - left), 1), rows=max(round(bottom - top), 1))
        if self.magnification is not None:
            zoom = zoom_for_scale(shape, view, *size_px, self.magnification)
        else:
            # The scale at which the part fits, as a multiple of the one at which the whole does.
            zoom = zoom_for_scale(shape, view, *size_px) / zoom_for_scale(part, view, *size_px)
        low, high = ZOOM_LIMITS
        moved = view.centered_at((left + right) / 2 / shape.columns, (top + bottom) / 2 / shape.rows)
        return replace(moved, zoom=min(max(zoom, low), high))

    def corners(self, quarter_turns: int, *, mirrored: bool) -> tuple[Point, Point, Point]:
        """Return where in the image the top left, the top right and the bottom left of the display lie.

        Image points as `marks` has them: the centre of the first pixel is (0, 0).
        """
        left, top, right, bottom = (value - 0.5 for value in self.box)
        # In the order in which they are met going round the upright image from its top left.
        around = [(left, top), (right, top), (right, bottom), (left, bottom)]
        if mirrored:
            around = [around[1], around[0], around[3], around[2]]
        turns = quarter_turns % 4
        shown = around[-turns:] + around[:-turns] if turns else around
        return shown[0], shown[1], shown[3]


def read_displayed_area(item: DataSet) -> DisplayedArea | None:
    """Return the area of an item of the Displayed Area Selection Sequence, None when it has no corners."""
    corners = [item.numbers(tag, b"SL")[:2] for tag in (_TOP_LEFT, _BOTTOM_RIGHT)]
    if any(len(corner) != 2 or max(map(abs, corner)) > _FARTHEST for corner in corners):
        return None
    (a, b), (c, d) = corners
    ratio = next(iter(item.numbers(_MAGNIFICATION, b"FL")), 0.0)
    magnified = item.text(_SIZE_MODE).upper() == "MAGNIFY" and 0 < ratio < ZOOM_LIMITS[1]
    return DisplayedArea((int(a), int(b)), (int(c), int(d)), ratio if magnified else None)
