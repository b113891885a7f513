"""Progress and cancellation of everything that takes longer than half a second."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a piece of work has come; `total` is None while it is unknown."""

    done: int
    total: int | None
    what: str


class ProgressListener(Protocol):
    """Called from the working thread, often; must return at once."""

    def __call__(self, progress: Progress, /) -> None:
        """Hear how far the work has come."""


class Cancelled(Exception):
    """The work was asked to stop and did."""


class CancelToken:
    """Set by one thread, checked by another at every slice, file or block."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop at its next check."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether the work has been asked to stop."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise `Cancelled` when the work has been asked to stop."""
        if self._event.is_set():
            raise Cancelled


def unheard(progress: Progress, /) -> None:
    """Listen to nothing: the default listener."""


def untold(_sentence: str, /) -> None:
    """Tell nobody: the default of who hears sentences about the work."""
