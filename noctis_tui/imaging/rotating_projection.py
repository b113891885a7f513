"""Projections of a whole volume, or of a slab, from any direction: what turns in the fourth pane.

By shear-warp (`noctis_tui.imaging.shear_warp`). numpy takes the voxel of each slice that is nearest to a ray.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.half_size import half_size
from noctis_tui.imaging.projection import Projection
from noctis_tui.imaging.rescaling import modality_values
from noctis_tui.imaging.shear_warp import picture_places, shear_warp

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from archive.progress import CancelToken
    from noctis_tui.imaging.shear_warp import ShearWarp
    from noctis_tui.imaging.slices import Slice
    from noctis_tui.imaging.volume import Volume

AT_ONCE = 16
"""Slices between two looks at the token."""


def rotating_projection(
    volume: Volume,
    view: Slice,
    *,
    projection: Projection = Projection.MAX,
    slab_thickness_mm: float = 0.0,
    draft: bool = False,
    token: CancelToken | None = None,
) -> NDArray[np.float32]:
    """Project a volume along the normal of a view.

    Parameters
    ----------
    volume
        What to look through.
    view
        The grid of the picture, anywhere along its normal; `noctis_tui.imaging.turned_view` makes them.
    projection
        MAX, MIN or MEAN of what lies on a ray. Rays are sampled once in each slice that they cross, of the
        index axis that they cross most slices of.
    slab_thickness_mm
        Looks only at what lies less than half of it before or behind the view's plane; 0 looks at all.
    draft
        Looks through half as many voxels along each axis (`half_size`), whose first making takes longer.
    token
        Looked at every `AT_ONCE` slices.

    Returns
    -------
    NDArray[np.float32]
        Modality values, [rows, columns] of the view; NaN where a ray meets nothing.

    Raises
    ------
    ValueError
        The projection is NONE.
    Cancelled
        When the token says so.
    """
    if projection is Projection.NONE:
        raise ValueError("a volume is looked through by MAX, MIN or MEAN")
    if draft:
        volume = half_size(volume, projection, token=token)
    plan = shear_warp(volume, view)
    kind = projection.of_stored_values(volume.rescale_slope)
    sheared = modality_values(volume, _sheared(volume.stored_values, plan, kind, slab_thickness_mm, token))
    first, last = plan.met(slab_thickness_mm)
    sheared[last < first] = np.nan
    return warped(sheared, plan, view)


def _sheared(
    stored: NDArray[Any],
    plan: ShearWarp,
    kind: Projection,
    slab_thickness_mm: float,
    token: CancelToken | None,
) -> NDArray[Any]:
    """Lay the slices on each other, each voxel on the nearest pixel."""
    merge, out = _started(kind, plan.shape, stored.dtype)
    first, last = plan.met(slab_thickness_mm)
    rows, columns = plan.window
    for number, (values, (row, column)) in enumerate(zip(plan.slices(stored), plan.starts.T, strict=True)):
        if token is not None and number % AT_ONCE == 0:
            token.check()
        window = np.s_[row : row + rows, column : column + columns]
        if slab_thickness_mm > 0:
            met = (first[window] <= number) & (number <= last[window])
            merge(out[window], values, out=out[window], where=met)
        else:
            merge(out[window], values, out=out[window])
    if kind is Projection.MEAN:
        out /= np.maximum(last - first + 1, 1)
    return out


def _started(kind: Projection, shape: tuple[int, int], dtype: np.dtype[Any]) -> tuple[np.ufunc, NDArray[Any]]:
    """Return how a value is added to those before it, and the picture before the first one."""
    if kind is Projection.MEAN:
        return np.add, np.zeros(shape, np.float64)
    is_max, is_float = kind is Projection.MAX, dtype.kind == "f"
    if is_float:
        return (np.fmax if is_max else np.fmin), np.full(shape, -np.inf if is_max else np.inf, dtype)
    limits = np.iinfo(dtype)
    return (
        (np.maximum, np.full(shape, limits.min, dtype))
        if is_max
        else (
            np.minimum,
            np.full(shape, limits.max, dtype),
        )
    )


def warped(sheared: NDArray[np.float32], plan: ShearWarp, view: Slice) -> NDArray[np.float32]:
    """Draw a sheared picture into a view's, the nearest pixel each; NaN outside.

    Returns
    -------
    NDArray[np.float32]
        [rows, columns] of the view.
    """
    places, inside = picture_places(plan, view)
    values = sheared.ravel().take(places)
    values[~inside] = np.nan
    return values.reshape(view.rows, view.columns)
