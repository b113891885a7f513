"""What the jobs screen can be asked for."""

from __future__ import annotations

from noctis_tui.interface.actions import Action

CONTEXT = "jobs"

JOBS_ACTIONS: tuple[Action, ...] = (
    Action("cancel_job", "Stop the job", "Job", CONTEXT),
    Action("copy_output", "Copy the path of what it wrote", "Job", CONTEXT),
    Action("line_down", "Next job", "Move", CONTEXT, "", "move_by", 1),
    Action("line_up", "Job before", "Move", CONTEXT, "", "move_by", -1),
    Action("half_page_down", "Half a page down", "Move", CONTEXT, "", "move_by_pages", 0.5),
    Action("half_page_up", "Half a page up", "Move", CONTEXT, "", "move_by_pages", -0.5),
    Action("page_down", "A page down", "Move", CONTEXT, "", "move_by_pages", 1),
    Action("page_up", "A page up", "Move", CONTEXT, "", "move_by_pages", -1),
    Action("first", "Newest job", "Move", CONTEXT),
    Action("last", "Oldest job", "Move", CONTEXT),
)
