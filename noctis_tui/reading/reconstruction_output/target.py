"""Where the files of a reconstruction go, and how they look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from archive.pixels.voi_lut import Window
    from noctis_tui.reading.reconstruction_output.formats import OutputFormat


@dataclass(frozen=True, slots=True)
class Output:
    """Where the files go, and how they look.

    Attributes
    ----------
    out
        A file or a folder.
    format
        Of the files.
    window
        Of pictures, and written into DICOM; None for the source's own.
    memory_limit_bytes
        A larger volume is mapped from a file on the disk.
    owner
        The UUID of the job that writes.
    """

    out: Path
    format: OutputFormat
    window: Window | None = None
    memory_limit_bytes: int = 4 << 30
    owner: str = ""
