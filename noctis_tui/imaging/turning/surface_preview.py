"""Shaded surfaces of a volume from any direction: where rays first meet a threshold, and the light there.

The first slice of which a ray meets a voxel inside is found by shear-warp (`shear_warp`);
the ray itself is then followed around that place, and the gradient of the values gives the surface's normal
(Levoy, M.: Display of surfaces from volume data, IEEE CG&A 8(3), 1988).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.planes.padding import darkest_beside, is_padding
from noctis_tui.imaging.planes.reslicing import coarser
from noctis_tui.imaging.turning import compiled_turning
from noctis_tui.imaging.turning.half_size import half_size
from noctis_tui.imaging.turning.ray_entries import ray_entries
from noctis_tui.imaging.turning.shear_warp import picture_places, shear_warp
from noctis_tui.imaging.turning.sheared_slices import can_hold, first_marked
from noctis_tui.imaging.turning.surface_shading import light_and_eye, shaded
from noctis_tui.imaging.turning.values_between import COMPILED_KINDS

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from archive.progress import CancelToken
    from noctis_tui.imaging.planes.padding import Padding
    from noctis_tui.imaging.slices import Slice
    from noctis_tui.imaging.turning.shear_warp import ShearWarp
    from noctis_tui.imaging.turning.values_between import Replaced
    from noctis_tui.imaging.volume import Volume

AT_ONCE = 16
"""Slices between two looks at the token."""


@dataclass(frozen=True, eq=False)
class SurfaceHits:
    """Where rays meet a surface first.

    Attributes
    ----------
    pixels
        int64 [hits]: the pixels of the flattened picture whose rays do.
    indices
        float64 [3, hits]: where, as voxel index (k, j, i).
    depths_mm
        float64 [hits]: how far behind the plane of the view.
    replaced
        What stands for padding.
    """

    pixels: NDArray[np.intp]
    indices: NDArray[np.float64]
    depths_mm: NDArray[np.float64]
    replaced: Replaced | None = None


def surface_preview(
    volume: Volume,
    view: Slice,
    threshold: float,
    *,
    draft: bool = False,
    token: CancelToken | None = None,
) -> NDArray[np.uint8]:
    """Draw the surface at a threshold as light from over the left shoulder shows it.

    Parameters
    ----------
    volume
        What to look at. Values of at least the threshold are inside, padding is outside.
    view
        The grid of the picture, anywhere along its normal; `turned_view` makes them.
    threshold
        A modality value; `noctis_tui.imaging.surfaces.surface_presets` has those of tissues.
    draft
        Looks at half as many voxels along each axis (`half_size`), whose first making takes longer, and at
        every second pixel.
    token
        Looked at every `AT_ONCE` slices.

    Returns
    -------
    NDArray[np.uint8]
        [rows, columns] of the view: 0 where there is no surface, else 1 (dark, or far) to 255.

    Raises
    ------
    Cancelled
        When the token says so.
    """
    if draft:
        coarse = surface_preview(half_size(volume, token=token), coarser(view, 2), threshold, token=token)
        return coarse.repeat(2, axis=0).repeat(2, axis=1)[: view.rows, : view.columns]
    hits = surface_hits(volume, view, threshold, token=token)
    out = np.zeros(view.rows * view.columns, np.uint8)
    out[hits.pixels] = shaded(volume, hits, light_and_eye(view))
    return out.reshape(view.rows, view.columns)


def surface_hits(
    volume: Volume, view: Slice, threshold: float, *, token: CancelToken | None = None
) -> SurfaceHits:
    """Return where the rays of a view first meet the surface at a threshold, between the voxels.

    Raises
    ------
    Cancelled
        When the token says so.
    """
    plan = shear_warp(volume, view)
    inside = _Inside(volume, threshold)
    first = _first_slices(volume.stored_values, plan, inside, token)
    places, covered = picture_places(plan, view)
    slices = first.ravel().take(places)
    pixels = np.flatnonzero(covered & (slices >= 0))
    across = plan.sheared_points(view).reshape(2, -1)[:, pixels]
    along = _refined(volume, plan, across, slices.ravel()[pixels].astype(np.float64), inside)
    is_hit = np.isfinite(along)
    pixels, across, along = pixels[is_hit], across[:, is_hit], along[is_hit]
    depths_mm = (along - plan.plane_at[:2] @ across - plan.plane_at[2]) * plan.step_mm
    return SurfaceHits(pixels, plan.voxels(across, along), depths_mm, inside.replaced)


class _Inside:
    """Which stored values are inside: at least a limit, or at most it where the rescale turns them round."""

    def __init__(self, volume: Volume, threshold: float) -> None:
        self.limit = (threshold - volume.rescale_intercept) / volume.rescale_slope
        self.sign = 1 if volume.rescale_slope > 0 else -1
        self.stored_limit = self._stored_limit(volume.stored_values.dtype)
        self.replaced = self._replaced(volume)
        self.padding = self._padding(volume)

    def _stored_limit(self, dtype: np.dtype[Any]) -> float | int:
        """Return the limit as a whole number where values are: comparing integers is several times faster."""
        if dtype.kind == "f":
            return self.limit
        limits = np.iinfo(dtype)
        whole = np.ceil(self.limit * self.sign) * self.sign
        return int(np.clip(whole, limits.min - 1, limits.max + 1))

    def _replaced(self, volume: Volume) -> Replaced | None:
        """Return what stands for padding; nothing need where it is as dark itself."""
        if volume.stored_padding is None:
            return None
        low, high = volume.stored_padding
        darkest = darkest_beside(volume, self.limit, self.sign)
        is_dark = (high if self.sign > 0 else -low) <= darkest * self.sign
        return None if is_dark else (low, high, darkest)

    def _padding(self, volume: Volume) -> Padding | None:
        """Return the range of padding where values in it would be inside; elsewhere nobody need look."""
        if volume.stored_padding is None:
            return None
        low, high = volume.stored_padding
        is_inside = high >= self.limit if self.sign > 0 else low <= self.limit
        return (low, high) if is_inside else None

    def of(self, stored: NDArray[Any]) -> NDArray[np.bool_]:
        """Tell it of stored values."""
        limit = self.stored_limit
        within: NDArray[np.bool_] = stored >= limit if self.sign > 0 else stored <= limit
        return within if self.padding is None else within & ~is_padding(stored, self.padding)


def _first_slices(
    stored: NDArray[Any], plan: ShearWarp, inside: _Inside, token: CancelToken | None
) -> NDArray[np.int16]:
    """Return the slice that each ray of the sheared picture meets first; -1 where it meets none."""
    loops, limit = compiled_turning.loops, inside.stored_limit
    if loops is not None and stored.dtype.char in COMPILED_KINDS and can_hold(stored.dtype, limit):
        is_below, padding = inside.sign < 0, inside.padding
        return first_marked(loops, stored, plan, limit, is_below=is_below, padding=padding, token=token)
    first = np.full(plan.shape, -1, np.int16)
    slices, (rows, columns) = plan.slices(stored), plan.window
    last_first = range(plan.count)[:: -1 if plan.step_mm > 0 else 1]
    for turn, number in enumerate(last_first):
        if token is not None and turn % AT_ONCE == 0:
            token.check()
        row, column = plan.starts[:, number]
        window = first[row : row + rows, column : column + columns]
        np.copyto(window, number, where=inside.of(slices[number]))
    return first


def _refined(
    volume: Volume,
    plan: ShearWarp,
    across: NDArray[np.float64],
    slices: NDArray[np.float64],
    inside: _Inside,
) -> NDArray[np.float64]:
    """Return where along the axis rays enter; NaN where they do not near the slices they were met in."""
    forth = float(np.sign(plan.step_mm))
    here, next_one = plan.voxels(np.zeros((2, 2)), np.array([0.0, forth])).T
    limits = inside.limit, inside.sign
    return slices + forth * ray_entries(
        volume.stored_values, plan.voxels(across, slices), next_one - here, limits, inside.replaced
    )
