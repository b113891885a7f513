"""What the list of elements can be asked for."""

from __future__ import annotations

from noctis_tui.interface.actions import Action

CONTEXT = "tags"

TAGS_ACTIONS: tuple[Action, ...] = (
    Action("line_down", "Next element", "Move", CONTEXT, "", "move_by", 1),
    Action("line_up", "Element before", "Move", CONTEXT, "", "move_by", -1),
    Action("half_page_down", "Half a page down", "Move", CONTEXT, "", "move_by_pages", 0.5),
    Action("half_page_up", "Half a page up", "Move", CONTEXT, "", "move_by_pages", -0.5),
    Action("page_down", "A page down", "Move", CONTEXT, "", "move_by_pages", 1),
    Action("page_up", "A page up", "Move", CONTEXT, "", "move_by_pages", -1),
    Action("first", "First element", "Move", CONTEXT),
    Action("last", "Last element", "Move", CONTEXT),
    Action("search", "Search tag, name or value", "Find", CONTEXT),
    Action("next_match", "Next match", "Find", CONTEXT, "", "go_to_match", 1),
    Action("previous_match", "Match before", "Find", CONTEXT, "", "go_to_match", -1),
)
