"""What can be asked for about objects that refer to the images in view."""

from __future__ import annotations

from noctis_tui.interface.actions import Action
from noctis_tui.interface.viewer.actions import CONTEXT

OBJECTS = "objects"
"""The keys of the list, while it is there."""

DERIVED_ACTIONS: tuple[Action, ...] = (
    Action("objects_on_off", "Segments, contours, dose: on, off", "Objects", CONTEXT),
    Action("objects", "List what refers to these images", "Objects", CONTEXT, OBJECTS),
    Action("objects_thinner", "Objects more transparent", "Objects", CONTEXT, "", "objects_opacity", -1),
    Action("objects_denser", "Objects less transparent", "Objects", CONTEXT, "", "objects_opacity", 1),
    Action("next_state", "Next presentation state, none", "Objects", CONTEXT),
    Action("page_on", "A page of text on", "Images", CONTEXT, "", "scroll_pages", 1),
    Action("page_back", "A page of text back", "Images", CONTEXT, "", "scroll_pages", -1),
    Action("line_down", "Next", "Objects", OBJECTS, "", "object_move_by", 1),
    Action("line_up", "Before", "Objects", OBJECTS, "", "object_move_by", -1),
    Action("first", "First", "Objects", OBJECTS, "", "object_move_by", -100_000),
    Action("last", "Last", "Objects", OBJECTS, "", "object_move_by", 100_000),
    Action("switch", "On, off", "Objects", OBJECTS, "", "object_switch"),
    Action("thinner", "More transparent", "Objects", OBJECTS, "", "object_opacity", -1),
    Action("denser", "Less transparent", "Objects", OBJECTS, "", "object_opacity", 1),
    Action("close", "Back to the images", "Objects", OBJECTS, OBJECTS),
)
