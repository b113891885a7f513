"""The association doctor: what happened to one association, why, and what would admit its peer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from noctis_tui.interface.keyed_dialog import KeyedDialog
from noctis_tui.interface.receiver.association_text import association_text, heading

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from archive.network.association_log import AssociationEntry
    from noctis_tui.interface.receiver.doctor import Advice


class AssociationDialog(KeyedDialog):
    """Explains an association.

    Parameters
    ----------
    advice
        What would admit its peer.
    admit
        Goes on to admit it, once this dialog is gone.
    """

    CONTEXT = "association"

    def __init__(self, entry: AssociationEntry, advice: Advice, admit: Callable[[], None]) -> None:
        super().__init__()
        self._entry = entry
        self._advice = advice
        self._admit = admit

    def compose(self) -> ComposeResult:
        """Lay out who it was, what is known, and what can be done."""
        with Vertical(classes="dialog"):
            yield Static(heading(self._entry), markup=False, classes="dialog-title")
            with VerticalScroll(classes="dialog-body"):
                yield Static(id="association-facts", markup=False)
            yield Static(id="association-hints", markup=False, classes="dialog-foot")

    def on_resize(self) -> None:
        """Wrap the words to the width."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        colors, facts = self.app.theme_variables, self.query_one("#association-facts", Static)
        facts.update(association_text(self._entry, self._advice.diagnosis, colors, facts.size.width))
        hints = Text(no_wrap=True)
        diagnosis = self._advice.diagnosis
        if diagnosis is not None and diagnosis.facility is not None:
            verb = "widen its facility" if diagnosis.replaces else "admit it"
            hints.append(self.keymap.label("association", "admit"), style=colors["accent"])
            hints.append(f" {verb}   ", style=colors["muted"])
        hints.append(self.keymap.label("everywhere", "cancel"), style=colors["accent"])
        self.query_one("#association-hints", Static).update(hints.append(" back", style=colors["muted"]))

    def action_explain(self) -> None:
        """Go away: the key that opened this closes it."""
        self.dismiss()

    def action_admit(self) -> None:
        """Ask whether the peer shall be admitted."""
        self.dismiss()
        self._admit()

    def action_scroll_by(self, rows: float) -> None:
        """Move through what does not fit."""
        self.query_one(VerticalScroll).scroll_relative(y=rows, animate=False)
