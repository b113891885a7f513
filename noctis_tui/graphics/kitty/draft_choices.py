"""Drafts for one view: what suits a slice suits its neighbours, and is not sought for each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noctis_tui.graphics.encoding.drafts import choose_draft

if TYPE_CHECKING:
    from noctis_tui.graphics.encoding.drafts import DraftChoice
    from noctis_tui.graphics.picture import DisplayPixels

HOLDS = 12
"""So many pictures: seeking takes as long as encoding three or four."""

UNLIKE = 1.15
"""A draft so many times as large, or as small, as the first one of its choice: another is sought."""

MOST_REMEMBERED = 1 << 10
"""No fewer than the terminal has images (`KittyStore`): what is there has the size that was chosen."""


class DraftChoices:
    """Chooses the drafts of one view. The same picture gets the same draft, so that it is found again."""

    def __init__(self) -> None:
        self._chosen: dict[bytes, DraftChoice] = {}
        self._last: DraftChoice | None = None
        self._shapes: tuple[tuple[int, ...], tuple[int, ...]] | None = None
        self._left = 0
        self._first_bytes = 0

    def of(self, key: bytes, exact: DisplayPixels, source: DisplayPixels) -> DraftChoice:
        """Return the choice for a picture.

        Parameters
        ----------
        key
            Stands for `source`.
        exact, source
            As in `choose_draft`.
        """
        if key in self._chosen:
            known = self._chosen[key] = self._chosen.pop(key)
            return known
        shapes = exact.shape, source.shape
        if self._last is None or self._left <= 0 or shapes != self._shapes:
            self._last, self._shapes = choose_draft(exact, source), shapes
            self._left, self._first_bytes = HOLDS, 0
        self._left -= 1
        self._chosen[key] = self._last
        if len(self._chosen) > MOST_REMEMBERED:
            del self._chosen[next(iter(self._chosen))]
        return self._last

    def encoded(self, size_bytes: int) -> None:
        """Learn how large a draft became: one unlike the others of its choice shows something else."""
        self._first_bytes = self._first_bytes or size_bytes
        if not self._first_bytes / UNLIKE <= size_bytes <= self._first_bytes * UNLIKE:
            self._left = 0
