"""The two lines around the pictures: what is read, and which keys help now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from archive.dicom.text import person_name, visible
from noctis_tui.interface.viewer.actions import CONTEXT, PAN_TOOL, PROBE_TOOL, WINDOW_TOOL, ZOOM_TOOL
from noctis_tui.interface.viewer.derived_actions import OBJECTS
from noctis_tui.interface.viewer.enhancing_actions import ENHANCE_TOOL
from noctis_tui.interface.viewer.layout_actions import CROSSHAIR_TOOL
from noctis_tui.interface.viewer.measuring_actions import HINTS
from noctis_tui.reading.caption import date_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from noctis_tui.interface.keymap import Keymap
    from noctis_tui.interface.viewer.shelf import Entry

_PARTS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("next_image", "previous_image"), "image"),
    (("previous_series", "next_series"), "series"),
    (("window_tool",), "window"),
    (("preset_1",), "presets"),
    (("zoom_tool",), "zoom"),
    (("layout",), "panes"),
    (("cine",), "cine"),
    (("length_tool",), "length"),
    (("probe_tool",), "probe"),
    (("pan_tool",), "pan"),
    (("rotate_right",), "turn"),
    (("flip_horizontally",), "flip"),
    (("invert",), "invert"),
    (("overlays",), "text"),
    (("reset",), "reset"),
    (("angle_tool",), "angle"),
    (("ellipse_tool",), "ellipse"),
    (("key_image",), "key image"),
    (("measurement_list",), "list"),
)
"""What the footer reminds of, the most useful first, in order of being left out."""

_TEXT_PARTS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("next_image", "previous_image"), "scroll"),
    (("page_on",), "page"),
    (("first_image", "last_image"), "ends"),
    (("previous_series", "next_series"), "series"),
    (("layout",), "panes"),
    (("instance_tags",), "tags"),
    (("export_images",), "export"),
)
"""The same where a text is in view."""

_TOOLS: dict[str, tuple[str, tuple[tuple[tuple[str, ...], str], ...]]] = {
    WINDOW_TOOL: (
        "WINDOW",
        ((("narrower", "wider"), "width"), (("center_lower", "center_higher"), "brighter, darker")),
    ),
    ZOOM_TOOL: ("ZOOM", ((("larger",), "larger"), (("smaller",), "smaller"))),
    PAN_TOOL: ("PAN", ((("pan_left", "pan_down", "pan_up", "pan_right"), "move"),)),
    ENHANCE_TOOL: (
        "ENHANCE",
        (
            (("enhance_previous", "enhance_next"), "which"),
            (("enhance_weaker", "enhance_stronger"), "weaker, stronger"),
            (("enhance_none",), "none"),
        ),
    ),
    OBJECTS: (
        "OBJECTS",
        (
            (("line_down", "line_up"), "choose"),
            (("switch",), "on, off"),
            (("thinner", "denser"), "thinner, denser"),
        ),
    ),
    PROBE_TOOL: (
        "PROBE",
        (
            (("probe_left", "probe_down", "probe_up", "probe_right"), "move"),
            (("probe_ten_right",), "ten"),
            (("keep_probe",), "keep"),
        ),
    ),
    CROSSHAIR_TOOL: (
        "CROSSHAIR",
        (
            (("crosshair_left", "crosshair_down", "crosshair_up", "crosshair_right"), "move"),
            (("crosshair_ten_right",), "ten"),
        ),
    ),
    **{mode: ("", hints) for mode, hints in HINTS.items()},
}


@dataclass(frozen=True, slots=True)
class Status:
    """What the right end of the footer tells.

    Attributes
    ----------
    value
        What is under the mouse or the probe.
    playing
        Frames per second while cine runs, else 0.
    bounces
        Whether it goes back and forth.
    loaded, wanted
        Frames that can be shown at once, of how many.
    note
        What else goes on.
    tool
        Name of the tool in hand and what it waits for; empty for those that the mode names.
    is_text
        Whether a text is in view instead of a picture.
    """

    value: str = ""
    playing: float = 0.0
    bounces: bool = False
    loaded: int = 0
    wanted: int = 0
    note: str = ""
    tool: str = ""
    is_text: bool = False

    @property
    def text(self) -> str:
        """The status in words, empty when there is nothing to tell."""
        parts = [self.value] if self.value else []
        if self.playing:
            parts.append(f"{'⇄' if self.bounces else '▶'} {self.playing:.0f}/s")
        if self.loaded < self.wanted:
            parts.append(f"loading {self.loaded}/{self.wanted}")
        if self.note:
            parts.append(self.note)
        return "   ".join(parts)


def header_line(
    entry: Entry | None, place: int | None, count: int, width: int, colors: Mapping[str, str]
) -> Text:
    """Return patient and study on the left, the series on the right."""
    if entry is None:
        return Text(" noctis", style=f"bold {colors['accent']}")
    study, series = entry.study, entry.series
    number = f"Se {series.series_number} " if series.series_number is not None else ""
    series_text = f"{visible(series.modality, 16)} {number}{visible(series.series_description, 60)}".strip()
    where = f"   {place + 1}/{count} series " if place is not None and count > 1 else " "
    name = visible(person_name(study.patient_name), 60) or "No name"
    right = Text(series_text, style=colors["foreground"]).append(where, style=colors["muted"])
    left = Text(f" {name}", style=f"bold {colors['bright']}")
    about = (
        visible(study.patient_id, 40),
        date_text(visible(study.study_date, 12)),
        visible(study.study_description, 60),
    )
    left.append("".join(f"  {part}" for part in about if part), style=colors["muted"])
    right.truncate(max(width // 2, width - left.cell_len - 1), overflow="ellipsis")
    left.truncate(max(width - right.cell_len - 1, 0), overflow="ellipsis")
    left.append(" " * max(width - left.cell_len - right.cell_len, 0))
    return left.append_text(right)


def footer_line(keymap: Keymap, mode: str, status: Status, width: int, colors: Mapping[str, str]) -> Text:
    """Return the keys that help now, as many as fit beside the status."""
    right = Text(f"{status.text} " if status.text else "", style=colors["foreground"])
    right.truncate(width, overflow="ellipsis")
    name, parts = _TOOLS.get(mode, ("", _TEXT_PARTS if status.is_text else _PARTS))
    name = name or status.tool
    hints = [(_keys(keymap, _context(keymap, mode, actions), actions), word) for actions, word in parts]
    last = ("Esc", "done") if mode in _TOOLS else (keymap.label("everywhere", "back"), "back")
    always = [(keymap.label("everywhere", "help"), "help"), last]
    hints = [hint for hint in hints if hint[0]]
    room = width - right.cell_len - (len(name) + 3 if name else 1)
    while hints and _cells([*hints, *always]) > room:
        hints.pop()
    left = Text(f" {name}  " if name else " ", style=f"bold {colors['bright']}", no_wrap=True)
    for key, word in [*hints, *always]:
        left.append(key, style=colors["accent"]).append(f" {word}  ", style=colors["muted"])
    left.truncate(max(width - right.cell_len, 0))
    left.append(" " * max(width - left.cell_len - right.cell_len, 0))
    return left.append_text(right)


def _context(keymap: Keymap, mode: str, actions: Sequence[str]) -> str:
    return mode if keymap.registry.find(mode, actions[0]) is not None else CONTEXT


def _keys(keymap: Keymap, context: str, actions: Sequence[str]) -> str:
    if actions == ("preset_1",):
        return f"{keymap.label(context, 'preset_1')}-{keymap.label(context, 'preset_9')}"
    return "".join(keymap.label(context, action) for action in actions)


def _cells(hints: Sequence[tuple[str, str]]) -> int:
    return sum(len(key) + len(word) + 3 for key, word in hints)
