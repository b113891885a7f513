"""Which canvas a terminal's pictures are drawn on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noctis_tui.graphics.cells.canvas import BlocksCanvas
from noctis_tui.graphics.kitty.canvas import KittyCanvas
from noctis_tui.graphics.kitty.placeholder_canvas import PlaceholderCanvas
from noctis_tui.graphics.sixel.canvas import SixelCanvas

if TYPE_CHECKING:
    from noctis_tui.graphics.canvas import Canvas
    from noctis_tui.graphics.terminal.detection import TerminalGraphics


def canvas_for(graphics: TerminalGraphics) -> Canvas:
    """Give a view its canvas."""
    if graphics.protocol == "sixel":
        return SixelCanvas(graphics)
    if graphics.placeholders:
        return PlaceholderCanvas(has_frames=graphics.placeholders == "frames")
    if graphics.protocol == "kitty":
        return KittyCanvas(moving=graphics.moving)
    return BlocksCanvas(graphics.cells)
