"""What help can be asked for."""

from __future__ import annotations

from noctis_tui.interface.actions import Action

HELP_ACTIONS: tuple[Action, ...] = (Action("filter", "Show only what holds a word or a key", "Help", "help"),)
