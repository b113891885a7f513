"""The compiled loops of rotating projections, where the machine that installed us had a compiler."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray


class Loops(Protocol):
    """What `_turning.c` offers; arrays are C-contiguous."""

    def lay_slices(
        self,
        stored: NDArray[Any],
        picture: NDArray[Any],
        starts: NDArray[np.int32],
        shares: NDArray[np.float32],
        first: NDArray[np.int32] | None,
        last: NDArray[np.int32] | None,
        axis: int,
        kind: int,
        first_row: int,
        stop_row: int,
        /,
    ) -> None:
        """Lay some rows of each slice along `axis` on a sheared picture, interpolated between four voxels.

        `picture` is float32, or int16 for stored int16 whose range is less than 2^15; `starts` and `shares`
        [2, slices] say where a slice's first voxel lies, the pixel and how far from it; `first` and `last`
        [rows, columns] leave out slices outside of a slab (float32 only); `kind` is 0 maximum, 1 minimum, 2
        sum.
        """

    def warp(
        self, sheared: NDArray[np.float32], to_sheared: tuple[float, ...], picture: NDArray[np.float32], /
    ) -> None:
        """Draw a sheared picture into another by the six numbers of an affine map, between four pixels."""


def _load() -> Loops | None:
    try:
        module = import_module("noctis_tui.imaging._turning")
    except ImportError:
        return None
    # A checkout that moved on without being built again has a module of other functions.
    return cast("Loops", module) if all(hasattr(module, each) for each in ("lay_slices", "warp")) else None


loops = _load()
"""None where they are missing: numpy then looks at the nearest voxels alone."""
