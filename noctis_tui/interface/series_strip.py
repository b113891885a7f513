"""Series side by side, each with a real picture or in words alone; only those in sight are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.text import Text
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from noctis_tui.graphics.picture import Picture
from noctis_tui.graphics.picture_view import PictureView
from noctis_tui.interface.worklist.cells import fit, number, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual import events
    from textual.app import ComposeResult

    from archive.index.worklist import SeriesRow
    from noctis_tui.graphics.terminal.detection import TerminalGraphics

MOST_CARDS = 10
"""Pictures that are ever on screen at once."""
_GAP = 2
_WORDS_CELLS = 22
"""Width of a card without a picture."""


class SeriesCard(Vertical):
    """One series: a picture and two lines."""

    def __init__(self, graphics: TerminalGraphics, place: int) -> None:
        super().__init__(classes="series-card")
        self.picture = PictureView(graphics)
        self.caption = Static(markup=False, classes="series-caption")
        self.place = place
        self.series_id: int | None = None
        self.drawn_for: tuple[int, int] | None = None
        """What the picture was asked for (`thumbnails.drawing_of`), None while there is none."""

    def assign(self, series_id: int) -> None:
        """Give the card to a series; the picture of another one goes at once."""
        if series_id != self.series_id:
            self.series_id, self.drawn_for = series_id, None
            self.picture.request(_no_picture)

    def compose(self) -> ComposeResult:
        """Put the words under the picture."""
        yield self.picture
        yield self.caption


class SeriesStrip(Horizontal, can_focus=True):
    """A row of cards with one of them chosen; arrows choose while the strip has the focus.

    Parameters
    ----------
    most_cards
        Cards that are ever on screen at once.
    """

    class InSight(Message):
        """Cards came in sight that have no picture of their series yet."""

    class Clicked(Message):
        """A card was clicked; twice reads the series."""

        def __init__(self, *, twice: bool) -> None:
            super().__init__()
            self.twice = twice

    def __init__(
        self,
        graphics: TerminalGraphics,
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
        most_cards: int = MOST_CARDS,
    ) -> None:
        super().__init__(id=id)
        self.cards = tuple(SeriesCard(graphics, place) for place in range(most_cards))
        self._with_pictures = True
        self._also: frozenset[int] = frozenset()
        self._series: Sequence[SeriesRow] = ()
        self._chosen = 0
        self._first = 0
        self._picked = False

    def compose(self) -> ComposeResult:
        """Hold a fixed number of cards, shown as far as they fit."""
        yield from self.cards

    @property
    def chosen(self) -> SeriesRow | None:
        """The chosen series."""
        return self._series[self._chosen] if self._chosen < len(self._series) else None

    @property
    def picked(self) -> SeriesRow | None:
        """The chosen series, when a person chose it."""
        return self.chosen if self._picked else None

    @property
    def in_sight(self) -> list[tuple[SeriesCard, SeriesRow]]:
        """The cards on screen with their series."""
        return list(zip(self.cards, self._series[self._first : self._first + self._room], strict=False))

    @property
    def _room(self) -> int:
        each = self.card_width + _GAP
        return max(1, min(len(self.cards), (self.size.width + _GAP) // each))

    @property
    def card_width(self) -> int:
        """Cells across a card: about square pictures in the height there is."""
        return max(12, 2 * (self.size.height - 2) + 2) if self._with_pictures else _WORDS_CELLS

    @property
    def with_pictures(self) -> bool:
        """Whether the cards show pictures; without, two lines are enough."""
        return self._with_pictures

    @with_pictures.setter
    def with_pictures(self, wanted: bool) -> None:
        self._with_pictures = wanted
        for card in self.cards:
            card.picture.display = wanted
        self._arrange()

    def point_at(self, series_id: int | None, also: Iterable[int] = ()) -> None:
        """Mark the series that the keys act on, and those that are in view beside it."""
        ids = [row.id for row in self._series]
        self._picked = series_id in ids
        self._chosen = ids.index(series_id) if series_id in ids else self._chosen
        self._also = frozenset(also)
        self._arrange()

    def show(self, series: Sequence[SeriesRow], *, keep: bool) -> None:
        """Show the series of a study; `keep` the choice when it is the same study."""
        chosen = self.chosen
        self._series = series
        ids = [row.id for row in series]
        stays = keep and chosen is not None and chosen.id in ids
        self._chosen = ids.index(chosen.id) if stays and chosen is not None else 0
        self._picked = self._picked and stays
        self._arrange()

    def choose_by(self, step: int) -> None:
        """Choose another series."""
        self._picked = True
        self._chosen = max(0, min(self._chosen + step, len(self._series) - 1))
        self._arrange()

    def on_resize(self) -> None:
        """Show as many cards as fit."""
        self._arrange()

    def on_focus(self) -> None:
        """Mark the chosen card."""
        self._caption()

    def on_blur(self) -> None:
        """Take the mark away."""
        self._caption()

    def on_click(self, event: events.Click) -> None:
        """Choose the card under the mouse."""
        # A click on a card bubbles up with the card's own coordinates.
        place = int(event.screen_x - self.content_region.x) // (self.card_width + _GAP)
        if 0 <= place < len(self.in_sight):
            self._chosen = self._first + place
            self._picked = True
            self._arrange()
            self.post_message(self.Clicked(twice=event.chain == 2))

    def _arrange(self) -> None:
        if self.size.width == 0:
            return
        room = self._room
        self._first = max(0, min(self._first, len(self._series) - room))
        self._first = max(self._chosen - room + 1, min(self._first, self._chosen))
        shown = len(self.in_sight)
        for card in self.cards:
            card.display = card.place < shown
            card.styles.width = self.card_width
        for card, row in self.in_sight:
            card.assign(row.id)
        self._caption()
        self.post_message(self.InSight())

    def draw_captions(self) -> None:
        """Write the captions again, in other colours."""
        self._caption()

    def _caption(self) -> None:
        colors = self.app.theme_variables
        for card, row in self.in_sight:
            index = self._first + card.place
            is_chosen = index == self._chosen and (self._picked or self.has_focus)
            card.set_class(is_chosen, "-chosen")
            color = colors["bright" if is_chosen else "foreground" if row.id in self._also else "muted"]
            card.caption.update(
                _caption(row, self.card_width, color, mark="▪" if row.id in self._also else "")
            )
        more = len(self._series) - self._first - len(self.in_sight)
        self.border_subtitle = f"{more} more" if more > 0 else ""


def _no_picture(width_px: int, height_px: int) -> Picture:
    return Picture(np.zeros((height_px, width_px), np.uint8))


def _caption(row: SeriesRow, width: int, color: str, mark: str = "") -> Text:
    head = f"{mark}{plain(row.modality)} {row.series_number if row.series_number is not None else ''}".strip()
    count = number(max(row.instance_count, row.frame_count))
    first = fit(head, width - len(count) - 1) + " " + count
    return Text(f"{first}\n{fit(plain(row.series_description) or '—', width)}", style=color, no_wrap=True)
