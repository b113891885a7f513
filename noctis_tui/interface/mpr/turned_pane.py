"""The pane of the whole volume: a projection or a surface, seen from around it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text

from noctis_tui.graphics.picture import OVERLAY_COLORS
from noctis_tui.interface.mpr.pane import VolumePane
from noctis_tui.reading.overlay import voi_text
from noctis_tui.reading.reconstruction.projected_window import projected_window
from noctis_tui.reading.reconstruction.surface_levels import surface_levels
from noctis_tui.reading.reconstruction.turned_picture import (
    CROSSHAIR_INDEX,
    direction_text,
    look_name,
    turned_picture,
)
from noctis_tui.reading.reconstruction.turned_state import Look, TurnedState

if TYPE_CHECKING:
    from archive.pixels.voi_lut import VoiLut, Window
    from archive.progress import CancelToken
    from noctis_tui.graphics.picture import Picture
    from noctis_tui.graphics.terminal.detection import TerminalGraphics
    from noctis_tui.imaging.planes.projection import Projection
    from noctis_tui.imaging.volume import Volume
    from noctis_tui.reading.reconstruction.state import MprState
    from noctis_tui.reading.reconstruction.surface_levels import SurfaceLevel
    from noctis_tui.reading.viewport import ViewState

_QUICK_VOXELS = 4_000_000
"""Volumes of more are drawn at half size while they turn."""


class TurnedPane(VolumePane):
    """Shows the volume from around it."""

    def __init__(self, graphics: TerminalGraphics) -> None:
        super().__init__(graphics, "turned")
        self.state = TurnedState()
        self.levels: tuple[SurfaceLevel, ...] = ()
        self._of: Volume | None = None
        self._windows: dict[Projection, Window] = {}
        self._voi: tuple[Window | VoiLut, str] | None = None
        self._asked: object = None

    @property
    def level(self) -> SurfaceLevel:
        """Where the surface is."""
        return self.state.level or self.levels[0]

    def view_beside(self, planes: ViewState, volume: Volume) -> ViewState:
        """Return what the volume is looked at through; phases keep the window of the first."""
        self._take(volume)
        kind = self.state.projection
        if kind not in self._windows:
            self._windows[kind] = projected_window(volume, kind)
        return self.state.view_beside(planes, self._windows[kind])

    def _take(self, volume: Volume) -> None:
        if volume is self._of:
            return
        if self._of is None or self._of.shape != volume.shape:
            self._windows.clear()
        self._of, self.levels = volume, surface_levels(volume)

    def show(self, volume: Volume, planes: MprState, voi: Window | VoiLut, *, is_named: bool) -> None:
        """Show the volume, unless that is what is shown already."""
        self._take(volume)
        self._voi = voi, planes.view.window_name
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
        """Say what is seen, from where, and through which window: it is another than that of the planes."""
        if not self.levels:
            return
        red, green, blue = OVERLAY_COLORS[CROSSHAIR_INDEX - 1]
        name = Text(look_name(self.state, self.level), style=f"bold rgb({red},{green},{blue})")
        window = voi_text(*self._voi) if self._voi and self.state.look is Look.PROJECTION else ""
        self.name_it(name, direction_text(self.state), window)

    def on_resize(self) -> None:
        """Make the most of the title's line."""
        self.draw_title()
