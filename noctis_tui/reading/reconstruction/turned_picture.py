"""A volume seen from around it becomes a picture: a projection or a shaded surface, with its letters."""

from __future__ import annotations

from math import atan2, cos, degrees, hypot, radians, sin
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.graphics.picture import Label, Picture
from noctis_tui.imaging.surfaces.air_inside import kept_air_inside
from noctis_tui.imaging.turning.half_size import half_size
from noctis_tui.imaging.turning.rotating_projection import rotating_projection
from noctis_tui.imaging.turning.surface_preview import surface_preview
from noctis_tui.imaging.turning.turned_view import centered_view
from noctis_tui.reading.drawing import draw_marks
from noctis_tui.reading.marks import Stroke
from noctis_tui.reading.overlay import TEXT_INDEX
from noctis_tui.reading.pixel_values import UNITS, number_text
from noctis_tui.reading.placement import ImageShape, Placement
from noctis_tui.reading.reconstruction.picture_edges import edge_labels, scale_drawn, scale_of
from noctis_tui.reading.reconstruction.plane_picture import (
    DEFAULT_LINE_PX,
    PROJECTION_NAMES,
    display_of,
    window_lines,
)
from noctis_tui.reading.reconstruction.turned_state import Look
from noctis_tui.reading.viewport import OverlayLevel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from archive.pixels.voi_lut import VoiLut, Window
    from archive.progress import CancelToken
    from noctis_tui.imaging.patient_space import Vector
    from noctis_tui.imaging.slices import Slice
    from noctis_tui.imaging.volume import Volume
    from noctis_tui.reading.reconstruction.surface_levels import SurfaceLevel
    from noctis_tui.reading.reconstruction.turned_state import TurnedState
    from noctis_tui.reading.viewport import ViewState

CROSSHAIR_INDEX = 7
_ARM_LINES, _GAP_LINES = 1.1, 0.45
_LEAST_LINES = 7
_SMALLEST_PX = 8
_CLIMB_DEGREES = 20.0
_SPECKS_HU = 150.0
"""So far below the threshold eight voxels are on the average around a speck of noise: one of 700 HU in soft
tissue is, a plate of bone of 400 HU that is one voxel thin is not."""


def turned_picture(
    volume: Volume,
    state: TurnedState,
    level: SurfaceLevel,
    view: ViewState,
    voi: Window | VoiLut,
    crosshair_mm: Vector,
    size_px: tuple[int, int],
    *,
    line_px: int = DEFAULT_LINE_PX,
    is_named: bool = True,
    draft: bool = False,
    token: CancelToken | None = None,
) -> Picture:
    """Draw a volume as it is seen from a direction.

    Parameters
    ----------
    volume
        What to look at.
    state, level
        From where, and what of it; the surface's level.
    view, voi
        The window of projections, whether it is inverted, and how much is written over the picture.
    crosshair_mm
        The point that the planes go through, LPS: shown where it is, whatever lies before it.
    size_px
        Width and height of the pane in square screen pixels.
    line_px
        Height of a line of text.
    is_named
        Whether what is seen is written into the picture.
    draft
        Whether half as many voxels along each axis will do for now.
    token
        Looked at often.

    Raises
    ------
    Cancelled
        When the token says so.
    """
    width, height = (max(side, 1) for side in size_px)
    pixels_of = (max(width, _SMALLEST_PX), max(height, _SMALLEST_PX))
    pixel_mm = _fitting_mm(volume, state.elevation, pixels_of) / state.zoom
    grid = centered_view(volume, state.orientation, pixel_mm, rows=pixels_of[1], columns=pixels_of[0])
    pixels = _pixels(volume, grid, state, level, view, voi, draft=draft, token=token)[:height, :width]
    if view.overlay is OverlayLevel.NONE:
        return Picture(np.ascontiguousarray(pixels))
    placement = Placement(ImageShape(grid.rows, grid.columns), 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0)
    bar = scale_of(grid, placement, (width, height), line_px)
    labels = (
        *_corners(volume, state, level, view, voi, (width, height), line_px, is_named=is_named),
        *edge_labels(grid, bar),
    )
    picture = Picture(np.ascontiguousarray(pixels), scale_drawn(bar, grid, (width, height), line_px), labels)
    return draw_marks(picture, tuple(_cross(grid, crosshair_mm, line_px)), placement, line_px)


def _fitting_mm(volume: Volume, elevation: float, size_px: tuple[int, int]) -> float:
    """Return how many mm a pixel is so that nothing grows while the volume turns.

    Nothing is cut off on the way around the patient, and up to `_CLIMB_DEGREES` above and below nothing
    changes its size; from there on the picture gets smaller where corners of the volume need the room.
    """
    across_mm, deep_mm, high_mm = (
        float(np.abs(volume.index_to_patient[axis, :3]) @ volume.shape) for axis in range(3)
    )
    around_mm = hypot(across_mm, deep_mm)
    steepest = degrees(atan2(around_mm, high_mm))  # where the box is highest, its diagonal upright
    climb = radians(min(max(abs(elevation), _CLIMB_DEGREES), max(steepest, _CLIMB_DEGREES)))
    climbed_mm = high_mm * cos(climb) + around_mm * sin(climb)
    return max(around_mm / size_px[0], climbed_mm / size_px[1])


def look_name(state: TurnedState, level: SurfaceLevel) -> str:
    """Return what is seen: `MIP`, `Surface: Bone`."""
    if state.look is Look.SURFACE:
        return f"Surface: {level.name}"
    return PROJECTION_NAMES[state.projection]


def direction_text(state: TurnedState) -> str:
    """Return from where: `from 30° left, 10° up`; empty from the front."""
    azimuth = state.azimuth if state.azimuth <= 180 else state.azimuth - 360
    parts = [f"{abs(azimuth):.0f}° {'left' if azimuth > 0 else 'right'}"] if round(azimuth) else []
    if round(state.elevation):
        parts.append(f"{abs(state.elevation):.0f}° {'up' if state.elevation > 0 else 'down'}")
    return f"from {', '.join(parts)}" if parts else ""


def level_text(volume: Volume, level: SurfaceLevel) -> str:
    """Return from which value on voxels are inside: `from 300 HU`, of air `below -500 HU`."""
    side = "below" if level.is_air else "from"
    value, unit = number_text(round(level.threshold, 1)), UNITS.get(volume.units, volume.units)
    return f"{side} {value} {unit}".rstrip()


def _pixels(
    volume: Volume,
    grid: Slice,
    state: TurnedState,
    level: SurfaceLevel,
    view: ViewState,
    voi: Window | VoiLut,
    *,
    draft: bool,
    token: CancelToken | None,
) -> NDArray[np.uint8]:
    if state.look is Look.SURFACE:
        if level.is_air:
            return _air_surface(volume, grid, level.threshold, draft=draft, token=token)
        mean = level.threshold - _SPECKS_HU if volume.units == "HU" else None
        return surface_preview(volume, grid, level.threshold, mean_threshold=mean, draft=draft, token=token)
    values = rotating_projection(volume, grid, projection=state.projection, draft=draft, token=token)
    return display_of(values, voi=voi, invert=view.inverted)


def _air_surface(
    volume: Volume, grid: Slice, threshold: float, *, draft: bool, token: CancelToken | None
) -> NDArray[np.uint8]:
    """Draw the air in the body, at half the size: parting it from that around takes long."""
    air = kept_air_inside(half_size(volume, token=token), threshold, token)
    return surface_preview(air, grid, -threshold, draft=draft, token=token)


def _corners(
    volume: Volume,
    state: TurnedState,
    level: SurfaceLevel,
    view: ViewState,
    voi: Window | VoiLut,
    size_px: tuple[int, int],
    line_px: int,
    *,
    is_named: bool,
) -> Iterator[Label]:
    if is_named:
        yield Label(look_name(state, level), "top-left", CROSSHAIR_INDEX)
    if size_px[1] // line_px < _LEAST_LINES:
        return
    shown: tuple[str, ...] = (level_text(volume, level),)
    if state.look is Look.PROJECTION:
        shown = window_lines(voi, view, size_px[0] // line_px)
    lines = [*(shown if view.overlay is OverlayLevel.ALL else ()), direction_text(state)]
    text = "\n".join(filter(None, lines))
    if text:
        yield Label(text, "bottom-left", TEXT_INDEX)


def _cross(grid: Slice, point_mm: Vector, line_px: int) -> Iterator[Stroke]:
    """Give the four arms that point at the crosshair; they leave the point itself free."""
    x, y = grid.plane.image_point(point_mm)
    near, far = _GAP_LINES * line_px, (_GAP_LINES + _ARM_LINES) * line_px
    for across, down in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        ends = ((x + across * near, y + down * near), (x + across * far, y + down * far))
        yield Stroke(ends, CROSSHAIR_INDEX)
