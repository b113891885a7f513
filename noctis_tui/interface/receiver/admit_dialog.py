"""Admitting a peer: exactly what will be written, before it is written."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from archive.dicom.text import visible
from archive.errors import NoctisError
from archive.facilities import add_facility, facility_text
from noctis_tui.interface.keyed_dialog import KeyedDialog

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult

    from archive.facility import Facility

FIRST = (
    "It is the first facility: until now everybody who can reach this receiver is admitted, "
    "from then on only facilities are."
)
_TAKEN_UP = "is admitted: the receiver has read the settings again."
_LATER = "is admitted as soon as a receiver starts: none has taken the settings up now."


class AdmitDialog(KeyedDialog):
    """Shows a facility and writes it when that is confirmed.

    Parameters
    ----------
    root
        The archive whose `noctis.toml` it is written to.
    replaces
        Whether it takes the place of the one of its name.
    is_first
        Whether there is no facility yet, so that this one shuts everybody else out.
    """

    CONTEXT = "admit"

    def __init__(self, root: Path, facility: Facility, *, replaces: bool, is_first: bool) -> None:
        super().__init__()
        self._root = root
        self._facility = facility
        self._replaces = replaces
        self._is_first = is_first
        self._writing = False

    def compose(self) -> ComposeResult:
        """Lay out what will be written and where."""
        with Vertical(classes="dialog"):
            verb = "Widen" if self._replaces else "Admit"
            yield Static(f"{verb} {visible(self._facility.name)}", markup=False, classes="dialog-title")
            with VerticalScroll(classes="dialog-body"):
                yield Static(id="admit-text", markup=False)
            yield Static(id="admit-hints", markup=False, classes="dialog-foot")

    def on_mount(self) -> None:
        """Say what it comes to."""
        colors = self.app.theme_variables
        what = (
            "This takes the place of the facility of that name in" if self._replaces else "This is added to"
        )
        text = Text(f"{what} ", style=colors["muted"])
        text.append(f"{visible(str(self._root / 'noctis.toml'))}\n\n", style=colors["foreground"])
        text.append(_indented(facility_text(self._facility)), style=colors["bright"])
        if self._is_first:
            text.append(f"\n\n{FIRST}", style=colors["warning"])
        self.query_one("#admit-text", Static).update(text)
        hints = Text(no_wrap=True).append(self.keymap.label("admit", "confirm"), style=colors["accent"])
        hints.append(" write it   ", style=colors["muted"])
        hints.append(self.keymap.label("everywhere", "cancel"), style=colors["accent"])
        self.query_one("#admit-hints", Static).update(hints.append(" leave it", style=colors["muted"]))

    async def action_confirm(self) -> None:
        """Write the facility and have the receiver take it up."""
        if not self._writing:
            self._writing = True
            self.run_worker(self._write())

    async def _write(self) -> None:
        from noctis_tui.interface.app import NoctisApp  # noqa: PLC0415 - it imports screens

        try:
            taken_up = await asyncio.to_thread(
                add_facility, self._root, self._facility, replace=self._replaces
            )
        except NoctisError as error:
            sentence, severity = str(error), "error"
        else:
            sentence, severity = f"{self._facility.name} {_TAKEN_UP if taken_up else _LATER}", "information"
        app = self.app
        self.dismiss()
        if isinstance(app, NoctisApp):
            app.say(sentence, severity)


def _indented(text: str) -> str:
    return "\n".join(f"  {visible(line)}" for line in text.strip().splitlines())
