"""What a process is told to reconstruct: which files, what of them, where to."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from archive.errors import BadInput
from archive.pixels.voi_lut import Window
from noctis_tui.reading.reconstructing.request import Reconstruction
from noctis_tui.reading.reconstruction_output.formats import OutputFormat
from noctis_tui.reading.reconstruction_output.target import Output


@dataclass(frozen=True, slots=True)
class Order:
    """One reconstruction, as JSON from process to process.

    Attributes
    ----------
    files
        Of the series.
    asked, output
        What is made, and where it goes.
    parent_pid
        Whose end is the end of the work.
    """

    files: tuple[Path, ...]
    asked: Reconstruction
    output: Output
    parent_pid: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it; file names need not be text."""
        window = self.output.window
        return {
            "files": [os.fsencode(path).hex() for path in self.files],
            "asked": self.asked.to_json(),
            "out": os.fsencode(self.output.out).hex(),
            "format": self.output.format.value,
            "window": asdict(window) if window is not None else None,
            "memory_limit_bytes": self.output.memory_limit_bytes,
            "owner": self.output.owner,
            "parent_pid": self.parent_pid,
        }

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Order:
        """Return what `to_json` wrote.

        Raises
        ------
        BadInput
            It is none.
        """
        try:
            window = Window(**said["window"]) if said["window"] is not None else None
            out = _path(said["out"])
            output = Output(
                out, OutputFormat(said["format"]), window, int(said["memory_limit_bytes"]), str(said["owner"])
            )
            files = tuple(_path(each) for each in said["files"])
            return cls(files, Reconstruction.from_json(said["asked"]), output, int(said["parent_pid"]))
        except (TypeError, KeyError, ValueError) as error:
            raise BadInput("The order was not understood.") from error


def _path(said: str) -> Path:
    return Path(os.fsdecode(bytes.fromhex(said)))
