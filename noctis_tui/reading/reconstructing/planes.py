"""Planes, slabs and projections of a volume, one behind the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import floor
from typing import TYPE_CHECKING, Final

from archive.errors import BadInput
from noctis_tui.imaging.patient_space import dot
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.reading.reconstructing.request import Kind
from noctis_tui.reading.reconstruction.headless_plane import PlaneRequest, cut_plane, plane_grid
from noctis_tui.reading.reconstruction.plane_axes import Plane
from noctis_tui.reading.reconstruction.volume_box import VolumeBox
from noctis_tui.reading.reconstruction_output.images import OutputImage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.progress import CancelToken
    from noctis_tui.imaging.volume import Volume
    from noctis_tui.reading.reconstructing.request import Reconstruction

MOST_IMAGES = 10_000
_ROUNDING = 1e-6
_SQUARE = 1.001
"""Sides that differ by less, in a ratio, make a square."""
PROJECTIONS: Final = {
    Kind.MPR: Projection.MEAN,
    Kind.MIP: Projection.MAX,
    Kind.MINIP: Projection.MIN,
    Kind.MEAN: Projection.MEAN,
}
"""What becomes of a slab; thick planes of an MPR are means."""


@dataclass(frozen=True, slots=True)
class PlaneStack:
    """Planes at even distances along their normal.

    Attributes
    ----------
    request
        One of them.
    positions_mm
        Where they lie, from the volume's first slice or from `request.center_mm`; empty for the only
        projection through everything.
    """

    request: PlaneRequest
    positions_mm: tuple[float, ...]

    @property
    def count(self) -> int:
        """How many images there will be."""
        return len(self.positions_mm) or 1

    def images(self, volume: Volume, token: CancelToken | None) -> Iterator[OutputImage]:
        """Cut one after the other."""
        for request in self._requests():
            cut = cut_plane(volume, request, token=token)
            plane = cut.grid.plane
            yield OutputImage(
                cut.values,
                plane.row_spacing_mm,
                plane.column_spacing_mm,
                cut.grid,
                cut.slab_thickness_mm,
                cut.source_sop_instance_uids,
            )

    def _requests(self) -> Iterator[PlaneRequest]:
        if not self.positions_mm:
            yield self.request
        for position in self.positions_mm:
            if self.request.plane is None:
                yield replace(self.request, center_mm=self._center_at(position), position_mm=None)
            else:
                yield replace(self.request, position_mm=position, center_mm=None)

    def _center_at(self, position_mm: float) -> tuple[float, float, float]:
        center, normal = self.request.center_mm, self.request.normal
        assert center is not None
        assert normal is not None
        x, y, z = (part + way * position_mm for part, way in zip(center, normal, strict=True))
        return x, y, z


def _request(asked: Reconstruction) -> PlaneRequest:
    is_slab = asked.slab_mm is not None or asked.kind is not Kind.MPR
    return PlaneRequest(
        plane=None if asked.plane is None else Plane(asked.plane),
        normal=asked.normal,
        up=asked.up,
        center_mm=asked.center if asked.plane is None else None,
        spacing_mm=asked.spacing_mm,
        slab_mm=asked.slab_mm,
        projection=PROJECTIONS[asked.kind] if is_slab else None,
    )


def with_square_samples(volume: Volume, asked: Reconstruction) -> Reconstruction:
    """Return a request for planes of square samples, for pictures: their pixels have no spacing."""
    if asked.spacing_mm is not None:
        return asked
    plane = plane_grid(volume, _request(asked)).plane
    shortest, longest = sorted((plane.row_spacing_mm, plane.column_spacing_mm))
    return asked if longest < shortest * _SQUARE else replace(asked, spacing_mm=shortest)


def plane_stack(volume: Volume, asked: Reconstruction) -> PlaneStack:
    """Return the planes that are asked for: all of the volume where no range is said.

    Raises
    ------
    BadInput
        The range is empty, or there would be too many.
    """
    request = _request(asked)
    if asked.kind is not Kind.MPR and asked.slab_mm is None:
        return PlaneStack(request, ())
    box, normal = VolumeBox.of(volume), plane_grid(volume, request).plane.normal
    first, last = _reach(box, normal, asked)
    if asked.plane is None:
        request = replace(request, normal=normal, center_mm=asked.center or _first_middle(box))
    step = asked.every_mm or (asked.slab_mm / 2 if asked.slab_mm else box.step_mm(normal))
    return PlaneStack(request, _positions(first, last, step, asked))


def _reach(box: VolumeBox, normal: tuple[float, float, float], asked: Reconstruction) -> tuple[float, float]:
    """Return the positions of the outermost planes that have all of their voxels in the volume."""
    along = box.axis_along(normal) if asked.plane is not None else None
    if along is not None:
        return 0.0, (box.shape[along[0]] - 1) * box.spacing_mm[along[0]]
    half = (box.extent_mm(normal) - box.step_mm(normal)) / 2
    start = asked.center or _first_middle(box)
    away = dot(box.center_mm, normal) - dot(start, normal)
    if box.axis_along(normal) is not None:
        return away - half, away + half
    step = asked.every_mm or box.step_mm(normal)
    count = floor(half / step + _ROUNDING)  # evenly around the middle
    return away - count * step, away + count * step


def _first_middle(box: VolumeBox) -> tuple[float, float, float]:
    return box.point((0.0, (box.shape[1] - 1) / 2, (box.shape[2] - 1) / 2))


def _positions(first: float, last: float, step: float, asked: Reconstruction) -> tuple[float, ...]:
    begin = first if asked.from_mm is None else asked.from_mm
    end = last if asked.to_mm is None else asked.to_mm
    if end < begin - _ROUNDING:
        raise BadInput(
            f"There is no plane from {begin:g} to {end:g} mm: the volume is from {first:g} to {last:g} mm."
        )
    count = floor((end - begin) / step + _ROUNDING) + 1
    if count > MOST_IMAGES:
        raise BadInput(f"There would be {count:,} images: ask for a larger --every.")
    return tuple(begin + number * step for number in range(count))
