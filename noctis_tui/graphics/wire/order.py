"""What a view was asked to show, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from noctis_tui.graphics.canvas import Drawing
    from noctis_tui.graphics.picture import Picture

Render: TypeAlias = "Callable[[int, int], Picture]"
"""Draws a picture of a width and a height in pixels; called in a worker thread."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """A picture that may be asked for.

    Attributes
    ----------
    key
        Stands for everything that `render` draws; where it is equal the picture is.
    render
        Draws it; None while it cannot yet.
    """

    key: Hashable
    render: Callable[[int, int], Picture | None]


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for.

    Attributes
    ----------
    number
        Later ones have higher numbers; what is mended or made good keeps its number.
    render
        Draws the picture.
    quick
        Draws one that leaves out what takes long.
    asked_at
        When, by `time.perf_counter`; None for what nobody asked for: a repair.
    is_at_rest
        Whether it is drawn as well as it can be.
    picture
        What `render` gave before, taken where it has the right size.
    is_slow
        Whether `render` is known to take long, before it was ever tried.
    key
        Stands for what `render` draws (`Ahead`), None where nobody says.
    ahead
        What may be asked for after it.
    """

    number: int
    render: Render
    quick: Render | None
    asked_at: float | None
    is_at_rest: bool = False
    picture: Picture | None = None
    is_slow: bool = False
    key: Hashable = None
    ahead: Ahead | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """What came of an order, and what it took."""

    order: Order
    drawing: Drawing
    level: int
    is_quick: bool
    render_seconds: float
    draw_seconds: float

    @property
    def is_draft(self) -> bool:
        """Whether it could be better."""
        return self.is_quick or self.level > 0

    @property
    def whole_picture(self) -> Picture | None:
        """What was rendered, unless something was left out."""
        return None if self.is_quick else self.drawing.picture
