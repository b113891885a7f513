"""Which voxels are inside of a surface, and in which slice rays first meet one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.planes.padding import darkest_beside, is_padding
from noctis_tui.imaging.turning import compiled_turning
from noctis_tui.imaging.turning.sheared_slices import can_hold, first_marked
from noctis_tui.imaging.turning.values_between import COMPILED_KINDS

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from archive.progress import CancelToken
    from noctis_tui.imaging.planes.padding import Padding
    from noctis_tui.imaging.turning.shear_warp import ShearWarp
    from noctis_tui.imaging.turning.values_between import Replaced
    from noctis_tui.imaging.volume import Volume

AT_ONCE = 16
"""Slices between two looks at the token."""


class Inside:
    """Which stored values are inside: at least a limit, or at most it where the rescale turns them round."""

    def __init__(self, volume: Volume, threshold: float) -> None:
        self.limit = (threshold - volume.rescale_intercept) / volume.rescale_slope
        self.sign = 1 if volume.rescale_slope > 0 else -1
        self.stored_limit = self._stored_limit(volume.stored_values.dtype)
        self.replaced = self._replaced(volume)
        self.padding = self._padding(volume)

    def _stored_limit(self, dtype: np.dtype[Any]) -> float | int:
        """Return the limit as a whole number where values are: comparing integers is several times faster."""
        if dtype.kind == "f":
            return self.limit
        limits = np.iinfo(dtype)
        whole = np.ceil(self.limit * self.sign) * self.sign
        return int(np.clip(whole, limits.min - 1, limits.max + 1))

    def _replaced(self, volume: Volume) -> Replaced | None:
        """Return what stands for padding; nothing need where it is as dark itself."""
        if volume.stored_padding is None:
            return None
        low, high = volume.stored_padding
        darkest = darkest_beside(volume, self.limit, self.sign)
        is_dark = (high if self.sign > 0 else -low) <= darkest * self.sign
        return None if is_dark else (low, high, darkest)

    def _padding(self, volume: Volume) -> Padding | None:
        """Return the range of padding where values in it would be inside; elsewhere nobody need look."""
        if volume.stored_padding is None:
            return None
        low, high = volume.stored_padding
        is_inside = high >= self.limit if self.sign > 0 else low <= self.limit
        return (low, high) if is_inside else None

    def of(self, stored: NDArray[Any]) -> NDArray[np.bool_]:
        """Tell it of stored values."""
        limit = self.stored_limit
        within: NDArray[np.bool_] = stored >= limit if self.sign > 0 else stored <= limit
        return within if self.padding is None else within & ~is_padding(stored, self.padding)

    def depth_of(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far values are above the limit; below 0 outside."""
        depth: NDArray[np.float64] = (values - self.limit) * self.sign
        return depth


def first_slices(
    stored: NDArray[Any], plan: ShearWarp, inside: Inside, token: CancelToken | None
) -> NDArray[np.int16]:
    """Return the slice that each ray of the sheared picture meets first; -1 where it meets none."""
    loops, limit = compiled_turning.loops, inside.stored_limit
    if loops is not None and stored.dtype.char in COMPILED_KINDS and can_hold(stored.dtype, limit):
        is_below, padding = inside.sign < 0, inside.padding
        return first_marked(loops, stored, plan, limit, is_below=is_below, padding=padding, token=token)
    first = np.full(plan.shape, -1, np.int16)
    slices, (rows, columns) = plan.slices(stored), plan.window
    last_first = range(plan.count)[:: -1 if plan.step_mm > 0 else 1]
    for turn, number in enumerate(last_first):
        if token is not None and turn % AT_ONCE == 0:
            token.check()
        row, column = plan.starts[:, number]
        window = first[row : row + rows, column : column + columns]
        np.copyto(window, number, where=inside.of(slices[number]))
    return first
