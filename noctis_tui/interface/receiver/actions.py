"""What the receiver's screen can be asked for."""

from __future__ import annotations

from noctis_tui.interface.actions import Action
from noctis_tui.interface.receiver.log_filters import LOG_FILTERS

CONTEXT = "receiver"
DETAILS_CONTEXT = "association"
ADMIT_CONTEXT = "admit"

RECEIVER_ACTIONS: tuple[Action, ...] = (
    Action("explain", "What happened, and what would admit it; of a peer, its associations", "Peer", CONTEXT),
    Action("admit", "Admit the peer of the association", "Peer", CONTEXT),
    Action("only_this_peer", "Only the associations of this peer, or of all", "Peer", CONTEXT),
    Action("span", "Graph of five minutes, of a day", "Receiver", CONTEXT),
    Action("start_receiver", "Start the receiver again", "Receiver", CONTEXT),
    Action("line_down", "Next line", "Move", CONTEXT, "", "move_by", 1),
    Action("line_up", "Line before", "Move", CONTEXT, "", "move_by", -1),
    Action("half_page_down", "Half a page down", "Move", CONTEXT, "", "move_by_pages", 0.5),
    Action("half_page_up", "Half a page up", "Move", CONTEXT, "", "move_by_pages", -0.5),
    Action("page_down", "A page down", "Move", CONTEXT, "", "move_by_pages", 1),
    Action("page_up", "A page up", "Move", CONTEXT, "", "move_by_pages", -1),
    Action("first", "Newest association", "Move", CONTEXT),
    Action("last", "Oldest association", "Move", CONTEXT),
    Action("filter", "Filter by AE title, address, reason", "Find", CONTEXT),
    *(
        Action(f"log_filter_{each.key}", each.title, "Find", CONTEXT, "", "log_filter", each.key)
        for each in LOG_FILTERS
    ),
    Action("admit", "Admit the peer", "Peer", DETAILS_CONTEXT),
    Action("line_down", "Next line", "Move", DETAILS_CONTEXT, "", "scroll_by", 1),
    Action("line_up", "Line before", "Move", DETAILS_CONTEXT, "", "scroll_by", -1),
    Action("confirm", "Write the facility", "Peer", ADMIT_CONTEXT),
)
