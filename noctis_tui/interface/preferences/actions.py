"""What the preferences can be asked for."""

from __future__ import annotations

from noctis_tui.interface.actions import Action

CONTEXT, PRESETS_CONTEXT, PRESET_CONTEXT = "preferences", "presets", "preset"

PREFERENCES_ACTIONS: tuple[Action, ...] = (
    Action("next_value", "The next value", "Setting", CONTEXT, "", "turn", 1),
    Action("previous_value", "The value before", "Setting", CONTEXT, "", "turn", -1),
    Action("default_value", "What it is without your own value", "Setting", CONTEXT),
    Action("line_down", "Next setting", "Move", CONTEXT, "", "move_by", 1),
    Action("line_up", "Previous setting", "Move", CONTEXT, "", "move_by", -1),
    Action("first", "First setting", "Move", CONTEXT),
    Action("last", "Last setting", "Move", CONTEXT),
    Action("add_preset", "Another preset", "Preset", PRESETS_CONTEXT),
    Action("edit_preset", "Change this preset", "Preset", PRESETS_CONTEXT),
    Action("remove_preset", "Remove this preset", "Preset", PRESETS_CONTEXT),
    Action("bring_back", "Bring back what was removed last", "Preset", PRESETS_CONTEXT),
    Action("line_down", "Next preset", "Move", PRESETS_CONTEXT, "", "move_by", 1),
    Action("line_up", "Previous preset", "Move", PRESETS_CONTEXT, "", "move_by", -1),
    Action("save", "Keep it", "Preset", PRESET_CONTEXT),
)
