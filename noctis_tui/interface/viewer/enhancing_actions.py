"""What can be asked for about enhancement and the histogram."""

from __future__ import annotations

from noctis_tui.interface.actions import Action
from noctis_tui.interface.viewer.actions import CONTEXT

ENHANCE_TOOL = "reading_enhance"
_GROUP, _TOOL_GROUP = "Enhance", "Enhance tool"

ENHANCING_ACTIONS: tuple[Action, ...] = (
    Action("next_enhancement", "Sharpen, denoise, edges, CLAHE, equalise, none", _GROUP, CONTEXT),
    Action("enhance_tool", "Choose it and its strength: hjkl", _GROUP, CONTEXT, ENHANCE_TOOL),
    Action("histogram", "Histogram with the window in it", _GROUP, CONTEXT),
    Action("enhance_next", "The next kind", _TOOL_GROUP, ENHANCE_TOOL, "", "turn_enhancement", 1),
    Action("enhance_previous", "The kind before", _TOOL_GROUP, ENHANCE_TOOL, "", "turn_enhancement", -1),
    Action("enhance_stronger", "Stronger", _TOOL_GROUP, ENHANCE_TOOL, "", "strengthen", 1),
    Action("enhance_weaker", "Weaker", _TOOL_GROUP, ENHANCE_TOOL, "", "strengthen", -1),
    Action("enhance_none", "As it is", _TOOL_GROUP, ENHANCE_TOOL),
)
