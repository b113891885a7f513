"""What the worklist can be asked for."""

from __future__ import annotations

from noctis_tui.interface.actions import Action
from noctis_tui.interface.worklist.quick_filters import QUICK_FILTERS

CONTEXT = "worklist"

WORKLIST_ACTIONS: tuple[Action, ...] = (
    Action("read", "Read the study, or the chosen series", "Study", CONTEXT),
    Action("tags", "Show every element of the study's first instance", "Study", CONTEXT),
    Action("mark", "Mark, or take the mark away", "Study", CONTEXT),
    Action("unmark_all", "Take all marks away", "Study", CONTEXT),
    Action("diff", "What differs between the two marked studies", "Study", CONTEXT),
    Action("copy_uid", "Copy the Study Instance UID", "Study", CONTEXT),
    Action("follow", "Follow arrivals with the cursor", "Arrivals", CONTEXT),
    Action("associations", "Show the receiver and its associations", "Arrivals", CONTEXT),
    Action("start_receiver", "Start the receiver again", "Arrivals", CONTEXT),
    Action("jobs", "Show what takes its time, and stop it", "Jobs", CONTEXT),
    Action("cursor_down", "Next study", "Move", CONTEXT),
    Action("cursor_up", "Previous study", "Move", CONTEXT),
    Action("half_page_down", "Half a page down", "Move", CONTEXT),
    Action("half_page_up", "Half a page up", "Move", CONTEXT),
    Action("page_down", "A page down", "Move", CONTEXT),
    Action("page_up", "A page up", "Move", CONTEXT),
    Action("first", "First study", "Move", CONTEXT),
    Action("last", "Last study", "Move", CONTEXT),
    Action("next_series", "Next series of the study", "Move", CONTEXT),
    Action("previous_series", "Previous series of the study", "Move", CONTEXT),
    Action("filter", "Filter by name, ID, accession, description", "Find", CONTEXT),
    Action("sort_next", "Sort by the next column", "Find", CONTEXT),
    Action("sort_reverse", "Reverse the order", "Find", CONTEXT),
    *(
        Action(f"quick_filter_{quick.key}", quick.title, "Find", CONTEXT, "", "quick_filter", quick.key)
        for quick in QUICK_FILTERS
    ),
)
