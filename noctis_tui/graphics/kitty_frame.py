"""What a kitty terminal shows of one drawing: images by their ids, one over the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Sheet:
    """One image that covers the view.

    Attributes
    ----------
    image_id
        Its id in the terminal.
    layer
        What has a higher one is above.
    factor
        How many pixels of the screen one of its pixels covers.
    commands
        What sends its pixels, empty where the terminal has them.
    """

    image_id: int
    layer: int
    factor: int = 1
    commands: tuple[bytes, ...] = ()


@dataclass(slots=True, eq=False)
class KittyFrame:
    """The sheets of one drawing, the lowest first; as a value it stands for who holds their images."""

    sheets: tuple[Sheet, ...] = ()

    def of(self, sheets: Iterable[Sheet]) -> KittyFrame:
        """Take these sheets."""
        self.sheets = tuple(sheets)
        return self
