"""Where a plane's samples lie in a pane: true to the millimetre, all three planes by the same rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noctis_tui.imaging.patient_space import dot
from noctis_tui.reading.placement import ImageShape, Placement
from noctis_tui.reading.reconstruction.plane_axes import Plane

if TYPE_CHECKING:
    from noctis_tui.imaging.patient_space import Vector
    from noctis_tui.imaging.slices import Slice
    from noctis_tui.reading.reconstruction.state import MprState

_FITTING = 0.96
"""What fits leaves a border free, so that the ends of the volume are seen to be its ends."""
_MARGIN = 0.08
"""The crosshair comes no nearer to a border by itself, as a share of the pane."""


def px_per_mm(state: MprState, plane: Plane, size_px: tuple[int, int]) -> float:
    """Return how many screen pixels a millimetre takes in a pane of a size (width, height).

    What fits is the volume as the planes lay before they were turned, so that turning does not change the
    scale. Planes beside each other have one scale, at which all of them fit.
    """
    fitting = min(_fitting(state, each, size_px) for each in (Plane if state.is_beside else (plane,)))
    return fitting * state.zoom_of(plane).zoom


def _fitting(state: MprState, plane: Plane, size_px: tuple[int, int]) -> float:
    across_mm = state.box.extent_mm(state.home.right(plane))
    down_mm = state.box.extent_mm(state.home.down(plane))
    return min(max(size_px[0], 1) / across_mm, max(size_px[1], 1) / down_mm) * _FITTING


def place_plane(state: MprState, plane: Plane, grid: Slice, size_px: tuple[int, int]) -> Placement:
    """Lay the samples of a plane down in a pane."""
    scale = px_per_mm(state, plane, size_px)
    zoom, spot = state.zoom_of(plane), grid.plane
    right, down = state.in_plane(plane, spot.position_mm)
    xx, yy = spot.column_spacing_mm * scale, spot.row_spacing_mm * scale
    x0 = size_px[0] / 2 + (right - zoom.right_mm) * scale - xx / 2
    y0 = size_px[1] / 2 + (down - zoom.down_mm) * scale - yy / 2
    shape = ImageShape(grid.rows, grid.columns, spot.row_spacing_mm, spot.column_spacing_mm)
    return Placement(shape, xx, 0.0, x0, 0.0, yy, y0, min(xx, yy)).snapped()


def point_under(
    state: MprState, plane: Plane, at_px: tuple[float, float], size_px: tuple[int, int]
) -> Vector:
    """Return the point of a plane, LPS, that is shown at a screen point (x, y) of its pane."""
    scale, zoom = px_per_mm(state, plane, size_px), state.zoom_of(plane)
    here_right, here_down = state.in_plane(plane, state.crosshair_mm)
    right_mm = (at_px[0] - size_px[0] / 2) / scale + zoom.right_mm - here_right
    down_mm = (at_px[1] - size_px[1] / 2) / scale + zoom.down_mm - here_down
    right, down, here = state.axes.right(plane), state.axes.down(plane), state.crosshair_mm
    x, y, z = (here[part] + right[part] * right_mm + down[part] * down_mm for part in range(3))
    return x, y, z


def screen_point(
    state: MprState, plane: Plane, point_mm: Vector, size_px: tuple[int, int]
) -> tuple[float, float]:
    """Return where on its pane a plane shows a point, or what of it lies ahead; undoes `point_under`."""
    scale, zoom = px_per_mm(state, plane, size_px), state.zoom_of(plane)
    right, down = state.in_plane(plane, point_mm)
    return (
        size_px[0] / 2 + (right - zoom.right_mm) * scale,
        size_px[1] / 2 + (down - zoom.down_mm) * scale,
    )


def direction_on_screen(state: MprState, plane: Plane, direction: Vector) -> tuple[float, float]:
    """Return where a direction points in a plane's picture: to the right and down."""
    return dot(direction, state.axes.right(plane)), dot(direction, state.axes.down(plane))


def kept_in_sight(state: MprState, plane: Plane, size_px: tuple[int, int]) -> MprState:
    """Move a magnified plane's picture as little as needed for the crosshair to be in its pane."""
    if state.zoom_of(plane).zoom <= 1:
        return state
    scale = px_per_mm(state, plane, size_px)
    away = [
        place - min(max(place, side * _MARGIN), side * (1 - _MARGIN))
        for place, side in zip(screen_point(state, plane, state.crosshair_mm, size_px), size_px, strict=True)
    ]
    return state.panned(plane, -away[0] / scale, -away[1] / scale) if any(away) else state
