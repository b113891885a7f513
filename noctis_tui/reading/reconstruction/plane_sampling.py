"""The values of planes, sampled once for as long as only their window, zoom or labels change."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from math import sqrt
from threading import Lock
from typing import TYPE_CHECKING

from noctis_tui.imaging.planes.reslicing import reslice
from noctis_tui.reading.reconstruction.sampling_grid import sampling_grid

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from archive.progress import CancelToken
    from noctis_tui.imaging.patient_space import Vector
    from noctis_tui.imaging.planes.projection import Projection
    from noctis_tui.imaging.slices import Slice
    from noctis_tui.imaging.volume import Volume
    from noctis_tui.reading.reconstruction.plane_axes import Plane
    from noctis_tui.reading.reconstruction.state import MprState

_KEPT = 6
"""Exact planes and drafts of three panes."""
DRAFT_SAMPLES = 400_000
"""What can be sampled in some 10 ms: drafts take no more."""
_COARSEST = 6.0


@dataclass(frozen=True, slots=True, eq=False)
class SampledPlane:
    """Modality values float32 [rows, columns] of a grid; NaN outside the volume."""

    values: NDArray[np.float32]
    grid: Slice


def samples_of(state: MprState, plane: Plane) -> int:
    """Return about how many samples a plane takes: those of its grid, as often as its slab is deep."""
    grid = sampling_grid(state.box, state.axes.of(plane), state.crosshair_mm)
    depth = state.shown_slab_mm / state.box.step_mm(state.axes.normal(plane))
    if state.box.axis_along(state.axes.normal(plane)) is not None:
        depth /= 8  # whole voxels are projected much faster than points between them are sampled
    return round(grid.rows * grid.columns * (1 + depth))


class PlaneSampling:
    """Samples the planes of one volume; safe between threads."""

    def __init__(self, volume: Volume) -> None:
        self.volume = volume
        self._known: OrderedDict[tuple[Slice, float, Projection], SampledPlane] = OrderedDict()
        self._lock = Lock()

    def sampled(
        self, state: MprState, plane: Plane, *, draft: bool = False, token: CancelToken | None = None
    ) -> SampledPlane:
        """Return the values of a plane; a draft lies coarser where all would take too long.

        Raises
        ------
        Cancelled
            When the token says so.
        """
        coarser = _coarseness(state, plane) if draft else 1.0
        grid = sampling_grid(state.box, state.axes.of(plane), state.crosshair_mm, coarser=coarser)
        asked = grid, state.shown_slab_mm, state.projection
        with self._lock:
            known = self._known.get(asked)
        if known is not None:
            return known
        values = reslice(
            self.volume,
            grid,
            slab_thickness_mm=state.shown_slab_mm,
            projection=state.projection,
            token=token,
        )
        found = SampledPlane(values, grid)
        with self._lock:
            self._known[asked] = found
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return found

    def value_at(self, point_mm: Vector) -> float | None:
        """Return the modality value of the voxel that holds a point; None where there is none, or a gap."""
        k, j, i = (round(place) for place in self.volume.voxel_index(point_mm))
        if not all(0 <= place < count for place, count in zip((k, j, i), self.volume.shape, strict=True)):
            return None
        value = self.volume.modality_value(float(self.volume.stored_values[k, j, i]))
        padding = self.volume.padding_range if self.volume.has_gaps else None
        return value if padding is None or not padding[0] <= value <= padding[1] else None


def is_slow(state: MprState, plane: Plane) -> bool:
    """Tell whether a moving plane is better drawn coarser."""
    return samples_of(state, plane) > DRAFT_SAMPLES


def _coarseness(state: MprState, plane: Plane) -> float:
    """Return how much coarser a plane must be sampled to stay within what a draft may take."""
    samples = samples_of(state, plane)
    if samples <= DRAFT_SAMPLES:
        return 1.0
    return min(sqrt(samples / DRAFT_SAMPLES), _COARSEST)
