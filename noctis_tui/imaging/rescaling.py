"""Stored values of a volume to modality values (PS3.3 C.11.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from archive.pixels.modality_lut import Rescale, map_stored

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from noctis_tui.imaging.volume import Volume

_WHOLE_IN_FLOAT32 = 2.0**24
_BITS_16 = 2.0**16


def modality_values(
    volume: Volume, stored: NDArray[Any], *, may_overwrite: bool = False
) -> NDArray[np.float32]:
    """Return the modality values of some of a volume's stored values, or of values between them.

    Parameters
    ----------
    volume
        Says which rescale applies.
    stored
        Any shape; integers as they are stored, or floating-point numbers.
    may_overwrite
        Whether float32 may be computed in place.

    Returns
    -------
    NDArray[np.float32]
        Same shape. Computed in float64 and rounded once, but for float32, which stays that.
    """
    slope, intercept = volume.rescale_slope, volume.rescale_intercept
    if stored.dtype != np.float32 and not _is_exact(stored, slope, intercept):
        return np.asarray(map_stored(stored, Rescale(slope, intercept), None), np.float32)
    values = stored.astype(np.float32, copy=not may_overwrite)
    if slope != 1:
        values *= np.float32(slope)
    if intercept != 0:
        values += np.float32(intercept)
    return values


def _is_exact(stored: NDArray[Any], slope: float, intercept: float) -> bool:
    """Tell whether float32 holds every step of the rescale without rounding."""
    whole = float(slope).is_integer() and float(intercept).is_integer()
    return (
        stored.dtype.itemsize <= 2 and whole and abs(slope) * _BITS_16 + abs(intercept) <= _WHOLE_IN_FLOAT32
    )
