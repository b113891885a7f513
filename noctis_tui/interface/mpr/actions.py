"""What can be asked for while planes of a volume are read."""

from __future__ import annotations

from noctis_tui.interface.actions import Action
from noctis_tui.interface.viewer.actions import PAN_TOOL, WINDOW_TOOL, ZOOM_TOOL

CONTEXT = "mpr"
OBLIQUE_TOOL = "mpr_oblique"

MPR_ACTIONS: tuple[Action, ...] = (
    Action("mpr", "Planes of the volume (MPR)", "Panes", "reading"),
    Action("axial_plane", "The axial plane", "Planes", CONTEXT, "", "plane", "axial"),
    Action("coronal_plane", "The coronal plane", "Planes", CONTEXT, "", "plane", "coronal"),
    Action("sagittal_plane", "The sagittal plane", "Planes", CONTEXT, "", "plane", "sagittal"),
    Action("maximise", "This pane alone, and back", "Planes", CONTEXT),
    Action("next_slice", "Next slice", "Planes", CONTEXT, "", "slice", 1),
    Action("previous_slice", "Previous slice", "Planes", CONTEXT, "", "slice", -1),
    Action("ten_slices_on", "Ten slices on", "Planes", CONTEXT, "", "slice", 10),
    Action("ten_slices_back", "Ten slices back", "Planes", CONTEXT, "", "slice", -10),
    Action("first_slice", "First slice", "Planes", CONTEXT),
    Action("last_slice", "Last slice", "Planes", CONTEXT),
    Action("crosshair_left", "One voxel left", "Crosshair", CONTEXT, "", "crosshair_across", -1),
    Action("crosshair_right", "One voxel right", "Crosshair", CONTEXT, "", "crosshair_across", 1),
    Action("crosshair_up", "One voxel up", "Crosshair", CONTEXT, "", "crosshair_down", -1),
    Action("crosshair_down", "One voxel down", "Crosshair", CONTEXT, "", "crosshair_down", 1),
    Action("crosshair_ten_left", "Ten voxels left", "Crosshair", CONTEXT, "", "crosshair_across", -10),
    Action("crosshair_ten_right", "Ten voxels right", "Crosshair", CONTEXT, "", "crosshair_across", 10),
    Action("crosshair_ten_up", "Ten voxels up", "Crosshair", CONTEXT, "", "crosshair_down", -10),
    Action("crosshair_ten_down", "Ten voxels down", "Crosshair", CONTEXT, "", "crosshair_down", 10),
    Action("next_projection", "Slab: none, max, min, mean; or what turns", "Slab", CONTEXT),
    Action("thinner_slab", "Thinner slab; lower threshold", "Slab", CONTEXT, "", "slab", -1),
    Action("thicker_slab", "Thicker slab; higher threshold", "Slab", CONTEXT, "", "slab", 1),
    Action("surface", "Shaded surface, or the turning projection", "Fourth pane", CONTEXT),
    Action("oblique_tool", "Oblique: arrows turn, or drag", "Oblique", CONTEXT, OBLIQUE_TOOL),
    Action("acquisition_planes", "Along the acquired slices, the patient", "Oblique", CONTEXT),
    Action("reset", "Begin again", "Oblique", CONTEXT),
    Action("next_volume", "Next phase or volume", "Volumes", CONTEXT, "", "volume", 1),
    Action("previous_volume", "Previous phase or volume", "Volumes", CONTEXT, "", "volume", -1),
    Action("choose_volume", "Choose a volume", "Volumes", CONTEXT),
    Action("cine", "Play phases, or turn; stop", "Volumes", CONTEXT),
    Action("cine_slower", "Play slower", "Volumes", CONTEXT),
    Action("cine_faster", "Play faster", "Volumes", CONTEXT),
    Action("window_tool", "Window tool: hjkl, or drag", "Window", CONTEXT, WINDOW_TOOL),
    *(
        Action(f"preset_{number}", f"Preset {number}", "Window", CONTEXT, "", "preset", number)
        for number in range(1, 10)
    ),
    Action("choose_preset", "Choose a preset by its name", "Window", CONTEXT),
    Action("full_range", "The full range of values", "Window", CONTEXT),
    Action("own_window", "The file's own window, the next one", "Window", CONTEXT),
    Action("invert", "Invert", "Window", CONTEXT),
    Action("zoom_tool", "Zoom tool: hjkl, or drag", "Place", CONTEXT, ZOOM_TOOL),
    Action("zoom_in", "Larger", "Place", CONTEXT, "", "magnify", 1),
    Action("zoom_out", "Smaller", "Place", CONTEXT, "", "magnify", -1),
    Action("fit", "Fit", "Place", CONTEXT),
    Action("pan_tool", "Pan tool: hjkl, or drag", "Place", CONTEXT, PAN_TOOL),
    Action("overlays", "Text: all, minimal, none", "Look", CONTEXT),
    Action("spin_left", "Turn the lines to the left", "Oblique tool", OBLIQUE_TOOL, "", "spin", -1),
    Action("spin_right", "Turn the lines to the right", "Oblique tool", OBLIQUE_TOOL, "", "spin", 1),
    Action("tilt_back", "Tilt this plane back", "Oblique tool", OBLIQUE_TOOL, "", "tilt", 1),
    Action("tilt_forward", "Tilt this plane forward", "Oblique tool", OBLIQUE_TOOL, "", "tilt", -1),
    Action("swing_left", "Swing this plane's left side back", "Oblique tool", OBLIQUE_TOOL, "", "swing", -1),
    Action("swing_right", "Swing this plane's right side back", "Oblique tool", OBLIQUE_TOOL, "", "swing", 1),
    Action("spin_ten_left", "Ten degrees to the left", "Oblique tool", OBLIQUE_TOOL, "", "spin", -10),
    Action("spin_ten_right", "Ten degrees to the right", "Oblique tool", OBLIQUE_TOOL, "", "spin", 10),
    Action("tilt_ten_back", "Ten degrees back", "Oblique tool", OBLIQUE_TOOL, "", "tilt", 10),
    Action("tilt_ten_forward", "Ten degrees forward", "Oblique tool", OBLIQUE_TOOL, "", "tilt", -10),
)
