"""Drafts for one view: what suits a slice suits its neighbours, and is not sought for each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from noctis_tui.graphics.encoding.drafts import choose_draft

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noctis_tui.graphics.encoding.drafts import DraftChoice
    from noctis_tui.graphics.picture import DisplayPixels

HOLDS = 12
"""So many pictures: seeking takes as long as encoding three or four."""

UNLIKE = 1.15
"""A draft so many times as large, or as small, as the first one of its choice: another is sought."""

MOST_REMEMBERED = 1 << 10
"""No fewer than the terminal has images (`KittyStore`): what is there has the size that was chosen."""


@dataclass(slots=True)
class _Holding:
    """A choice that holds for now, and for how many more pictures."""

    choice: DraftChoice
    shapes: tuple[tuple[int, ...], tuple[int, ...]]
    left: int = HOLDS
    first_bytes: int = 0


class DraftChoices:
    """Chooses the drafts of one view. The same picture gets the same draft, so that it is found again.

    Parameters
    ----------
    shares
        How much of the exact picture's bytes a draft may take, by level.
    """

    def __init__(self, shares: Mapping[int, float]) -> None:
        self._shares = shares
        self._chosen: dict[bytes, DraftChoice] = {}
        self._holding: dict[int, _Holding] = {}

    def of(self, key: bytes, exact: DisplayPixels, source: DisplayPixels, level: int) -> DraftChoice:
        """Return the choice for a picture.

        Parameters
        ----------
        key
            Stands for `source` and the level.
        exact, source
            As in `choose_draft`.
        level
            Says how large it may be.
        """
        known = self._chosen.pop(key, None)
        if known is None:
            known = self._next(exact, source, level)
            while len(self._chosen) >= MOST_REMEMBERED:
                del self._chosen[next(iter(self._chosen))]
        self._chosen[key] = known
        return known

    def _next(self, exact: DisplayPixels, source: DisplayPixels, level: int) -> DraftChoice:
        holding, shapes = self._holding.get(level), (exact.shape, source.shape)
        if holding is None or holding.left <= 0 or holding.shapes != shapes:
            choice = choose_draft(exact, source, self._shares[level])
            holding = self._holding[level] = _Holding(choice, shapes)
        holding.left -= 1
        return holding.choice

    def encoded(self, size_bytes: int, level: int) -> None:
        """Learn how large a draft became: one unlike the others of its choice shows something else."""
        holding = self._holding.get(level)
        if holding is not None:
            holding.first_bytes = holding.first_bytes or size_bytes
            if not holding.first_bytes / UNLIKE <= size_bytes <= holding.first_bytes * UNLIKE:
                holding.left = 0
