"""The compiled loop of curved pictures, where the machine that installed us had a compiler."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray


class Loops(Protocol):
    """What `_curved.c` offers."""

    def sample_lines(
        self,
        stored: NDArray[Any],
        lines: NDArray[np.float64],
        out: NDArray[np.float32],
        lowest_padding: float = ...,
        highest_padding: float = ...,
        /,
    ) -> None:
        """Write trilinear values at the points of lines into `out` [lines, points], NaN outside the volume.

        Each of `lines` [lines, 6] is the voxel index (k, j, i) of its first point and the step to the next.
        Voxels in the range of padding are none: a point whose nearest voxel is one is NaN.
        """


def _load() -> Loops | None:
    try:
        module = import_module("noctis_tui.imaging.curves._curved")
    except ImportError:
        return None
    # A checkout that moved on without being built again has a module of other functions.
    return cast("Loops", module) if hasattr(module, "sample_lines") else None


loops = _load()
"""None where it is missing: numpy then finds the same values, in several times the time."""
