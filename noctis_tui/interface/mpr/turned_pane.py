"""The pane of the whole volume: a projection or a surface, seen from around it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text

from noctis_tui.graphics.picture import OVERLAY_COLORS
from noctis_tui.interface.mpr.pane import VolumePane
from noctis_tui.reading.reconstruction.surface_levels import surface_levels
from noctis_tui.reading.reconstruction.turned_picture import (
    CROSSHAIR_INDEX,
    direction_text,
    look_name,
    turned_picture,
)
from noctis_tui.reading.reconstruction.turned_state import TurnedState

if TYPE_CHECKING:
    from archive.pixels.voi_lut import VoiLut, Window
    from archive.progress import CancelToken
    from noctis_tui.graphics.picture import Picture
    from noctis_tui.graphics.terminal.detection import TerminalGraphics
    from noctis_tui.imaging.volume import Volume
    from noctis_tui.reading.reconstruction.state import MprState
    from noctis_tui.reading.reconstruction.surface_levels import SurfaceLevel

_QUICK_VOXELS = 4_000_000
"""Volumes of more are drawn at half size while they turn."""


class TurnedPane(VolumePane):
    """Shows the volume from around it."""

    def __init__(self, graphics: TerminalGraphics) -> None:
        super().__init__(graphics, "turned")
        self.state = TurnedState()
        self.levels: tuple[SurfaceLevel, ...] = ()
        self._of: Volume | None = None
        self._asked: object = None

    @property
    def level(self) -> SurfaceLevel:
        """Where the surface is."""
        return self.state.level or self.levels[0]

    def show(self, volume: Volume, planes: MprState, voi: Window | VoiLut, *, is_named: bool) -> None:
        """Show the volume, unless that is what is shown already."""
        if volume is not self._of:
            self._of, self.levels = volume, surface_levels(volume)
        self.draw_title()
        asked = volume, self.state, planes.view, planes.crosshair_mm, voi, is_named
        if asked == self._asked and self.picture.display:
            return
        self._asked = asked
        self.show_picture()
        token = self.next_token()
        draw = partial(self._draw, volume, self.state, self.level, planes, voi, token, is_named=is_named)
        is_slow = volume.stored_values.size > _QUICK_VOXELS
        self.picture.request(draw, quick=partial(draw, draft=True), is_slow=is_slow)

    def _draw(
        self,
        volume: Volume,
        state: TurnedState,
        level: SurfaceLevel,
        planes: MprState,
        voi: Window | VoiLut,
        token: CancelToken,
        width: int,
        height: int,
        *,
        is_named: bool,
        draft: bool = False,
    ) -> Picture:
        """Draw the volume; in a worker thread."""
        return turned_picture(
            volume,
            state,
            level,
            planes.view,
            voi,
            planes.crosshair_mm,
            (width, height),
            line_px=self.line_px,
            is_named=is_named,
            draft=draft,
            token=token,
        )

    def draw_title(self) -> None:
        """Say what is seen, and from where."""
        if self.levels:
            red, green, blue = OVERLAY_COLORS[CROSSHAIR_INDEX - 1]
            name = Text(look_name(self.state, self.level), style=f"bold rgb({red},{green},{blue})")
            self.name_it(name, direction_text(self.state))

    def on_resize(self) -> None:
        """Make the most of the title's line."""
        self.draw_title()
