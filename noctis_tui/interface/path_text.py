"""Paths as people write them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from archive.dicom.text import visible


def path_text(path: Path, longest: int = 200) -> str:
    """Return a path as text that is safe to show; what is in the reader's own folder begins with `~`."""
    with suppress(ValueError, RuntimeError):  # it is elsewhere, or nobody knows where home is
        path = Path("~") / path.absolute().relative_to(Path.home())
    return visible(str(path), longest)
