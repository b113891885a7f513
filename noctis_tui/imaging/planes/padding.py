"""Voxels that are padding: no samples, replaced by what changes nothing, or by NaN."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.planes.projection import Projection

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from noctis_tui.imaging.volume import Volume

Padding = tuple[float, float]
"""Lowest and highest stored value that is padding, both included (`Volume.stored_padding`)."""


def is_padding(values: NDArray[Any], padding: Padding) -> NDArray[np.bool_]:
    """Tell which stored values are padding."""
    low, high = (values.dtype.type(end) for end in padding)
    if low == high:
        return np.asarray(values == low)
    return np.asarray((values >= low) & (values <= high))


def neutral(projection: Projection, dtype: np.dtype[Any]) -> Any:  # noqa: ANN401 - a number of that type
    """Return the stored value that changes no maximum, minimum or sum."""
    if projection is Projection.MEAN:
        return dtype.type(0)
    if dtype.kind == "f":
        return dtype.type(np.nan)
    limits = np.iinfo(dtype)
    return dtype.type(limits.min if projection is Projection.MAX else limits.max)


def without_padding(values: NDArray[Any], padding: Padding, projection: Projection) -> NDArray[Any]:
    """Return a copy of stored values in which padding changes nothing."""
    return np.where(is_padding(values, padding), neutral(projection, values.dtype), values)


def darkest_beside(volume: Volume, limit: float, sign: int) -> float:
    """Return the stored value that stands for padding beside a surface: outside, as dark as air.

    Parameters
    ----------
    volume
        Its value for what is outside of it is taken, where that is outside of the surface.
    limit, sign
        Stored values of at least the limit are inside of the surface, of at most it where the sign is -1.
    """
    outside = (volume.outside_value - volume.rescale_intercept) / volume.rescale_slope
    return min(outside * sign, limit * sign - 1) * sign


def without_gaps(volume: Volume, stored: NDArray[Any], values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return modality values with NaN where voxels, stored likewise, are in none of the files; in place."""
    if volume.has_gaps and volume.stored_padding is not None:
        values[is_padding(stored, volume.stored_padding)] = np.nan
    return values


def between(
    one: NDArray[np.float32], other: NDArray[np.float32], part: float | NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return `one` + (`other` - `one`) * `part`; the nearer alone where the other is NaN."""
    with np.errstate(invalid="ignore"):
        mixed = one + (other - one) * np.float32(part)
    is_lone = np.isnan(mixed)
    np.copyto(mixed, np.where(np.less_equal(part, np.float32(0.5)), one, other), where=is_lone)
    return mixed
