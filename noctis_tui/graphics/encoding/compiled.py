"""The compiled loops of sixel and PNG pictures, where the machine that installed us had a compiler."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Loops(Protocol):
    """What `_sixel.c` offers.

    Pictures are uint8 [rows, columns], whose rows may lie apart; tables are 256 bytes.
    """

    def bands(self, indices: NDArray[np.uint8], overpaint: bool, /) -> tuple[bytes, bytes]:
        """Write the bands of a sixel picture; a byte for each register says whether they use it."""

    def index(
        self,
        pixels: NDArray[np.uint8],
        thresholds: NDArray[np.uint8],
        lower: bytes,
        chance: bytes,
        block: int,
        out: NDArray[np.uint8],
        /,
    ) -> None:
        """Write the levels of display values into `out`."""

    def overlay(self, overlay: NDArray[np.uint8], index_of: bytes, out: NDArray[np.uint8], /) -> None:
        """Write the index of each overlay value but 0 into `out`."""

    def count(self, picture: NDArray[np.uint8], /) -> bytes:
        """How often each value occurs, 256 integers of eight bytes."""


class Filters(Protocol):
    """What `_png.c` offers."""

    def filter(self, lines: NDArray[np.uint8], pixel: int, /) -> bytes:
        """PNG lines, each by the filter that leaves least; lines are uint8 [rows, bytes]."""


def _load(name: str, *functions: str) -> object | None:
    try:
        module = import_module(f"noctis_tui.graphics.encoding.{name}")
    except ImportError:
        return None
    # A checkout that moved on without being built again has a module of other functions.
    return module if all(hasattr(module, function) for function in functions) else None


loops = cast("Loops | None", _load("_sixel", "bands", "index", "overlay", "count"))
filters = cast("Filters | None", _load("_png", "filter"))
"""None where they are missing: numpy then shows the same pixels, in several times the time."""
