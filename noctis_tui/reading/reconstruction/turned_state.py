"""How a whole volume is looked at from around it: a frozen state and its pure transitions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.imaging.turning.turned_view import turned_orientation
from noctis_tui.reading.viewport import ZOOM_LIMITS

if TYPE_CHECKING:
    from archive.pixels.voi_lut import Window
    from noctis_tui.imaging.patient_space import Orientation
    from noctis_tui.reading.reconstruction.surface_levels import SurfaceLevel
    from noctis_tui.reading.viewport import ViewState

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
        The reader's own window for the projection; None before there is one.
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
        """Go from max to min, mean, and round again; a window for one of them suits no other."""
        place = _PROJECTIONS.index(self.projection)
        following = _PROJECTIONS[(place + 1) % len(_PROJECTIONS)]
        return replace(self, projection=following, window=None, window_name="")

    def with_level(self, level: SurfaceLevel) -> TurnedState:
        """Put the surface elsewhere."""
        return replace(self, level=level)

    def with_window(self, window: Window | None, name: str = "") -> TurnedState:
        """Look through a window of its own: what lies behind each other needs another than a plane."""
        return replace(self, window=window, window_name=name)

    def view_beside(self, planes: ViewState, first: Window) -> ViewState:
        """Return what the projection is looked at through, beside planes that are looked at through a view.

        Parameters
        ----------
        first
            The window before the reader has chosen one.
        """
        return planes.with_window(self.window or first, self.window_name)

    def reset(self) -> TurnedState:
        """Look at the front again; what is drawn stays."""
        return replace(self, azimuth=0.0, elevation=0.0, zoom=1.0, window=None, window_name="")
