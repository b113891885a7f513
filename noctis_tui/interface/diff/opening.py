"""From anywhere to what differs between two sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.comparing import Ignoring
from archive.errors import NoctisError
from noctis_tui.interface.diff.screen import DiffScreen

if TYPE_CHECKING:
    from noctis_tui.interface.app import NoctisApp
    from noctis_tui.interface.diff.sides import Side


def open_diff(app: NoctisApp, left: Side, right: Side) -> bool:
    """Show what differs, but for what this user ignores; a sentence and False where that cannot be read."""
    try:
        ignoring = Ignoring.of(app.preferences.diff.ignore)
    except NoctisError as error:
        app.notify(str(error), markup=False, severity="error")
        return False
    app.push_screen(DiffScreen(left, right, ignoring))
    return True
