"""How three planes of a volume are looked at: a frozen state and the pure transitions between its values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import sqrt
from typing import TYPE_CHECKING

from noctis_tui.imaging.patient_space import dot
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.reading.reconstruction.plane_axes import PATIENT_AXES, Plane, PlaneAxes, axes_along
from noctis_tui.reading.viewport import ZOOM_LIMITS, ViewState

if TYPE_CHECKING:
    from noctis_tui.imaging.patient_space import Vector
    from noctis_tui.reading.reconstruction.volume_box import VolumeBox

SLABS_MM = (1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 75.0, 100.0, 150.0, 200.0, 300.0)
FIRST_SLAB_MM = 10.0
_LEAST_SHARE = 0.5
_PROJECTIONS = (Projection.NONE, Projection.MAX, Projection.MIN, Projection.MEAN)


@dataclass(frozen=True, slots=True)
class PlaneZoom:
    """How large a plane is shown: a multiple of the scale that fits the volume, and what is in the middle.

    `right_mm` and `down_mm` say how far, along the picture, the middle of the pane is from the volume's.
    """

    zoom: float = 1.0
    right_mm: float = 0.0
    down_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class MprState:
    """Where the planes are, what they show, how large.

    Attributes
    ----------
    box
        The voxels that there are.
    crosshair_mm
        The point that all three planes go through, LPS; always inside the box.
    axes
        How the planes lie.
    home
        How they lay before they were turned.
    projection, slab_mm
        What is shown of the slab around each plane; its thickness is kept while there is no projection.
    zooms
        Of each plane, in the order of `Plane`.
    view
        Window, inversion and how much is written over the pictures, for all planes.
    is_beside
        Whether the planes are shown beside each other, in panes of one size, instead of one by one.
    """

    box: VolumeBox
    crosshair_mm: Vector
    axes: PlaneAxes = PATIENT_AXES
    home: PlaneAxes = PATIENT_AXES
    projection: Projection = Projection.NONE
    slab_mm: float = FIRST_SLAB_MM
    zooms: tuple[PlaneZoom, PlaneZoom, PlaneZoom] = (PlaneZoom(), PlaneZoom(), PlaneZoom())
    view: ViewState = field(default_factory=ViewState)
    is_beside: bool = False

    @classmethod
    def of(cls, box: VolumeBox, view: ViewState | None = None) -> MprState:
        """Begin in the middle of a volume, true to the patient; few oblique slices begin as they are."""
        begun = cls(box, box.voxel_center(box.center_mm), view=view or ViewState())
        return begun.along_acquisition() if _is_cut_to_slivers(box) else begun

    @property
    def shown_slab_mm(self) -> float:
        """How thick the planes are; 0 without a projection."""
        return self.slab_mm if self.projection is not Projection.NONE else 0.0

    @property
    def is_turned(self) -> bool:
        """Whether the planes lie otherwise than at first."""
        return self.axes != self.home

    @property
    def is_along_voxels(self) -> bool:
        """Whether all planes are rows of voxels, so that nothing is interpolated."""
        return all(self.box.axis_along(self.axes.normal(plane)) for plane in Plane)

    # ---- the crosshair

    def at(self, point_mm: Vector) -> MprState:
        """Put the crosshair at a point, straight from where it is, as far as there are voxels.

        Where planes are rows of voxels it comes to the centre of the nearest one.
        """
        reached = self.box.toward(self.crosshair_mm, point_mm)
        return replace(self, crosshair_mm=self.settled(reached))

    def settled(self, point_mm: Vector) -> Vector:
        """Return where the crosshair comes to that is put at a point inside."""
        return self.box.voxel_center(point_mm) if self.is_along_voxels else point_mm

    def moved(self, plane: Plane, right: int = 0, down: int = 0) -> MprState:
        """Move the crosshair by voxels within a plane, as they lie on the screen."""
        axes = self.axes
        return self.gone(axes.right(plane), right).gone(axes.down(plane), down)

    def sliced(self, plane: Plane, steps: int) -> MprState:
        """Move a plane by voxels along its normal, away from the reader for positive steps."""
        return self.gone(self.axes.normal(plane), steps)

    def gone(self, direction: Vector, voxels: int) -> MprState:
        """Move the crosshair by voxels in a direction; it stops at the last one."""
        if not voxels:
            return self
        here, far = self.crosshair_mm, voxels * self.box.step_mm(direction)
        x, y, z = (here[part] + direction[part] * far for part in range(3))
        return self.at((x, y, z))

    # ---- the planes

    def turned(self, axis: Vector, degrees: float) -> MprState:
        """Turn the planes about a direction through the crosshair, right-handed."""
        return replace(self, axes=self.axes.turned(axis, degrees))

    def spun(self, plane: Plane, degrees: float) -> MprState:
        """Turn the other two planes: their lines in its picture go clockwise for positive degrees."""
        return self.turned(self.axes.normal(plane), degrees)

    def tilted(self, plane: Plane, degrees: float) -> MprState:
        """Turn a plane about the horizontal of its picture: its upper part goes away for positive degrees."""
        return self.turned(self.axes.right(plane), -degrees)

    def swung(self, plane: Plane, degrees: float) -> MprState:
        """Turn a plane about the vertical of its picture: its right part goes away for positive degrees."""
        return self.turned(self.axes.down(plane), -degrees)

    def along_acquisition(self) -> MprState:
        """Lay the planes along the rows of voxels, as they were acquired."""
        return self._laid(axes_along(self.box.axes))

    def along_patient(self) -> MprState:
        """Lay the planes true to the patient."""
        return self._laid(PATIENT_AXES)

    def _laid(self, axes: PlaneAxes) -> MprState:
        laid = replace(self, axes=axes, home=axes)
        return replace(laid, crosshair_mm=laid.settled(self.crosshair_mm))

    # ---- the slab

    def with_next_projection(self) -> MprState:
        """Go from none to max, min, mean, and round again."""
        place = _PROJECTIONS.index(self.projection)
        return replace(self, projection=_PROJECTIONS[(place + 1) % len(_PROJECTIONS)])

    def with_slab(self, slab_mm: float, projection: Projection | None = None) -> MprState:
        """Make the slab so thick, and show so much of it."""
        return replace(self, slab_mm=max(slab_mm, 0.0), projection=projection or self.projection)

    def with_slab_step(self, steps: int) -> MprState:
        """Make the slab thicker, thinner for negative steps; without a projection it becomes the highest."""
        if self.projection is Projection.NONE:
            return replace(self, projection=Projection.MAX)
        nearest = min(range(len(SLABS_MM)), key=lambda place: abs(SLABS_MM[place] - self.slab_mm))
        place = min(max(nearest + steps, 0), len(SLABS_MM) - 1)
        return replace(self, slab_mm=SLABS_MM[place])

    # ---- how large

    def zoom_of(self, plane: Plane) -> PlaneZoom:
        """Return how large a plane is shown."""
        return self.zooms[tuple(Plane).index(plane)]

    def zoomed_by(self, plane: Plane, factor: float) -> MprState:
        """Magnify a plane about the crosshair."""
        before = self.zoom_of(plane)
        low, high = ZOOM_LIMITS
        zoom = min(max(before.zoom * factor, low), high)
        right, down = self.in_plane(plane, self.crosshair_mm)
        share = before.zoom / zoom
        wanted = PlaneZoom(
            zoom, right + (before.right_mm - right) * share, down + (before.down_mm - down) * share
        )
        return self._with_zoom(plane, wanted)

    def panned(self, plane: Plane, right_mm: float, down_mm: float) -> MprState:
        """Move a plane's picture on the screen."""
        zoom = self.zoom_of(plane)
        wanted = replace(zoom, right_mm=zoom.right_mm - right_mm, down_mm=zoom.down_mm - down_mm)
        return self._with_zoom(plane, wanted)

    def fitted(self, plane: Plane) -> MprState:
        """Show all of a plane as large as its pane allows."""
        return self._with_zoom(plane, PlaneZoom())

    def _with_zoom(self, plane: Plane, zoom: PlaneZoom) -> MprState:
        across, down = self.box.extent_mm(self.axes.right(plane)), self.box.extent_mm(self.axes.down(plane))
        kept = PlaneZoom(zoom.zoom, _within(zoom.right_mm, across / 2), _within(zoom.down_mm, down / 2))
        zooms = tuple(kept if each is plane else self.zoom_of(each) for each in Plane)
        return replace(self, zooms=(zooms[0], zooms[1], zooms[2]))

    def in_plane(self, plane: Plane, point_mm: Vector) -> tuple[float, float]:
        """Return how far to the right and down on a plane's picture a point lies from the volume's middle."""
        middle = self.box.center_mm
        away = (point_mm[0] - middle[0], point_mm[1] - middle[1], point_mm[2] - middle[2])
        return dot(away, self.axes.right(plane)), dot(away, self.axes.down(plane))

    # ---- what lies in a plane

    def distance_mm(self, plane: Plane, point_mm: Vector) -> float:
        """Return how far a point is from a plane, before or behind it."""
        here = self.crosshair_mm
        away = (point_mm[0] - here[0], point_mm[1] - here[1], point_mm[2] - here[2])
        return abs(dot(away, self.axes.normal(plane)))

    def reach_mm(self, plane: Plane) -> float:
        """Return how far from a plane its picture reaches: half of its slab, or half a voxel."""
        return max(self.shown_slab_mm, self.box.step_mm(self.axes.normal(plane))) / 2

    # ---- the rest

    def laid_out(self, *, is_beside: bool) -> MprState:
        """Show the planes beside each other, or one by one."""
        return replace(self, is_beside=is_beside)

    def with_view(self, view: ViewState) -> MprState:
        """Look through another window."""
        return replace(self, view=view)

    def with_box(self, box: VolumeBox) -> MprState:
        """Go on in another volume, at the same place of the patient where it has one."""
        moved = replace(self, box=box)
        return replace(moved, crosshair_mm=moved.settled(box.inside(self.crosshair_mm)))

    def reset(self) -> MprState:
        """Begin again; how much is written over the pictures stays as the reader chose."""
        return MprState.of(self.box, self.view.reset()).laid_out(is_beside=self.is_beside)


def _is_cut_to_slivers(box: VolumeBox) -> bool:
    """Tell whether planes true to the patient show of no slice as much as half of its shorter side."""
    thick_mm, *sides_mm = (step * count for step, count in zip(box.spacing_mm, box.shape, strict=True))
    cosine = min(max(abs(part) for part in box.axes[0]), 1.0)
    return thick_mm < _LEAST_SHARE * min(sides_mm) * sqrt(1 - cosine**2)


def _within(value: float, limit: float) -> float:
    return min(max(value, -limit), limit)
