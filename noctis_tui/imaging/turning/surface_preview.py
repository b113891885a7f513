"""Shaded surfaces of a volume from any direction: where rays first meet a threshold, and the light there.

The first slice of which a ray meets a voxel inside is found by shear-warp (`shear_warp`);
the ray itself is then followed around that place, and the gradient of the values gives the surface's normal
(Levoy, M.: Display of surfaces from volume data, IEEE CG&A 8(3), 1988).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.planes.reslicing import coarser
from noctis_tui.imaging.turning.first_inside import Inside, first_slices
from noctis_tui.imaging.turning.half_size import half_size
from noctis_tui.imaging.turning.ray_entries import ray_entries
from noctis_tui.imaging.turning.shear_warp import picture_places, shear_warp
from noctis_tui.imaging.turning.surface_shading import light_and_eye, shaded
from noctis_tui.imaging.turning.surroundings import Surroundings
from noctis_tui.imaging.turning.values_between import trilinear

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from archive.progress import CancelToken
    from noctis_tui.imaging.slices import Slice
    from noctis_tui.imaging.turning.shear_warp import ShearWarp
    from noctis_tui.imaging.turning.values_between import Replaced
    from noctis_tui.imaging.volume import Volume

_ROUNDS = 8
"""Specks before a surface that a ray is followed through."""


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
    mean_threshold: float | None = None,
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
    mean_threshold
        Where means of eight voxels (`half_size`) are below it nothing is inside: specks of noise are not.
    draft
        Looks at half as many voxels along each axis (`half_size`), whose first making takes longer, and at
        every second pixel.
    token
        Looked at every few slices.

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
    hits = surface_hits(volume, view, threshold, mean_threshold=mean_threshold, token=token)
    out = np.zeros(view.rows * view.columns, np.uint8)
    out[hits.pixels] = shaded(volume, hits, light_and_eye(view))
    return out.reshape(view.rows, view.columns)


def surface_hits(
    volume: Volume,
    view: Slice,
    threshold: float,
    *,
    mean_threshold: float | None = None,
    token: CancelToken | None = None,
) -> SurfaceHits:
    """Return where the rays of a view first meet the surface at a threshold, between the voxels.

    Raises
    ------
    Cancelled
        When the token says so.
    """
    plan = shear_warp(volume, view)
    inside = Inside(volume, threshold)
    around = None if mean_threshold is None else Surroundings(volume, view, mean_threshold, token)
    first = first_slices(volume.stored_values, plan, inside, token)
    places, covered = picture_places(plan, view)
    slices = first.ravel().take(places)
    is_met = covered & (slices >= 0)
    pixels = np.flatnonzero(is_met if around is None else is_met & np.isfinite(around.depths_mm))
    across = plan.sheared_points(view).reshape(2, -1)[:, pixels]
    begun = slices[pixels].astype(np.float64)
    if around is not None:
        begun = _later(plan, begun, across, around.depths_mm[pixels])
    along = _refined(volume, plan, across, begun, inside)
    if around is not None:
        _through_specks(volume, plan, across, along, inside, around)
    is_hit = np.isfinite(along)
    pixels, across, along = pixels[is_hit], across[:, is_hit], along[is_hit]
    depths_mm = (along - plan.plane_at[:2] @ across - plan.plane_at[2]) * plan.step_mm
    return SurfaceHits(pixels, plan.voxels(across, along), depths_mm, inside.replaced)


def _later(
    plan: ShearWarp,
    slices: NDArray[np.float64],
    across: NDArray[np.float64],
    depths_mm: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the slices of rays, or those at a depth where that is farther along them."""
    forth = np.sign(plan.step_mm)
    at_depths = np.round(depths_mm / plan.step_mm + plan.plane_at[:2] @ across + plan.plane_at[2])
    later: NDArray[np.float64] = forth * np.maximum(forth * slices, forth * at_depths)
    return later


def _through_specks(
    volume: Volume,
    plan: ShearWarp,
    across: NDArray[np.float64],
    along: NDArray[np.float64],
    inside: Inside,
    around: Surroundings,
) -> None:
    """Move entries on to where what is around is inside, too, in place; NaN where that is nowhere."""
    forth, way = float(np.sign(plan.step_mm)), _way(plan)
    specks = np.flatnonzero(np.isfinite(along))
    for _ in range(_ROUNDS):
        specks = specks[around.depth_of(plan.voxels(across[:, specks], along[specks])) < 0]
        if not len(specks):
            return
        begun = along[specks] + forth
        begun += forth * around.entries(plan.voxels(across[:, specks], begun), way)
        is_left = np.isfinite(begun)
        along[specks[~is_left]] = np.nan
        specks, begun = specks[is_left], begun[is_left]
        points = plan.voxels(across[:, specks], begun)
        is_outside = inside.depth_of(trilinear(volume.stored_values, points, inside.replaced)) < 0
        along[specks[~is_outside]] = begun[~is_outside]
        specks = specks[is_outside]
        along[specks] = _refined(volume, plan, across[:, specks], begun[is_outside] + forth, inside)
        specks = specks[np.isfinite(along[specks])]
    along[specks] = np.nan


def _refined(
    volume: Volume,
    plan: ShearWarp,
    across: NDArray[np.float64],
    slices: NDArray[np.float64],
    inside: Inside,
) -> NDArray[np.float64]:
    """Return where along the axis rays enter; NaN where they do not near the slices they were met in."""
    limits = inside.limit, inside.sign
    starts = plan.voxels(across, slices)
    entries = ray_entries(volume.stored_values, starts, _way(plan), limits, inside.replaced)
    along: NDArray[np.float64] = slices + np.sign(plan.step_mm) * entries
    return along


def _way(plan: ShearWarp) -> NDArray[np.float64]:
    """Return what leads rays from slice to slice, in voxels."""
    here, next_one = plan.voxels(np.zeros((2, 2)), np.array([0.0, np.sign(plan.step_mm)])).T
    return np.asarray(next_one - here)
