"""A dialog that offers a few things, one a line, and does what is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import Vertical
from textual.widgets import Static

from noctis_tui.interface.keyed_dialog import KeyedDialog
from noctis_tui.interface.row_list import RowList
from noctis_tui.interface.worklist.cells import fit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual.app import ComposeResult

_MOST_ROWS = 14


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the dialog; its texts are already made visible.

    Attributes
    ----------
    name, detail
        What it is called, and what helps to choose; the detail stands in its own column.
    warning
        What must be known before it is chosen.
    choose
        Called when it is chosen, after the dialog is gone.
    """

    name: str
    detail: str
    choose: Callable[[], object]
    warning: str = ""


class ChoiceDialog(KeyedDialog):
    """Offers choices.

    Parameters
    ----------
    title
        What is chosen.
    choices
        At least one.
    chosen
        Where the cursor begins.
    about
        A line below the title.
    """

    CONTEXT = "choice"
    DEFAULT_CSS = """
    ChoiceDialog .choice-about { height: auto; color: $muted; margin: 0 0 1 0; }
    ChoiceDialog RowList { overflow-x: hidden; }
    """

    def __init__(self, title: str, choices: Sequence[Choice], *, chosen: int = 0, about: str = "") -> None:
        super().__init__()
        self._title = title
        self._about = about
        self._choices = choices
        self._first = chosen
        longest = max(len(choice.name) for choice in choices)
        self._name_cells = min(longest, 34) + 2
        self.list: RowList[Choice] = RowList(self._cells, id, id="choices")

    def compose(self) -> ComposeResult:
        """Lay out the title, the list and the keys."""
        with Vertical(classes="dialog"):
            yield Static(self._title, markup=False, classes="dialog-title")
            if self._about:
                yield Static(self._about, markup=False, classes="choice-about")
            yield self.list
            yield Static(id="choice-keys", markup=False, classes="dialog-foot")

    def on_mount(self) -> None:
        """Fill the list."""
        self.list.styles.height = min(len(self._choices), _MOST_ROWS)
        self.list.focus()
        self.list.show(self._choices)
        self.list.move_to(self._first)
        self.call_after_refresh(self._bring_in_sight)
        self._show_keys()

    def _bring_in_sight(self) -> None:
        """Scroll anew now that the height is known; keys may have moved the cursor already."""
        self.list.scroll_to(y=0, animate=False, force=True)
        self.list.move_by(0)

    def _show_keys(self) -> None:
        colors = self.app.theme_variables
        line = Text(no_wrap=True)
        for name, word in (("choose", "choose"), ("cancel", "leave it")):
            context = "choice" if name == "choose" else "everywhere"
            line.append(self.keymap.label(context, name), style=colors["accent"])
            line.append(f" {word}   ", style=colors["muted"])
        line.append(self.hint, style=colors["muted"])
        self.query_one("#choice-keys", Static).update(line)

    def add(self, further: Sequence[Choice]) -> None:
        """Offer more, below what is there; the cursor stays."""
        self._choices = [*self._choices, *further]
        if not self.list.is_attached:
            return  # they are shown with the others
        self.list.styles.height = min(len(self._choices), _MOST_ROWS)
        here = self.list.row
        self.list.show(self._choices)
        self.list.move_to(next((place for place, each in enumerate(self._choices) if each is here), 0))

    hint = ""
    """What else the foot says."""

    def _cells(self, choice: Choice, width: int) -> Iterable[tuple[str, str]]:
        yield f" {fit(choice.name, self._name_cells)}", "bright"
        room = width - self._name_cells - 2
        detail = choice.detail
        if choice.warning:
            yield fit(detail, min(len(detail), max(room - len(choice.warning) - 2, 0))), "muted"
            yield f"  {choice.warning}", "warning"
        else:
            yield fit(detail, max(room, 0)), "muted"

    # ---- what can be asked for

    def action_line_down(self) -> None:
        """Go to the next line."""
        self.list.move_by(1)

    def action_line_up(self) -> None:
        """Go to the line before."""
        self.list.move_by(-1)

    def action_choose(self) -> None:
        """Do what the line offers."""
        if self.list.row is not None:
            self.leave_with(self.list.row.choose)

    def on_row_list_chosen(self) -> None:
        """Do what was double-clicked."""
        self.action_choose()

    def leave_with(self, choose: Callable[[], object]) -> None:
        """Go away and do it; a second click may come before the first has done its work."""
        if self.app.screen is not self:
            return
        app = self.app
        self.dismiss()
        app.call_later(choose)
