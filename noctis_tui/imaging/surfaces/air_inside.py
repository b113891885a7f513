"""The air in a body, such as that of the lungs, told from the air around it."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from noctis_tui.imaging.planes.padding import is_padding
from noctis_tui.imaging.surfaces.marching import Level

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from archive.progress import CancelToken
    from noctis_tui.imaging.volume import Volume

_IN_PLANE = np.array([[[0, 0, 0]] * 3, [[0, 1, 0], [1, 1, 1], [0, 1, 0]], [[0, 0, 0]] * 3], np.bool_)
"""Neighbours within a plane."""
_THIN_VOXELS = 3
"""Thin walls of the body are found again so far from thick ones."""

_kept: WeakKeyDictionary[Volume, tuple[float, Volume]] = WeakKeyDictionary()
_lock = Lock()


def air_inside(volume: Volume, threshold: float, token: CancelToken | None = None) -> Volume:
    """Return the negative of a volume without the air around the body: what lies in it has the high values.

    The body is the largest piece of what is not air. Air is inside where the body surrounds it in a plane
    across the patient: lungs are, though the windpipe is open and the first and the last plane cut through
    them; the foam of the table, the air under a blanket and what reaches padding are not.

    Parameters
    ----------
    volume
        Modality values of at most the threshold are air, and what is padding.
    threshold
        In the answer, air has at least its negative.
    token
        Looked at between the steps, each of a second or less in a CT of half the size.

    Raises
    ------
    Cancelled
        When the token says so.
    """
    slope, intercept = volume.rescale_slope, volume.rescale_intercept
    stored, is_outside = volume.stored_values, _is_outside(volume)
    is_air = Level((threshold - intercept) / slope, -1 if slope > 0 else 1).inside(stored)
    _look_at(token)
    lengthwise = int(np.argmax(np.abs(volume.index_to_patient[2, :3]) / volume.spacing_mm))
    left = stored.copy()
    across = np.moveaxis(left, lengthwise, 0)  # a view: what is written to it is written to the values
    is_outside = np.moveaxis(is_outside, lengthwise, 0)
    is_air = np.moveaxis(is_air, lengthwise, 0) | is_outside
    is_inside = _inside(_body(~is_air, token), is_outside, token)
    across[is_air & ~is_inside] = _stored(volume, max(0.0, threshold + 1))
    left.setflags(write=stored.flags.writeable)
    # Whole numbers stay whole: the surface keeps clear of them (`Level.between`).
    return replace(
        volume, stored_values=left, rescale_slope=-slope, rescale_intercept=-intercept, padding_range=None
    )


def _stored(volume: Volume, value: float) -> float:
    """Return the stored value of a modality value, or the nearest to it that there is."""
    stored, dtype = (value - volume.rescale_intercept) / volume.rescale_slope, volume.stored_values.dtype
    if dtype.kind == "f":
        return stored
    limits = np.iinfo(dtype)
    return float(np.clip(np.rint(stored), limits.min, limits.max))


def _is_outside(volume: Volume) -> NDArray[np.bool_]:
    """Tell which voxels were not measured."""
    padding = volume.stored_padding
    if padding is None:
        return np.broadcast_to(np.False_, volume.shape)
    return is_padding(volume.stored_values, padding)


def _body(solid: NDArray[np.bool_], token: CancelToken | None) -> NDArray[np.bool_]:
    """Return the largest piece of what is solid; of a sheet that touches it, such as a cover, hardly more."""
    from scipy.ndimage import (  # noqa: PLC0415 - heavy, for surfaces of air alone
        binary_dilation,
        binary_erosion,
        label,
    )

    pieces, count = label(binary_erosion(solid, _IN_PLANE, border_value=1))
    _look_at(token)
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    sizes[0] = 0
    largest = pieces == (int(sizes.argmax()) or -1)
    return np.asarray(binary_dilation(largest, _IN_PLANE, iterations=_THIN_VOXELS, mask=solid))


def _inside(
    body: NDArray[np.bool_], is_outside: NDArray[np.bool_], token: CancelToken | None
) -> NDArray[np.bool_]:
    """Return what a body surrounds, plane by plane; nothing that reaches what was not measured."""
    from scipy.ndimage import label  # noqa: PLC0415 - heavy, for surfaces of air alone

    pieces, count = label(~body, _IN_PLANE)
    _look_at(token)
    is_inside = np.ones(count + 1, np.bool_)
    for side in (pieces[:, 0], pieces[:, -1], pieces[:, :, 0], pieces[:, :, -1]):
        is_inside[np.unique(side)] = False
    is_inside[np.unique(pieces[is_outside])] = False
    is_inside[0] = False
    return np.asarray(is_inside[pieces])


def kept_air_inside(volume: Volume, threshold: float, token: CancelToken | None = None) -> Volume:
    """Return the same, kept as long as the volume is, for the last threshold asked."""
    with _lock:
        kept = _kept.get(volume)
    if kept is None or kept[0] != threshold:
        kept = threshold, air_inside(volume, threshold, token)
        with _lock:
            _kept[volume] = kept
    return kept[1]


def _look_at(token: CancelToken | None) -> None:
    if token is not None:
        token.check()
