"""What reading can be asked for."""

from __future__ import annotations

from noctis_tui.interface.actions import Action

CONTEXT = "reading"
WINDOW_TOOL, ZOOM_TOOL, PAN_TOOL, PROBE_TOOL = (
    "reading_window",
    "reading_zoom",
    "reading_pan",
    "reading_probe",
)

VIEWER_ACTIONS: tuple[Action, ...] = (
    Action("next_image", "Next image", "Images", CONTEXT, "", "scroll", 1),
    Action("previous_image", "Previous image", "Images", CONTEXT, "", "scroll", -1),
    Action("ten_images_on", "Ten images on", "Images", CONTEXT, "", "scroll", 10),
    Action("ten_images_back", "Ten images back", "Images", CONTEXT, "", "scroll", -10),
    Action("first_image", "First image", "Images", CONTEXT),
    Action("last_image", "Last image", "Images", CONTEXT),
    Action("next_series", "Next series", "Images", CONTEXT, "", "go_to_series", 1),
    Action("previous_series", "Previous series", "Images", CONTEXT, "", "go_to_series", -1),
    Action("cine", "Play, stop", "Images", CONTEXT),
    Action("cine_bounce", "Play back and forth, round", "Images", CONTEXT),
    Action("cine_slower", "Play slower", "Images", CONTEXT),
    Action("cine_faster", "Play faster", "Images", CONTEXT),
    Action("window_tool", "Window tool: hjkl, or drag", "Window", CONTEXT, WINDOW_TOOL),
    *(
        Action(f"preset_{number}", f"Preset {number}", "Window", CONTEXT, "", "preset", number)
        for number in range(1, 10)
    ),
    Action("full_range", "The full range of values", "Window", CONTEXT),
    Action("own_window", "The file's own window, the next one", "Window", CONTEXT),
    Action("invert", "Invert", "Window", CONTEXT),
    Action("zoom_tool", "Zoom tool: hjkl, or drag", "Place", CONTEXT, ZOOM_TOOL),
    Action("zoom_in", "Larger", "Place", CONTEXT),
    Action("zoom_out", "Smaller", "Place", CONTEXT),
    Action("fit", "Fit", "Place", CONTEXT),
    Action("true_size", "One screen pixel a pixel", "Place", CONTEXT),
    Action("pan_tool", "Pan tool: hjkl, or drag", "Place", CONTEXT, PAN_TOOL),
    Action("rotate_right", "Turn right", "Place", CONTEXT, "", "rotate", 1),
    Action("rotate_left", "Turn left", "Place", CONTEXT, "", "rotate", -1),
    Action("flip_horizontally", "Exchange left and right", "Place", CONTEXT),
    Action("flip_vertically", "Exchange top and bottom", "Place", CONTEXT),
    Action("reset", "As it first appeared", "Place", CONTEXT),
    Action("probe_tool", "Probe: arrows, Shift by ten", "Look", CONTEXT, PROBE_TOOL),
    Action("overlays", "Text: all, minimal, none", "Look", CONTEXT),
    Action("layout", "One pane, several panes", "Panes", CONTEXT),
    Action("maximise", "This pane alone, and back", "Panes", CONTEXT),
    Action("wider", "Wider", "Window tool", WINDOW_TOOL, "", "widen", 1),
    Action("narrower", "Narrower", "Window tool", WINDOW_TOOL, "", "widen", -1),
    Action("center_lower", "Centre lower: brighter", "Window tool", WINDOW_TOOL, "", "raise_center", -1),
    Action("center_higher", "Centre higher: darker", "Window tool", WINDOW_TOOL, "", "raise_center", 1),
    Action("much_wider", "Much wider", "Window tool", WINDOW_TOOL, "", "widen", 5),
    Action("much_narrower", "Much narrower", "Window tool", WINDOW_TOOL, "", "widen", -5),
    Action("center_much_lower", "Centre much lower", "Window tool", WINDOW_TOOL, "", "raise_center", -5),
    Action("center_much_higher", "Centre much higher", "Window tool", WINDOW_TOOL, "", "raise_center", 5),
    Action("larger", "Larger", "Zoom tool", ZOOM_TOOL, "", "magnify", 1),
    Action("smaller", "Smaller", "Zoom tool", ZOOM_TOOL, "", "magnify", -1),
    Action("much_larger", "Much larger", "Zoom tool", ZOOM_TOOL, "", "magnify", 4),
    Action("much_smaller", "Much smaller", "Zoom tool", ZOOM_TOOL, "", "magnify", -4),
    Action("pan_left", "Left", "Pan tool", PAN_TOOL, "", "pan_across", -1),
    Action("pan_right", "Right", "Pan tool", PAN_TOOL, "", "pan_across", 1),
    Action("pan_up", "Up", "Pan tool", PAN_TOOL, "", "pan_down", -1),
    Action("pan_down", "Down", "Pan tool", PAN_TOOL, "", "pan_down", 1),
    Action("pan_far_left", "Far left", "Pan tool", PAN_TOOL, "", "pan_across", -5),
    Action("pan_far_right", "Far right", "Pan tool", PAN_TOOL, "", "pan_across", 5),
    Action("pan_far_up", "Far up", "Pan tool", PAN_TOOL, "", "pan_down", -5),
    Action("pan_far_down", "Far down", "Pan tool", PAN_TOOL, "", "pan_down", 5),
    Action("probe_left", "One pixel left", "Probe", PROBE_TOOL, "", "probe_across", -1),
    Action("probe_right", "One pixel right", "Probe", PROBE_TOOL, "", "probe_across", 1),
    Action("probe_up", "One pixel up", "Probe", PROBE_TOOL, "", "probe_down", -1),
    Action("probe_down", "One pixel down", "Probe", PROBE_TOOL, "", "probe_down", 1),
    Action("probe_ten_left", "Ten pixels left", "Probe", PROBE_TOOL, "", "probe_across", -10),
    Action("probe_ten_right", "Ten pixels right", "Probe", PROBE_TOOL, "", "probe_across", 10),
    Action("probe_ten_up", "Ten pixels up", "Probe", PROBE_TOOL, "", "probe_down", -10),
    Action("probe_ten_down", "Ten pixels down", "Probe", PROBE_TOOL, "", "probe_down", 10),
)
