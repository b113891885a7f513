"""What can be asked for about presets beyond the keys 1 to 9."""

from __future__ import annotations

from noctis_tui.interface.actions import Action
from noctis_tui.interface.viewer.actions import CONTEXT

PRESETTING_ACTIONS: tuple[Action, ...] = (
    Action("choose_preset", "Choose a preset by its name", "Window", CONTEXT),
    Action("keep_window", "Keep this window as a preset", "Window", CONTEXT),
)
