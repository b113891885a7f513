"""What takes hold of things in a pane before a drag becomes a tool's: presses near shapes, drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from noctis_tui.interface.viewer.pane import Pane
    from noctis_tui.reading.marks import Point
    from noctis_tui.reading.placement import Placement

_REACH = 0.6
_LEAST_REACH_PX = 1.5


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the mouse is over a picture.

    Attributes
    ----------
    at_px
        (x, y) in the picture.
    placement
        Where the image lies in it.
    line_px
        Height of a line of text: as exactly as a mouse is that tells cells.
    """

    at_px: Point
    placement: Placement
    line_px: int

    @property
    def reach_px(self) -> float:
        """How far beside a thing still counts as on it."""
        return max(self.line_px * _REACH, _LEAST_REACH_PX)

    @property
    def point(self) -> Point:
        """The image point, moved to the border of the image where it is beside it."""
        column, row = self.placement.image_point(*self.at_px)
        shape = self.placement.shape
        return min(max(column, 0), shape.columns) - 0.5, min(max(row, 0), shape.rows) - 0.5

    @property
    def is_inside(self) -> bool:
        """Whether it is over the image itself."""
        return self.placement.image_pixel(*self.at_px) is not None

    def on_screen(self, point: Point) -> Point:
        """Return where in the picture an image point lies."""
        return self.placement.screen_point(point[0] + 0.5, point[1] + 0.5)


class Hand(Protocol):
    """Who may take the left button before the drag tools do."""

    def press(self, pane: Pane, spot: Spot) -> bool:
        """Take the press, or leave it to the drag tools."""

    def drag(self, pane: Pane, spot: Spot) -> None:
        """Go on with what was taken."""

    def drop(self, pane: Pane, spot: Spot | None) -> None:
        """End what was taken; the mouse may be beside the picture."""

    def hover(self, pane: Pane, spot: Spot) -> None:
        """Note where the mouse is while no button is down."""
