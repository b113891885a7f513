"""The compiled loops of planes and slabs, where the machine that installed us had a compiler."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray


class Loops(Protocol):
    """What `_reslice.c` offers; arrays are C-contiguous."""

    def sample(
        self,
        stored: NDArray[Any],
        origins: NDArray[np.float64],
        steps: NDArray[np.float64],
        first_row: int,
        projection: int,
        out: NDArray[np.float32],
        lowest_padding: float = ...,
        highest_padding: float = ...,
        /,
    ) -> None:
        """Fill `out` [rows, columns] with rows of a slab, from `first_row` of its grid on.

        `origins` [planes, 3] are the first pixels of planes behind each other, `steps` [2, 3] lead to the
        next row and column; `projection` is 0, 1, 2 for the maximum, minimum and mean. Voxels in the range of
        padding are none.
        """


class Projections(Protocol):
    """What `_project.c` offers."""

    def project(
        self,
        stored: NDArray[Any],
        axis: int,
        projection: int,
        out: NDArray[Any],
        lowest_padding: float = ...,
        highest_padding: float = ...,
        /,
    ) -> None:
        """Project `stored` [slices, rows, columns], columns without gaps, along an axis into `out`.

        `projection` is 0, 1, 2 for the maximum, minimum and sum, 3 for how many are no padding. `out` is
        C-contiguous and of the type of `stored`, int32 for counts and sums; float32 has no sums.
        """


def _load(name: str, function: str) -> object | None:
    try:
        module = import_module(f"noctis_tui.imaging.planes.{name}")
    except ImportError:
        return None
    # A checkout that moved on without being built again has a module of other functions.
    return module if hasattr(module, function) else None


loops = cast("Loops | None", _load("_reslice", "sample"))
projections = cast("Projections | None", _load("_project", "project"))
"""None where they are missing: numpy then finds the same values, in several times the time."""
