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
        /,
    ) -> None:
        """Fill `out` [rows, columns] with rows of a slab, from `first_row` of its grid on.

        `origins` [planes, 3] are the first pixels of planes behind each other, `steps` [2, 3] lead to the
        next row and column; `projection` is 0, 1, 2 for the maximum, minimum and mean.
        """


def _load() -> Loops | None:
    try:
        module = import_module("noctis_tui.imaging._reslice")
    except ImportError:
        return None
    # A checkout that moved on without being built again has a module of other functions.
    return cast("Loops", module) if hasattr(module, "sample") else None


loops = _load()
"""None where they are missing: numpy then samples the same values, in several times the time."""
