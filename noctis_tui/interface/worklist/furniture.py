"""The single lines around the table, drawn from what the screen knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import Static

from noctis_tui.interface.guard import made_visible
from noctis_tui.interface.receiver.status_line import status_text, trouble
from noctis_tui.interface.worklist import lines

if TYPE_CHECKING:
    from archive.local_archive import LocalArchive
    from noctis_tui.interface.receiver.reception import Reception
    from noctis_tui.interface.worklist.loading import Question
    from noctis_tui.interface.worklist.movement import MovementScreen


class Furniture:
    """The title, the note, the quick filters, the hints, the empty state and the line of the receiver.

    Attributes
    ----------
    failure
        Why the archive cannot be read, empty while it can; it takes the place of the note.
    """

    def __init__(
        self, screen: MovementScreen, archive: LocalArchive, reception: Reception, note: str
    ) -> None:
        self._screen = screen
        self._archive = archive
        self._reception = reception
        self._note_sentences = note
        self.failure = ""
        self._question: Question | None = None
        self.title, self.note, self.quick, self.reception, self.hints = (
            Static(id=name, markup=False, classes="line")
            for name in ("title", "note", "quick", "reception", "hints")
        )
        self.empty = Static(id="empty", markup=False)

    def draw(self, question: Question) -> None:
        """Draw every line."""
        self._question = question
        screen, colors, width = self._screen, self._screen.app.theme_variables, self._screen.size.width
        table, keymap, narrowing = screen.table, screen.keymap, question.narrowing
        self.title.update(
            lines.title_line(
                narrowing,
                table.studies.total,
                table.studies.receiving,
                unseen_sort=self._unseen_sort(question),
                following=table.following,
                marked=len(table.marked),
                width=width,
                colors=colors,
            )
        )
        self.quick.update(lines.quick_filter_line(narrowing, keymap, width, colors))
        self.hints.update(lines.hint_line(keymap, width, colors))
        self.draw_reception()

    def draw_reception(self) -> None:
        """Draw how receiving goes."""
        if self._screen.is_attached:
            colors, width = self._screen.app.theme_variables, self._screen.size.width
            self.reception.update(status_text(self._reception.vitals, colors, width))
            self._draw_note()
            if self._question is not None:  # whose address may only be known now
                self._draw_empty(self._question)

    def _unseen_sort(self, question: Question) -> str:
        """Name the order when no title on screen shows it."""
        if any(placed.column.sort == question.sort for placed in self._screen.table.columns):
            return ""
        return f"{question.sort.replace('_', ' ')} {'▼' if question.descending else '▲'}"

    def _draw_note(self) -> None:
        colors, width = self._screen.app.theme_variables, self._screen.size.width
        refuses = trouble(self._reception.vitals)
        color = colors["error"] if self.failure else colors["warning" if refuses else "muted"]
        sentence = made_visible(self.failure) or lines.as_fits(refuses or self._note_sentences, width - 2)
        self.note.display = bool(sentence)
        self.note.update(Text(f" {sentence}", style=color, no_wrap=True, overflow="ellipsis"))

    def _draw_empty(self, question: Question) -> None:
        is_empty = self._screen.table.studies.total == 0
        self._screen.set_class(is_empty, "-empty")
        if is_empty:
            colors, address = self._screen.app.theme_variables, self._reception.address
            self.empty.update(lines.empty_text(question.narrowing, str(self._archive.root), address, colors))
