"""Projections of a whole volume, or of a slab, from any direction: what turns in the fourth pane.

By shear-warp (`shear_warp`). The compiled loops interpolate between the four voxels of each slice around a
ray, and between the pixels of the sheared picture; numpy takes the nearest of both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.imaging.rescaling import modality_values
from noctis_tui.imaging.turning import compiled_turning
from noctis_tui.imaging.turning.half_size import half_size
from noctis_tui.imaging.turning.shear_warp import picture_places, shear_warp
from noctis_tui.imaging.turning.sheared_slices import between_laid, loops_take, nearest_laid

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from archive.progress import CancelToken
    from noctis_tui.imaging.slices import Slice
    from noctis_tui.imaging.turning.shear_warp import ShearWarp
    from noctis_tui.imaging.turning.sheared_slices import Met
    from noctis_tui.imaging.volume import Volume


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
        What to look through; padding is as good as outside.
    view
        The grid of the picture, anywhere along its normal; `turned_view` makes them.
    projection
        MAX, MIN or MEAN of what lies on a ray. Rays are sampled once in each slice that they cross, of the
        index axis that they cross most slices of.
    slab_thickness_mm
        Looks only at what lies less than half of it before or behind the view's plane; 0 looks at all.
    draft
        Looks through half as many voxels along each axis (`half_size`), whose first making takes longer.
    token
        Looked at every few milliseconds.

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
    met = plan.met(slab_thickness_mm)
    sheared = modality_values(volume, _laid(volume, plan, projection, met, slab_thickness_mm > 0, token))
    sheared[met[1] < met[0]] = np.nan
    return _warped(sheared, plan, view)


def _laid(
    volume: Volume,
    plan: ShearWarp,
    projection: Projection,
    met: Met,
    is_slab: bool,
    token: CancelToken | None,
) -> NDArray[Any]:
    kind = projection.of_stored_values(volume.rescale_slope)
    loops = compiled_turning.loops
    if loops is None or not loops_take(volume):
        return nearest_laid(volume, plan, kind, met, is_slab=is_slab, token=token)
    return between_laid(loops, volume, plan, kind, met, is_slab=is_slab, token=token)


def _warped(sheared: NDArray[np.float32], plan: ShearWarp, view: Slice) -> NDArray[np.float32]:
    """Draw a sheared picture into a view's: between its pixels, or the nearest of them; NaN outside."""
    if compiled_turning.loops is not None:
        values = np.empty((view.rows, view.columns), np.float32)
        numbers = tuple(float(number) for number in plan.picture_to_sheared.ravel())
        compiled_turning.loops.warp(sheared, numbers, values)
        return values
    places, inside = picture_places(plan, view)
    values = sheared.ravel().take(places)
    values[~inside] = np.nan
    return values.reshape(view.rows, view.columns)
