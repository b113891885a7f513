"""What the global options of the command line say, as far as the archive's commands need it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path


class Site(Protocol):
    """The object that click passes to every command (`noctis_tui.cli.Site`)."""

    @property
    def archive(self) -> Path:
        """The archive's folder."""

    @property
    def config(self) -> Path:
        """The file of personal preferences."""

    @property
    def log_level(self) -> str:
        """debug, info, warning or error."""
