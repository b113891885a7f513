"""What a dialog of choices can be asked for."""

from __future__ import annotations

from noctis_tui.interface.actions import Action

CHOICE_ACTIONS: tuple[Action, ...] = (
    Action("choose", "Take this one", "Choice", "choice"),
    Action("line_down", "Next", "Choice", "choice"),
    Action("line_up", "Previous", "Choice", "choice"),
)
