"""The air in a body, such as that of the lungs, told from the air around it."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from noctis_tui.imaging.planes.padding import is_padding

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from archive.progress import CancelToken
    from noctis_tui.imaging.volume import Volume

_kept: WeakKeyDictionary[Volume, tuple[float, Volume]] = WeakKeyDictionary()
_lock = Lock()


def air_inside(volume: Volume, threshold: float, token: CancelToken | None = None) -> Volume:
    """Return the negative of a volume without the air around the body: what lies in it has the high values.

    Air that reaches a side of the picture, or padding, is around the body; the first and the last slice cut
    through lungs.

    Parameters
    ----------
    volume
        Modality values of at most the threshold are air.
    threshold
        In the answer, air has at least its negative.
    token
        Looked at between the steps, each of a second or less in a CT of half the size.

    Raises
    ------
    Cancelled
        When the token says so.
    """
    from scipy.ndimage import label  # noqa: PLC0415 - heavy, for surfaces of air alone

    slope, intercept = volume.rescale_slope, volume.rescale_intercept
    values = (volume.stored_values * np.float32(-slope) - np.float32(intercept)).astype(np.float32)
    _look_at(token)
    is_outside = _is_outside(volume)
    pieces, count = label((values > -threshold) | is_outside)
    _look_at(token)
    is_around = np.zeros(count + 1, np.bool_)
    is_around[np.unique(pieces[np.broadcast_to(is_outside, pieces.shape)])] = True
    for side in (pieces[:, 0], pieces[:, -1], pieces[:, :, 0], pieces[:, :, -1]):
        is_around[np.unique(side)] = True
    is_around[0] = False
    for image, piece in zip(values, pieces, strict=True):
        image[is_around[piece]] = 0
    return replace(volume, stored_values=values, rescale_slope=1.0, rescale_intercept=0.0, padding_range=None)


def _is_outside(volume: Volume) -> NDArray[np.bool_]:
    """Tell which voxels were not measured."""
    padding = volume.stored_padding
    return np.zeros(1, np.bool_) if padding is None else is_padding(volume.stored_values, padding)


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
