"""The window that a projection of a whole volume is looked at through first: from what is projected.

The highest values on rays through a body are seldom those that its planes are looked at for: through the
window of an MR's planes its projection is white.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from archive.pixels.voi_lut import Window, automatic_window
from noctis_tui.imaging.planes.padding import is_padding
from noctis_tui.imaging.planes.projection import Projection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from noctis_tui.imaging.volume import Volume

HIGHEST_HU = Window(300.0, 1000.0)
"""The highest of Hounsfield units are bone and contrast medium, on every ray through a body."""
_LEAST_HU = 400.0
"""The lowest values on rays around a patient are air nearly everywhere: a window as narrow as they are apart
would show nothing but noise."""
_RAYS = 32
"""So many of them along each axis, of all that there are, are looked at: from end to end."""


def projected_window(volume: Volume, projection: Projection) -> Window:
    """Return a window that shows the bulk of a projection of a volume from around the patient.

    Parameters
    ----------
    volume
        What is projected.
    projection
        MAX, MIN or MEAN.

    Returns
    -------
    Window
        `HIGHEST_HU` for the highest of Hounsfield units; else from the percentiles of some rays, along the
        two index axes that lie nearest to the horizontal: it stays the same while the volume turns.
    """
    if projection is Projection.MAX and volume.units == "HU":
        return HIGHEST_HU
    kind = projection.of_stored_values(volume.rescale_slope)
    stored = np.concatenate([_projected(volume, axis, kind) for axis in _horizontal(volume)])
    window = automatic_window(stored * np.float64(volume.rescale_slope) + volume.rescale_intercept)
    if volume.units == "HU" and window.width < _LEAST_HU:
        return Window(window.center, _LEAST_HU)
    return window


def _horizontal(volume: Volume) -> tuple[int, ...]:
    """Return the index axes that run least along the patient's length."""
    lengthwise = np.abs(volume.index_to_patient[2, :3]) / volume.spacing_mm
    return tuple(int(axis) for axis in np.argsort(lengthwise, kind="stable")[:2])


def _projected(volume: Volume, axis: int, kind: Projection) -> NDArray[np.float64]:
    """Return what stored values become on some rays along an axis; NaN where there is nothing but padding."""
    stored, padding = volume.stored_values, volume.stored_padding
    steps = [1 if along == axis else max(1, size // _RAYS) for along, size in enumerate(stored.shape)]
    rays = stored[tuple(slice(step // 2, None, step) for step in steps)]
    if padding is None and rays.dtype.kind != "f":
        folded = {Projection.MAX: np.max, Projection.MIN: np.min}.get(kind, np.mean)(rays, axis=axis)
        return np.asarray(folded, np.float64).ravel()
    values = rays.astype(np.float64)
    if padding is not None:
        values[is_padding(rays, padding)] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # rays through padding alone
        folded = {Projection.MAX: np.nanmax, Projection.MIN: np.nanmin}.get(kind, np.nanmean)(
            values, axis=axis
        )
    return np.asarray(folded, np.float64).ravel()
