"""What can be asked of the panes: how many, and how they go together."""

from __future__ import annotations

from noctis_tui.interface.actions import Action
from noctis_tui.interface.viewer.actions import CONTEXT
from noctis_tui.reading.grid import GRIDS

CHOOSER_CONTEXT = "layout"

LAYOUT_ACTIONS: tuple[Action, ...] = (
    Action("layouts", "Choose a layout", "Panes", CONTEXT),
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
