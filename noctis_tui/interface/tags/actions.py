"""What the tree of elements, and one value of it, can be asked for."""

from __future__ import annotations

from noctis_tui.interface.actions import Action

CONTEXT = "tags"
VALUE = "value"
VARIATION = "variation"


def _movements(context: str, what: str) -> tuple[Action, ...]:
    return (
        Action("line_down", f"Next {what}", "Move", context, "", "move_by", 1),
        Action("line_up", f"{what.capitalize()} before", "Move", context, "", "move_by", -1),
        Action("half_page_down", "Half a page down", "Move", context, "", "move_by_pages", 0.5),
        Action("half_page_up", "Half a page up", "Move", context, "", "move_by_pages", -0.5),
        Action("page_down", "A page down", "Move", context, "", "move_by_pages", 1),
        Action("page_up", "A page up", "Move", context, "", "move_by_pages", -1),
        Action("first", f"First {what}", "Move", context),
        Action("last", f"Last {what}", "Move", context),
    )


TAGS_ACTIONS: tuple[Action, ...] = (
    *_movements(CONTEXT, "element"),
    Action("open", "Fold or unfold; show the whole value", "Fold", CONTEXT),
    Action("unfold", "Unfold", "Fold", CONTEXT),
    Action("fold", "Fold, or go to what it is inside of", "Fold", CONTEXT),
    Action("unfold_all", "Unfold everything", "Fold", CONTEXT),
    Action("fold_all", "Fold everything", "Fold", CONTEXT),
    Action("search", "Search keyword, tag, VR or value", "Find", CONTEXT),
    Action("next_match", "Next match", "Find", CONTEXT, "", "go_to_match", 1),
    Action("previous_match", "Match before", "Find", CONTEXT, "", "go_to_match", -1),
    Action("next_image", "The same element of the next instance", "Series", CONTEXT, "", "go_to_instance", 1),
    Action("previous_image", "Of the instance before", "Series", CONTEXT, "", "go_to_instance", -1),
    Action("variation", "What varies within the series", "Series", CONTEXT),
    Action("diff", "What differs from the instance before", "Series", CONTEXT),
    Action("copy_value", "Copy the value", "Copy", CONTEXT),
    Action("copy_path", "Copy the tag and where it stands", "Copy", CONTEXT),
    *_movements(VALUE, "line"),
    *_movements(VARIATION, "element"),
    Action("open", "Show the element in this instance", "Series", VARIATION),
    Action("next_image", "Next instance", "Series", VARIATION, "", "go_to_instance", 1),
    Action("previous_image", "Instance before", "Series", VARIATION, "", "go_to_instance", -1),
)
