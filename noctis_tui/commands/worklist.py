"""`noctis`: the worklist of the archive, with its receiver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.errors import NoctisError

if TYPE_CHECKING:
    from pathlib import Path


def open_worklist(archive: Path, config: Path) -> None:
    """Open the worklist of an archive with a person's preferences."""
    raise NoctisError(f"The worklist of {archive} (preferences {config}) is not there yet.")
