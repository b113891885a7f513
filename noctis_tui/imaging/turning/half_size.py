"""Volumes of half the size, for drafts: what turns while a key is held down."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from noctis_tui.imaging.planes.padding import is_padding
from noctis_tui.imaging.planes.projection import Projection

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from archive.progress import CancelToken
    from noctis_tui.imaging.planes.padding import Padding
    from noctis_tui.imaging.volume import Volume

_MUCH_COARSER = 2.0
"""An axis whose voxels are already this many times as long as the shortest is left as it is."""

_kept: WeakKeyDictionary[Volume, dict[Projection, Volume]] = WeakKeyDictionary()
_lock = Lock()


def half_size(
    volume: Volume, projection: Projection = Projection.MEAN, *, token: CancelToken | None = None
) -> Volume:
    """Return a volume with every two voxels along each fine axis made one; kept as long as the volume is.

    Padding counts for nothing beside other voxels. What is made of a volume that can still be written - it is
    being filled - is not kept.

    Parameters
    ----------
    volume
        An eighth of its size is needed beside it, more where its slices lie far apart.
    projection
        How voxels are made one: MAX keeps a vessel that is one voxel thin, MIN an airway; MEAN (and NONE)
        keep neither, and nothing seems larger than it is.
    token
        Looked at for each slice.

    Raises
    ------
    Cancelled
        When the token says so; nothing is kept then.
    """
    kind = projection.of_stored_values(volume.rescale_slope)
    kind = Projection.MEAN if kind is Projection.NONE else kind
    with _lock:
        made = _kept.setdefault(volume, {}).get(kind)
    if made is None:
        made = _halved(volume, kind, token)
        if volume.stored_values.flags.writeable:
            return made
        with _lock:
            _kept[volume][kind] = made
    return made


def _halved(volume: Volume, kind: Projection, token: CancelToken | None) -> Volume:
    finest = min(volume.spacing_mm)
    halves = [
        size > 1 and spacing < _MUCH_COARSER * finest
        for size, spacing in zip(volume.shape, volume.spacing_mm, strict=True)
    ]
    affine = volume.index_to_patient.copy()
    for axis in np.flatnonzero(halves):
        affine[:3, 3] += affine[:3, axis] / 2
        affine[:3, axis] *= 2
    stored = _merged(volume, halves, kind, token)
    stored.setflags(write=volume.stored_values.flags.writeable)
    each = 2 if halves[0] else 1
    return replace(
        volume,
        stored_values=stored,
        index_to_patient=affine,
        source_sop_instance_uids=volume.source_sop_instance_uids[::each],
    )


def _merged(volume: Volume, halves: list[bool], kind: Projection, token: CancelToken | None) -> NDArray[Any]:
    stored, padding = volume.stored_values, volume.stored_padding
    shape = [(size + 1) // 2 if half else size for size, half in zip(stored.shape, halves, strict=True)]
    out = np.empty(shape, stored.dtype)
    each = 2 if halves[0] else 1
    for k, merged in enumerate(out):
        if token is not None:
            token.check()
        part = stored[k * each : (k + 1) * each]
        values = _pair(part[0], part[1], kind, padding) if len(part) == 2 else part[0]
        for axis in (0, 1):
            if halves[axis + 1]:
                values = _halve_axis(values, axis, kind, padding)
        merged[...] = values
    return out


def _halve_axis(values: NDArray[Any], axis: int, kind: Projection, padding: Padding | None) -> NDArray[Any]:
    along = np.moveaxis(values, axis, 0)
    evens, odds = along[0::2], along[1::2]
    merged = _pair(evens[: len(odds)], odds, kind, padding)
    if len(evens) > len(odds):
        merged = np.concatenate([merged, evens[-1:]])
    return np.moveaxis(merged, 0, axis)


def _pair(one: NDArray[Any], other: NDArray[Any], kind: Projection, padding: Padding | None) -> NDArray[Any]:
    merged: NDArray[Any]
    if kind is Projection.MEAN:
        is_float = one.dtype.kind == "f"
        merged = (one + other) / 2 if is_float else ((one.astype(np.int32) + other) >> 1).astype(one.dtype)
    else:
        merged = (np.maximum if kind is Projection.MAX else np.minimum)(one, other)
    if padding is None:
        return merged
    return np.where(is_padding(one, padding), other, np.where(is_padding(other, padding), one, merged))
