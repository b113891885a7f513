"""Screens that go away once, however often they are told to."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import Screen

T = TypeVar("T")


class LeftOnce(Screen[T]):
    """A screen that a second key or click, made before the first has done its work, does not close again.

    Textual would close what is below it instead, and end the application at the last screen. It comes last
    among the bases: styles are inherited from the first one only.
    """

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Go away, unless this has happened."""
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()
