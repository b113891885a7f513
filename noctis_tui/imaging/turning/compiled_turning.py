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
        limit: float = 0.0,
        backwards: bool = False,
        lowest_padding: float = ...,
        highest_padding: float = ...,
        /,
    ) -> None:
        """Lay some rows of each slice along `axis` on a sheared picture, interpolated between four voxels.

        `picture` is float32, or int16 for stored int16 whose range is less than 2^15; `starts` and `shares`
        [2, slices] say where a slice's first voxel lies, the pixel and how far from it; `first` and `last`
        [rows, columns] leave out slices outside of a slab (float32 only); `kind` is 0 maximum, 1 minimum, 2
        sum. 3 and 4 mark, in an int16 picture of zeros, where rays first meet a voxel of at least or at most
        `limit`: the more the nearer its slice, by one for each. Voxels in the range of padding are none:
        nothing is laid on the pixels nearest to them. 5 adds one where something is.
        """

    def warp(
        self, sheared: NDArray[np.float32], to_sheared: tuple[float, ...], picture: NDArray[np.float32], /
    ) -> None:
        """Draw a sheared picture into another by the six numbers of an affine map, between four pixels."""


class Points(Protocol):
    """What `_surface.c` offers; arrays are C-contiguous, points are voxel indices, float64 [3, points].

    For voxels in the range of padding stands the value `instead`.
    """

    def values(
        self,
        stored: NDArray[Any],
        indices: NDArray[np.float64],
        out: NDArray[np.float64],
        first: int,
        stop: int,
        lowest_padding: float = ...,
        highest_padding: float = ...,
        instead: float = ...,
        /,
    ) -> None:
        """Write the values at some of the points into `out`, float64 [points]."""

    def differences(
        self,
        stored: NDArray[Any],
        indices: NDArray[np.float64],
        out: NDArray[np.float64],
        first: int,
        stop: int,
        lowest_padding: float = ...,
        highest_padding: float = ...,
        instead: float = ...,
        /,
    ) -> None:
        """Write differences over two voxels along each axis into `out`, float64 [3, points]."""

    def entries(
        self,
        stored: NDArray[Any],
        starts: NDArray[np.float64],
        out: NDArray[np.float64],
        first: int,
        stop: int,
        way_k: float,
        way_j: float,
        way_i: float,
        limit: float,
        sign: float,
        lowest_padding: float = ...,
        highest_padding: float = ...,
        instead: float = ...,
        /,
    ) -> None:
        """Write into `out`, float64 [points], after how many steps of a way rays enter; NaN for never.

        Inside is above the limit where `sign` is 1, below it where it is -1.
        """


def _load(name: str, *functions: str) -> object | None:
    try:
        module = import_module(f"noctis_tui.imaging.turning.{name}")
    except ImportError:
        return None
    # A checkout that moved on without being built again has a module of other functions.
    return module if all(hasattr(module, function) for function in functions) else None


loops = cast("Loops | None", _load("_turning", "lay_slices", "warp"))
"""None where they are missing: numpy then looks at the nearest voxels alone."""
points = cast("Points | None", _load("_surface", "values", "differences", "entries"))
"""None where they are missing: numpy then does the same."""
