"""What can be asked for about measurements and annotations, and the words that remind of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.annotations.annotation import Kind
from noctis_tui.interface.actions import Action
from noctis_tui.interface.viewer.actions import CONTEXT, PROBE_TOOL

if TYPE_CHECKING:
    from noctis_tui.reading.annotating import Editing

DRAWING, CHOSEN, WORDS, LIST, LAYERS = (
    "reading_drawing",
    "reading_mark",
    "reading_words",
    "reading_list",
    "reading_layers",
)
_GROUP = "Measure"


def _tool(name: str, title: str, kind: Kind) -> Action:
    return Action(name, title, _GROUP, CONTEXT, "", "draw", kind.value)


MEASURING_ACTIONS: tuple[Action, ...] = (
    _tool("length_tool", "Length", Kind.LENGTH),
    _tool("polyline_tool", "Length along several points", Kind.POLYLINE),
    _tool("angle_tool", "Angle", Kind.ANGLE),
    _tool("cobb_tool", "Cobb angle", Kind.COBB),
    _tool("ellipse_tool", "Ellipse", Kind.ELLIPSE),
    _tool("box_tool", "Box", Kind.RECTANGLE),
    _tool("polygon_tool", "Polygon", Kind.POLYGON),
    _tool("freehand_tool", "Region drawn by hand", Kind.FREEHAND),
    _tool("text_tool", "Text", Kind.TEXT),
    _tool("arrow_tool", "Arrow", Kind.ARROW),
    Action("next_mark", "Choose the next mark, to move it", _GROUP, CONTEXT, "", "choose_mark", 1),
    Action("previous_mark", "Choose the mark before", _GROUP, CONTEXT, "", "choose_mark", -1),
    Action("delete_mark", "Delete the chosen mark", _GROUP, CONTEXT),
    Action("undo_mark", "Undo", _GROUP, CONTEXT),
    Action("redo_mark", "Redo", _GROUP, CONTEXT),
    Action("key_image", "Mark, unmark as a key image", _GROUP, CONTEXT),
    Action("next_key_image", "Next key image", _GROUP, CONTEXT, "", "go_to_key_image", 1),
    Action("previous_key_image", "Key image before", _GROUP, CONTEXT, "", "go_to_key_image", -1),
    Action("measurement_list", "List of measurements, key images", _GROUP, CONTEXT, LIST),
    Action("layer_list", "Layers: show, hide, colour, rename", _GROUP, CONTEXT, LAYERS),
    Action("copy_measurements", "Copy the measurements", _GROUP, CONTEXT),
    Action("list_next", "Next", "List of measurements", LIST, "", "list_move_by", 1),
    Action("list_previous", "Before", "List of measurements", LIST, "", "list_move_by", -1),
    Action("list_first", "First", "List of measurements", LIST, "", "list_move_by", -1_000_000),
    Action("list_last", "Last", "List of measurements", LIST, "", "list_move_by", 1_000_000),
    Action("list_go", "Go to its image", "List of measurements", LIST),
    Action("list_delete", "Delete it, unmark a key image", "List of measurements", LIST),
    Action("layer_next", "Next", "Layers", LAYERS, "", "layer_move_by", 1),
    Action("layer_previous", "Before", "Layers", LAYERS, "", "layer_move_by", -1),
    Action("layer_choose", "Draw in this layer", "Layers", LAYERS),
    Action("layer_show", "Show, hide", "Layers", LAYERS),
    Action("layer_color", "Another colour", "Layers", LAYERS),
    Action("layer_dashed", "Dashed lines, whole lines", "Layers", LAYERS),
    Action("layer_add", "A new layer", "Layers", LAYERS),
    Action("layer_rename", "Rename it", "Layers", LAYERS),
    Action("layer_delete", "Delete it and what is drawn in it", "Layers", LAYERS),
    Action("keep_probe", "Leave the value here", "Probe", PROBE_TOOL),
    Action("set_point", "Set a point; the last one again ends", "Drawing", DRAWING),
    Action("take_back", "Take the last point back", "Drawing", DRAWING),
    Action("cursor_left", "One pixel left", "Drawing", DRAWING, "", "cursor_across", -1),
    Action("cursor_right", "One pixel right", "Drawing", DRAWING, "", "cursor_across", 1),
    Action("cursor_up", "One pixel up", "Drawing", DRAWING, "", "cursor_down", -1),
    Action("cursor_down", "One pixel down", "Drawing", DRAWING, "", "cursor_down", 1),
    Action("cursor_ten_left", "Ten pixels left", "Drawing", DRAWING, "", "cursor_across", -10),
    Action("cursor_ten_right", "Ten pixels right", "Drawing", DRAWING, "", "cursor_across", 10),
    Action("cursor_ten_up", "Ten pixels up", "Drawing", DRAWING, "", "cursor_down", -10),
    Action("cursor_ten_down", "Ten pixels down", "Drawing", DRAWING, "", "cursor_down", 10),
    Action("next_handle", "The next point, then all of it", "Mark", CHOSEN, "", "choose_handle", 1),
    Action("previous_handle", "The point before", "Mark", CHOSEN, "", "choose_handle", -1),
    Action("change_words", "Change its words", "Mark", CHOSEN),
    Action("move_left", "Move left by a pixel", "Mark", CHOSEN, "", "move_mark_across", -1),
    Action("move_right", "Move right", "Mark", CHOSEN, "", "move_mark_across", 1),
    Action("move_up", "Move up", "Mark", CHOSEN, "", "move_mark_down", -1),
    Action("move_down", "Move down", "Mark", CHOSEN, "", "move_mark_down", 1),
    Action("move_ten_left", "Move left by ten", "Mark", CHOSEN, "", "move_mark_across", -10),
    Action("move_ten_right", "Move right by ten", "Mark", CHOSEN, "", "move_mark_across", 10),
    Action("move_ten_up", "Move up by ten", "Mark", CHOSEN, "", "move_mark_down", -10),
    Action("move_ten_down", "Move down by ten", "Mark", CHOSEN, "", "move_mark_down", 10),
)

Hints = tuple[tuple[tuple[str, ...], str], ...]
HINTS: dict[str, Hints] = {
    DRAWING: (
        (("set_point",), "set a point"),
        (("cursor_left", "cursor_down", "cursor_up", "cursor_right"), "move"),
        (("cursor_ten_right",), "ten"),
        (("take_back",), "take back"),
    ),
    CHOSEN: (
        (("next_handle",), "point"),
        (("move_left", "move_down", "move_up", "move_right"), "move"),
        (("move_ten_right",), "ten"),
        (("change_words",), "words"),
    ),
    WORDS: (),
    LIST: (
        (("list_previous", "list_next"), "choose"),
        (("list_go",), "go there"),
        (("list_delete",), "delete"),
        (("copy_measurements",), "copy all"),
    ),
    LAYERS: (
        (("layer_previous", "layer_next"), "choose"),
        (("layer_show",), "show, hide"),
        (("layer_color",), "colour"),
        (("layer_dashed",), "dashed"),
        (("layer_choose",), "draw here"),
        (("layer_add",), "new"),
        (("layer_rename",), "rename"),
        (("layer_delete",), "delete"),
    ),
}
"""What the footer reminds of in each mode."""

_PROMPTS: dict[Kind, tuple[str, ...]] = {
    Kind.LENGTH: ("one end", "the other end"),
    Kind.ANGLE: ("one end", "the vertex", "the other end"),
    Kind.COBB: ("one end of the upper line", "its other end", "one end of the lower line", "its other end"),
    Kind.ELLIPSE: ("one corner", "the opposite corner"),
    Kind.RECTANGLE: ("one corner", "the opposite corner"),
    Kind.TEXT: ("where the words stand",),
    Kind.ARROW: ("the tip", "the tail"),
    Kind.PROBE: ("where",),
}
_ENOUGH = "the next point, or the same again to end"


def prompt(editing: Editing) -> str:
    """Return what the next point is, empty while nothing is drawn."""
    kind, count = editing.tool, len(editing.points)
    if kind is None:
        return ""
    if kind is Kind.FREEHAND:
        return "draw, then set a point to end" if count else "where it begins"
    if kind in _PROMPTS:
        return _PROMPTS[kind][min(count, len(_PROMPTS[kind]) - 1)]
    return ("the first point", "the next point")[min(count, 1)] if count < 2 else _ENOUGH
