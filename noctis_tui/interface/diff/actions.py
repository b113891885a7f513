"""What the comparison can be asked for."""

from __future__ import annotations

from noctis_tui.interface.actions import Action

CONTEXT = "diff"

DIFF_ACTIONS: tuple[Action, ...] = (
    Action("line_down", "Next difference", "Move", CONTEXT, "", "move_by", 1),
    Action("line_up", "Difference before", "Move", CONTEXT, "", "move_by", -1),
    Action("half_page_down", "Half a page down", "Move", CONTEXT, "", "move_by_pages", 0.5),
    Action("half_page_up", "Half a page up", "Move", CONTEXT, "", "move_by_pages", -0.5),
    Action("page_down", "A page down", "Move", CONTEXT, "", "move_by_pages", 1),
    Action("page_up", "A page up", "Move", CONTEXT, "", "move_by_pages", -1),
    Action("first", "First difference", "Move", CONTEXT),
    Action("last", "Last difference", "Move", CONTEXT),
    Action("fold", "Fold or unfold what is inside", "Show", CONTEXT),
    Action("everything", "What is the same too, or only differences", "Show", CONTEXT),
    Action("ignored", "Show or hide what does not count", "Show", CONTEXT),
    Action("uids", "Count UIDs, or not", "Count", CONTEXT, "", "toggle_group", "uids"),
    Action("dates", "Count dates and times, or not", "Count", CONTEXT, "", "toggle_group", "dates"),
    Action("private", "Count private elements, or not", "Count", CONTEXT, "", "toggle_group", "private"),
    Action("next_image", "Next pair of instances", "Instances", CONTEXT, "", "go_to_pair", 1),
    Action("previous_image", "Pair before, or all together", "Instances", CONTEXT, "", "go_to_pair", -1),
    Action("search", "Search keyword, tag or value", "Find", CONTEXT),
    Action("next_match", "Next match", "Find", CONTEXT, "", "go_to_match", 1),
    Action("previous_match", "Match before", "Find", CONTEXT, "", "go_to_match", -1),
)
