"""Pictures in character cells, which the compositor writes with the rest of the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noctis_tui.graphics import halfcell
from noctis_tui.graphics.canvas import Drawing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noctis_tui.graphics.picture import Picture
    from noctis_tui.graphics.site import Site


class BlocksCanvas:
    """Two pixels a cell; the view hands the cells to the compositor, nothing is written beside it."""

    coarsest = 0
    interleaves = True

    def draw(self, picture: Picture, site: Site, *, level: int) -> Drawing:  # noqa: ARG002 - nothing is coarser
        """Pair the pixels of each cell."""
        return Drawing(picture, site, halves=halfcell.halves(picture))

    def show(self, drawing: Drawing, site: Site, *, again: bool) -> Sequence[bytes] | None:  # noqa: ARG002 - see the class
        """Nothing to write."""
        return () if drawing.site.size_px == site.size_px else None

    def abandon(self) -> bytes:
        """Nothing was written."""
        return b""

    def hide(self) -> bytes:
        """Nothing to hide."""
        return b""

    def forget(self) -> bytes:
        """Nothing kept."""
        return b""
