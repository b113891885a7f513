"""How a whole volume is looked at from around it: a frozen state and its pure transitions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from archive.pixels.voi_lut import Window
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.imaging.turning.turned_view import turned_orientation
from noctis_tui.reading.viewport import ZOOM_LIMITS

if TYPE_CHECKING:
    from noctis_tui.imaging.patient_space import Orientation
    from noctis_tui.reading.reconstruction.surface_levels import SurfaceLevel
    from noctis_tui.reading.viewport import ViewState

HIGHEST_HU = Window(300.0, 1000.0)
_PROJECTIONS = (Projection.MAX, Projection.MIN, Projection.MEAN)


class Look(Enum):
    """What is drawn of the volume."""

    PROJECTION = "projection"
    SURFACE = "surface"


@dataclass(frozen=True, slots=True)
class TurnedState:
    """From where, how large, and what.

    Attributes
    ----------
    azimuth, elevation
        Degrees, as `turned_orientation` has them: (0, 0) looks at the patient's front.
    zoom
        A multiple of the scale at which nothing is cut off on the way around the patient.
    look, projection
        Of a projection, which.
    level
        Where the surface is; None for the first that is offered.
    window, window_name
        The reader's own window for projections; None before there is one.
    """

    azimuth: float = 0.0
    elevation: float = 0.0
    zoom: float = 1.0
    look: Look = Look.PROJECTION
    projection: Projection = Projection.MAX
    level: SurfaceLevel | None = None
    window: Window | None = None
    window_name: str = ""

    @property
    def orientation(self) -> Orientation:
        """The directions of the picture."""
        return turned_orientation(self.azimuth, self.elevation)

    def turned(self, right: float, up: float) -> TurnedState:
        """Walk around the patient by degrees, and climb; straight above and below are the ends."""
        azimuth = (self.azimuth + right) % 360
        return replace(self, azimuth=azimuth, elevation=min(max(self.elevation + up, -90.0), 90.0))

    def zoomed_by(self, factor: float) -> TurnedState:
        """Magnify."""
        low, high = ZOOM_LIMITS
        return replace(self, zoom=min(max(self.zoom * factor, low), high))

    def looked_at(self, look: Look) -> TurnedState:
        """Draw something else."""
        return replace(self, look=look)

    def with_next_projection(self) -> TurnedState:
        """Go from max to min, mean, and round again."""
        place = _PROJECTIONS.index(self.projection)
        return replace(self, projection=_PROJECTIONS[(place + 1) % len(_PROJECTIONS)])

    def with_level(self, level: SurfaceLevel) -> TurnedState:
        """Put the surface elsewhere."""
        return replace(self, level=level)

    def with_window(self, window: Window | None, name: str = "") -> TurnedState:
        """Look through a window of its own: what lies behind each other needs another than a plane."""
        return replace(self, window=window, window_name=name)

    def view_beside(self, planes: ViewState, units: str) -> ViewState:
        """Return what it is looked at through, beside planes that are looked at through a view.

        The highest of HU are bone and contrast medium: the planes' window would show them white.
        """
        if self.window is not None:
            return planes.with_window(self.window, self.window_name)
        is_highest = self.projection is Projection.MAX and units == "HU"
        return planes.with_window(HIGHEST_HU) if is_highest else planes

    def reset(self) -> TurnedState:
        """Look at the front again; what is drawn stays."""
        return replace(self, azimuth=0.0, elevation=0.0, zoom=1.0, window=None, window_name="")
