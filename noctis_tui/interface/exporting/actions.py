"""What exporting can be asked for."""

from __future__ import annotations

from noctis_tui.interface.actions import Action

EXPORTING_CONTEXT = "exporting"
EXPORTING_ACTIONS: tuple[Action, ...] = (
    Action("export_study", "Export as files", "Study", "worklist"),
    Action("export_images", "Export as files", "Images", "reading"),
    Action("choose_format", "Go on with this format; write", "Export", EXPORTING_CONTEXT),
    Action("line_down", "Next format", "Export", EXPORTING_CONTEXT),
    Action("line_up", "Previous format", "Export", EXPORTING_CONTEXT),
    Action("next_scope", "Image, series, study", "Export", EXPORTING_CONTEXT),
    Action("deidentify", "De-identify, or not", "Export", EXPORTING_CONTEXT),
    Action("burn_in", "Burn text and drawings in, or not", "Export", EXPORTING_CONTEXT),
)
