"""What is inside around a place, on the average: noise makes single voxels bright, seldom eight together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.turning.first_inside import Inside, first_slices
from noctis_tui.imaging.turning.half_size import half_size
from noctis_tui.imaging.turning.ray_entries import ray_entries
from noctis_tui.imaging.turning.shear_warp import picture_places, shear_warp
from noctis_tui.imaging.turning.values_between import trilinear

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from archive.progress import CancelToken
    from noctis_tui.imaging.slices import Slice
    from noctis_tui.imaging.volume import Volume

_SLICES_BEFORE = 2
"""Nearest voxels are met so much later than values between voxels, at most."""


class Surroundings:
    """Means of up to eight voxels (`half_size`), and a threshold of their own.

    Attributes
    ----------
    depths_mm
        float64 [pixels] of the flattened view: so far behind its plane rays meet nothing inside; infinite
        where they meet none at all.
    """

    def __init__(
        self, volume: Volume, view: Slice, threshold: float, token: CancelToken | None = None
    ) -> None:
        self._coarse = half_size(volume, token=token)
        self._inside = Inside(self._coarse, threshold)
        self._to_coarse = self._coarse.patient_to_index @ volume.index_to_patient
        plan = shear_warp(self._coarse, view)
        first = first_slices(self._coarse.stored_values, plan, self._inside, token)
        places, covered = picture_places(plan, view)
        slices = first.ravel().take(places)
        across = plan.sheared_points(view).reshape(2, -1)
        depths = (slices - plan.plane_at[:2] @ across - plan.plane_at[2]) * plan.step_mm
        met = covered & (slices >= 0)
        self.depths_mm = np.where(met, depths - _SLICES_BEFORE * abs(plan.step_mm), np.inf)

    def depth_of(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far means are above the threshold at voxel indices of the volume, [3, points]."""
        indices = self._to_coarse[:3, :3] @ points + self._to_coarse[:3, 3:]
        return self._inside.depth_of(trilinear(self._coarse.stored_values, indices, self._inside.replaced))

    def entries(self, starts: NDArray[np.float64], way: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return after how many steps rays enter what is inside on the average (`ray_entries`)."""
        turn, first = self._to_coarse[:3, :3], self._to_coarse[:3, 3:]
        inside, stored = self._inside, self._coarse.stored_values
        return ray_entries(
            stored, turn @ starts + first, turn @ way, (inside.limit, inside.sign), inside.replaced
        )
