"""The compiled loops of planes and slabs, and numpy, in turn: for what both must do alike."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from noctis_tui.imaging.planes import compiled_reslice

if TYPE_CHECKING:
    from collections.abc import Iterator

COMPILED, PROJECTIONS = compiled_reslice.loops, compiled_reslice.projections
IMPLEMENTATIONS = ("numpy", "compiled")


@contextmanager
def using(implementation: str) -> Iterator[None]:
    """Sample with one of `IMPLEMENTATIONS` meanwhile; a machine without compiled loops skips them."""
    if (
        implementation == "compiled"
        and not (COMPILED and PROJECTIONS)
        and not os.environ.get("NOCTIS_NOTHING_MAY_SLEEP")
    ):
        pytest.skip("installed without a compiler")
    before = compiled_reslice.loops, compiled_reslice.projections
    compiled_reslice.loops, compiled_reslice.projections = COMPILED, PROJECTIONS
    if implementation == "numpy":
        compiled_reslice.loops = compiled_reslice.projections = None
    try:
        yield
    finally:
        compiled_reslice.loops, compiled_reslice.projections = before
