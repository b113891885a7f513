"""What can be asked of the panes: how many, and how they go together."""

from __future__ import annotations

from noctis_tui.interface.actions import Action
from noctis_tui.interface.viewer.actions import CONTEXT
from noctis_tui.reading.grid import GRIDS

CHOOSER_CONTEXT = "layout"
CROSSHAIR_TOOL = "reading_crosshair"

LAYOUT_ACTIONS: tuple[Action, ...] = (
    Action("layouts", "Choose a layout", "Panes", CONTEXT),
    Action("series_strip", "The series below the pictures", "Panes", CONTEXT),
    Action("compare", "Compare with another study of the patient", "Panes", CONTEXT),
    Action("link_scrolling", "Scroll panes together, or not", "Panes", CONTEXT),
    Action("link_here", "What is in view belongs together", "Panes", CONTEXT),
    Action("unlink", "Forget the offset set by hand", "Panes", CONTEXT),
    Action("link_windows", "One window for all, or not", "Panes", CONTEXT),
    Action("link_zoom", "Zoom and pan together, or not", "Panes", CONTEXT),
    Action("plane_lines", "Lines where planes meet, or not", "Panes", CONTEXT),
    Action("crosshair_tool", "Crosshair: one point in every pane", "Panes", CONTEXT, CROSSHAIR_TOOL),
    Action("crosshair_left", "One pixel left", "Crosshair", CROSSHAIR_TOOL, "", "crosshair_across", -1),
    Action("crosshair_right", "One pixel right", "Crosshair", CROSSHAIR_TOOL, "", "crosshair_across", 1),
    Action("crosshair_up", "One pixel up", "Crosshair", CROSSHAIR_TOOL, "", "crosshair_down", -1),
    Action("crosshair_down", "One pixel down", "Crosshair", CROSSHAIR_TOOL, "", "crosshair_down", 1),
    Action("crosshair_ten_left", "Ten pixels left", "Crosshair", CROSSHAIR_TOOL, "", "crosshair_across", -10),
    Action(
        "crosshair_ten_right", "Ten pixels right", "Crosshair", CROSSHAIR_TOOL, "", "crosshair_across", 10
    ),
    Action("crosshair_ten_up", "Ten pixels up", "Crosshair", CROSSHAIR_TOOL, "", "crosshair_down", -10),
    Action("crosshair_ten_down", "Ten pixels down", "Crosshair", CROSSHAIR_TOOL, "", "crosshair_down", 10),
    *(
        Action(
            f"grid_{grid}",
            f"{grid.rows} x {grid.columns} panes",
            "Layout",
            CHOOSER_CONTEXT,
            "",
            "grid",
            str(grid),
        )
        for grid in GRIDS
    ),
)
