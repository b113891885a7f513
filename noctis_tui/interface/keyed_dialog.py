"""A dialog over another screen, with keys from the keymap."""

from __future__ import annotations

from textual.screen import ModalScreen

from noctis_tui.interface.keyed_screen import KeyedScreen
from noctis_tui.interface.left_once import LeftOnce


class KeyedDialog(KeyedScreen, ModalScreen[None], LeftOnce[None]):
    """Lets the screen below shine through; Esc leaves."""

    def action_cancel(self) -> None:
        """Go away."""
        self.dismiss()
