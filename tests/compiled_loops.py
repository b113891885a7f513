"""The compiled loops and numpy in turn, for what both must do alike."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from noctis_tui.graphics.encoding import compiled

if TYPE_CHECKING:
    from collections.abc import Iterator

COMPILED, FILTERS = compiled.loops, compiled.filters
IMPLEMENTATIONS = ("numpy", "compiled")


@contextmanager
def using(implementation: str) -> Iterator[None]:
    """Encode with one of `IMPLEMENTATIONS` meanwhile; a machine without compiled loops skips them."""
    is_whole = COMPILED is not None and FILTERS is not None
    if implementation == "compiled" and not is_whole and not os.environ.get("NOCTIS_NOTHING_MAY_SLEEP"):
        pytest.skip("installed without a compiler")
    if implementation == "numpy":
        compiled.loops = compiled.filters = None
    try:
        yield
    finally:
        compiled.loops, compiled.filters = COMPILED, FILTERS
