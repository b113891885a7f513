"""Where lengths can be drawn: on the planes, and on the picture along a curve."""

from __future__ import annotations

from math import dist
from typing import TYPE_CHECKING, Protocol

from noctis_tui.interface.mpr.actions import LENGTH_TOOL
from noctis_tui.interface.mpr.curve_pane import CurvePane
from noctis_tui.interface.mpr.plane_pane import PlanePane
from noctis_tui.reading.reconstruction.lengths import Lengths
from noctis_tui.reading.reconstruction.plane_placement import point_under, screen_point
from noctis_tui.reading.reconstruction.strip_lengths import (
    StripLengths,
    along_at,
    arc_at,
    image_point,
    inside,
    strip_point,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from noctis_tui.imaging.patient_space import Vector
    from noctis_tui.interface.mpr.pane import VolumePane
    from noctis_tui.interface.mpr.screen import MprScreen
    from noctis_tui.reading.reconstruction.curve_layout import CurveView

GRAB_LINES = 0.6
"""An end is taken hold of from so near, in heights of a line of text; so far a click may stray."""

Spot = tuple[float, float]


class Ruler(Protocol):
    """Knows where the points of a kind of picture are; points are mm of that kind."""

    lengths: Lengths

    @property
    def here(self) -> Vector | None:
        """The point that keys set ends at; None while there is none."""

    def go_to(self, point_mm: Vector) -> None:
        """Let the keys set ends at a point."""

    def point_under(self, pane: VolumePane, at_px: Spot) -> Vector | None:
        """Return what is under the mouse; beyond the picture its border; None where nothing can be."""

    def end_near(self, pane: VolumePane, at_px: Spot) -> int | None:
        """Return the end, counted through all lengths, that is seen near a point of the screen."""

    def let_go(self) -> None:
        """Give up what is half drawn; nothing stays chosen."""


class PlaneRuler:
    """Lengths between points of the patient: ends are set at the crosshair."""

    def __init__(self, screen: MprScreen) -> None:
        self._screen = screen
        self.lengths = Lengths()

    @property
    def here(self) -> Vector | None:
        """The crosshair."""
        return self._screen.state.crosshair_mm if self._screen.state is not None else None

    def go_to(self, point_mm: Vector) -> None:
        """Put the crosshair there."""
        if self._screen.state is not None:
            self._screen.change(self._screen.state.at(point_mm))

    def point_under(self, pane: VolumePane, at_px: Spot) -> Vector | None:
        """Return what is under the mouse, on the plane; beyond the volume its border."""
        state = self._screen.state
        if state is None or not isinstance(pane, PlanePane):
            return None
        point = point_under(state, pane.plane, at_px, pane.picture.pixel_size)
        return point if state.box.contains(point) else state.box.toward(state.crosshair_mm, point)

    def end_near(self, pane: VolumePane, at_px: Spot) -> int | None:
        """Return the end that is seen in a plane near a point of the screen."""
        state = self._screen.state
        if state is None or not isinstance(pane, PlanePane):
            return None
        plane, size = pane.plane, pane.picture.pixel_size
        ends = (
            (screen_point(state, plane, end, size), place)
            for place, end in enumerate(_ends(self.lengths))
            if state.distance_mm(plane, end) <= state.reach_mm(plane)
        )
        return _nearest(ends, at_px, pane.line_px)

    def let_go(self) -> None:
        """Give up what is half drawn."""
        self.lengths = Lengths(self.lengths.drawn)


class StripRuler:
    """Lengths on the picture along a curve: ends are set at a cross of its own, where the reader is along it.

    What is drawn belongs to the picture as it is: to the curve's points, straightened or not, turned so.
    """

    def __init__(self, screen: MprScreen) -> None:
        self._screen = screen
        self._drawn: dict[object, Lengths] = {}
        self._across_mm = 0.0

    @property
    def lengths(self) -> Lengths:
        """Those of the picture that is shown."""
        return self._drawn.get(_key(self._screen.curving.view), Lengths())

    @lengths.setter
    def lengths(self, lengths: Lengths) -> None:
        self._drawn[_key(self._screen.curving.view)] = lengths

    @property
    def shown(self) -> StripLengths:
        """What the pane shows of it."""
        screen = self._screen
        has_keys = screen.mode == LENGTH_TOOL and screen.active is screen.curve
        return StripLengths(self.lengths, self.here if has_keys else None)

    @property
    def here(self) -> Vector | None:
        """The cross: beside where the reader is along the curve."""
        view = self._screen.curving.view
        layout = self._screen.curve.layout_shown
        if view is None or layout is None:
            return None
        along_mm = along_at(view, layout.grid, view.arc_length_mm)
        return inside(view, layout.grid, (along_mm, self._across_mm, 0.0))

    def go_to(self, point_mm: Vector) -> None:
        """Put the cross there; the planes go along with it."""
        view, layout = self._screen.curving.view, self._screen.curve.layout_shown
        if view is not None and layout is not None:
            along_mm, self._across_mm, _ = inside(view, layout.grid, point_mm)
            self._screen.curving.go_to(arc_at(view, layout.grid, along_mm))

    def move(self, right: int, down: int) -> None:
        """Move the cross by voxels, as they lie on the screen."""
        here, sampling, layout = self.here, self._screen.sampling, self._screen.curve.layout_shown
        if here is None or sampling is None or layout is None:
            return
        along, across = (right, down) if layout.is_lying else (down, right)
        step_mm = min(sampling.volume.spacing_mm)
        self.go_to((here[0] + along * step_mm, here[1] + across * step_mm, 0.0))

    def point_under(self, pane: VolumePane, at_px: Spot) -> Vector | None:
        """Return what of the strip is under the mouse, or its border."""
        view = self._screen.curving.view
        layout = pane.layout_shown if isinstance(pane, CurvePane) else None
        if view is None or layout is None:
            return None
        return inside(view, layout.grid, strip_point(layout.grid, layout.grid_point(at_px)))

    def end_near(self, pane: VolumePane, at_px: Spot) -> int | None:
        """Return the end that is seen near a point of the screen."""
        layout = pane.layout_shown if isinstance(pane, CurvePane) else None
        if layout is None:
            return None
        ends = (
            (layout.screen_point(image_point(layout.grid, end)), place)
            for place, end in enumerate(_ends(self.lengths))
        )
        return _nearest(ends, at_px, pane.line_px)

    def let_go(self) -> None:
        """Give up what is half drawn, on every picture."""
        self._drawn = {key: Lengths(lengths.drawn) for key, lengths in self._drawn.items()}


def _key(view: CurveView | None) -> object:
    return (view.points_mm, view.is_stretched, view.rotation_degrees) if view is not None else None


def _ends(lengths: Lengths) -> Iterable[Vector]:
    return (end for length in lengths.drawn for end in length.ends_mm)


def _nearest(ends: Iterable[tuple[Spot, int]], at_px: Spot, line_px: int) -> int | None:
    away = ((dist(spot, at_px), place) for spot, place in ends)
    near_px = GRAB_LINES * line_px
    nearest = min(away, default=(near_px + 1, 0))
    return nearest[1] if nearest[0] <= near_px else None
