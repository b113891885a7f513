"""Rays through volumes, slowly and in float64: what projections and surfaces are measured against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates
from volume_phantoms import Grid, sampled_volume

from noctis_tui.imaging.planes.projection import Projection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from noctis_tui.imaging.slices import Slice
    from noctis_tui.imaging.volume import Volume


def ray_samples(volume: Volume, view: Slice, step_mm: float = 0.25) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return how far along each ray its samples lie, in mm from the view's plane, and their values.

    [steps] and [steps, rows, columns]; NaN outside the voxels. Trilinear, as the voxels at the border go
    on to their outer faces.
    """
    plane = view.plane
    corners = [
        volume.patient_point(*(end * (size - 1) for end, size in zip(ends, volume.shape, strict=True)))
        for ends in np.ndindex(2, 2, 2)
    ]
    depths = np.array(corners) @ plane.normal - plane.position_along_normal_mm
    margin = max(volume.spacing_mm)
    along = np.arange(depths.min() - margin, depths.max() + margin, step_mm)
    rows, columns = np.mgrid[: view.rows, : view.columns]
    points = (
        np.array(plane.position_mm)
        + columns[..., None] * np.array(plane.row_direction) * plane.column_spacing_mm
        + rows[..., None] * np.array(plane.column_direction) * plane.row_spacing_mm
    )
    points = points[None] + along[:, None, None, None] * np.array(plane.normal)
    indices = np.moveaxis(points @ volume.patient_to_index[:3, :3].T + volume.patient_to_index[:3, 3], -1, 0)
    stored = volume.stored_values.astype(np.float64)
    values = map_coordinates(stored, indices, order=1, mode="nearest")
    values = values * volume.rescale_slope + volume.rescale_intercept
    sizes = np.array(volume.shape).reshape(3, 1, 1, 1)
    values[~((indices >= -0.5) & (indices <= sizes - 0.5)).all(0)] = np.nan
    return along, values


def ray_projection(
    volume: Volume, view: Slice, projection: Projection, *, slab_thickness_mm: float = 0.0
) -> NDArray[np.float64]:
    """Return the projection of 0.25 mm samples, [rows, columns]; NaN where a ray meets nothing."""
    along, values = ray_samples(volume, view)
    if slab_thickness_mm > 0:
        values = values[np.abs(along) <= slab_thickness_mm / 2]
    reduce = {Projection.MAX: np.nanmax, Projection.MIN: np.nanmin, Projection.MEAN: np.nanmean}[projection]
    out = np.full(values.shape[1:], np.nan)
    met = np.isfinite(values).any(0)
    out[met] = reduce(values[:, met], axis=0)
    return out


def body(grid: Grid, dtype: Any = np.int16, **attributes: Any) -> Volume:
    """Return what a CT looks like to a projection: soft tissue with noise, bone, vessels, air around."""
    from volume_phantoms import helix, rod, sphere

    center = grid.center_mm
    size = np.array(grid.shape[::-1]) * grid.spacing_mm[::-1]
    reach = float(size.min()) / 2
    random = np.random.default_rng(1)
    noise = gaussian_filter(random.normal(0, 1, grid.shape), 0.7)
    noise *= 15 / noise.std()
    tissue = sphere(center, reach * 0.95, 40, -1000)
    up = np.array([0, 0, reach * 0.6])
    bone = rod(center - up, center + up, reach * 0.15, 600, 0)
    vessel = helix(center, reach * 0.5, reach * 0.6, 2, max(grid.spacing_mm) * 1.2, 300, 0)

    def values(points: NDArray[np.float64]) -> NDArray[np.float64]:
        clean = tissue(points) + bone(points) + vessel(points)
        return gaussian_filter(clean, 1.2) + noise

    return sampled_volume(grid, values, dtype, **attributes)
