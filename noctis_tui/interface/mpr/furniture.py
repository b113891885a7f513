"""What stands around the planes: the line above, the line below, the sentence where nothing fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import Static

from archive.dicom.text import visible
from noctis_tui.interface.hints import hint_text
from noctis_tui.interface.mpr.actions import CONTEXT, CURVE_TOOL, LENGTH_TOOL, OBLIQUE_TOOL
from noctis_tui.interface.viewer.actions import PAN_TOOL, WINDOW_TOOL, ZOOM_TOOL
from noctis_tui.interface.viewer.furniture import LEAST_SIZE
from noctis_tui.interface.viewer.lines import header_line
from noctis_tui.reading.pixel_values import UNITS, number_text, point_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noctis_tui.interface.mpr.screen import MprScreen

_ALWAYS = (("everywhere", "help", "help"), ("everywhere", "back", "back"))
_DONE = (("everywhere", "help", "help"), ("everywhere", "cancel", "done"))
_HINTS: tuple[tuple[str, str], ...] = (
    ("next_slice previous_slice", "slice"),
    ("crosshair_left crosshair_down crosshair_up crosshair_right", "crosshair"),
    ("axial_plane coronal_plane sagittal_plane", "plane"),
    ("next_projection thinner_slab thicker_slab", "slab"),
    ("oblique_tool", "oblique"),
    ("length_tool", "length"),
    ("curve_tool", "curve"),
    ("window_tool", "window"),
    ("maximise", "alone"),
    ("zoom_tool", "zoom"),
    ("reset", "reset"),
    ("surface", "surface"),
    ("acquisition_planes", "as acquired"),
    ("choose_preset", "presets"),
    ("overlays", "text"),
    ("cine", "turn"),
)
"""What the footer reminds of, the most useful first, in order of being left out."""
_OF_VOLUMES = (("previous_volume next_volume", "volume"), ("cine", "play"))
_TOOLS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    OBLIQUE_TOOL: (
        "OBLIQUE",
        (
            ("spin_left spin_right", "turn"),
            ("tilt_back tilt_forward", "tilt"),
            ("swing_left swing_right", "swing"),
            ("acquisition_planes", "as acquired"),
            ("reset", "reset"),
        ),
    ),
    LENGTH_TOOL: (
        "LENGTH",
        (
            ("set_end", "set an end"),
            ("crosshair_left crosshair_down crosshair_up crosshair_right", "move"),
            ("delete_length", "delete"),
            ("next_end previous_end", "choose"),
            ("move_end", "move it here"),
            ("delete_lengths", "delete all"),
        ),
    ),
    CURVE_TOOL: (
        "CURVE",
        (
            ("set_point", "point"),
            ("back_curve along_curve", "along"),
            ("next_point previous_point", "choose"),
            ("move_point", "move"),
            ("delete_point", "delete"),
            ("turn_curve_right turn_curve_left", "turn"),
            ("stretched", "stretched"),
            ("narrower_curve wider_curve", "width"),
            ("undo_curve", "undo"),
            ("new_curve", "new"),
        ),
    ),
    WINDOW_TOOL: (
        "WINDOW",
        (("narrower wider", "width"), ("center_lower center_higher", "brighter, darker")),
    ),
    ZOOM_TOOL: ("ZOOM", (("larger", "larger"), ("smaller", "smaller"))),
    PAN_TOOL: ("PAN", (("pan_left pan_down pan_up pan_right", "move"),)),
}
_MOST_REASONS = 6
_WIDE = 90
"""From so many cells on the footer tells where the crosshair is, too."""


class Furniture:
    """Fills the lines of the screen."""

    def __init__(self, screen: MprScreen) -> None:
        self._screen = screen
        self._drawn: object = None
        self.header = Static(id="mpr-header", classes="viewer-line", markup=False)
        self.card = Static(id="mpr-card", markup=False)
        self.too_small = Static(id="too-small", markup=False)
        self.footer = Static(id="mpr-footer", classes="viewer-line", markup=False)

    def fit(self, width: int, height: int) -> None:
        """Say so when nothing useful fits."""
        too_small = width < LEAST_SIZE[0] or height < LEAST_SIZE[1]
        self._screen.set_class(too_small, "-too-small")
        least = f"{LEAST_SIZE[0]}x{LEAST_SIZE[1]}"
        self.too_small.update(
            f"Planes need a terminal of {least} cells; this one has {width}x{height}." if too_small else ""
        )

    def refuse(self, reasons: list[str]) -> None:
        """Say in the place of the pictures why there are none."""
        text = Text("No planes can be shown.\n", style="bold")
        told = tuple(dict.fromkeys(reasons))
        for reason in told[:_MOST_REASONS]:
            text.append(f"{reason}\n", style="not bold")
        self.card.update(text)
        self._screen.add_class("-refused")

    def forget(self) -> None:
        """Draw the lines anew whatever they say: colours or keys are others."""
        self._drawn = None

    def draw(self) -> None:
        """Fill both lines, where they would say something else."""
        screen, status = self._screen, self._status()
        drawn = (
            status,
            screen.mode,
            screen.number,
            screen.names,
            screen.size,
            screen.source.entry(),
            screen.classes,
        )
        if drawn == self._drawn or not screen.is_mounted:
            return
        self._drawn = drawn
        width, colors = screen.size.width, screen.app.theme_variables
        self.header.update(header_line(screen.source.entry(), None, 0, width, colors), layout=False)
        self.footer.update(self._footer(status, width), layout=False)

    def _footer(self, status: str, width: int) -> Text:
        colors, mode = self._screen.app.theme_variables, self._screen.mode
        right = Text(f"{status} " if status else "", style=colors["foreground"], no_wrap=True)
        right.truncate(width, overflow="ellipsis")
        has_several = len(self._screen.names) > 1
        name, parts = _TOOLS.get(mode, ("", (*_OF_VOLUMES, *_HINTS) if has_several else _HINTS))
        left = Text(f" {name} " if name else "", style=f"bold {colors['bright']}", no_wrap=True)
        if self._screen.has_class("-refused"):
            parts = _OF_VOLUMES[:1] if has_several else ()
        hints = [(self._context(mode, names), names, word) for names, word in parts]
        room = width - right.cell_len - left.cell_len
        keys = hint_text(self._screen.keymap, [*hints, *(_DONE if mode else _ALWAYS)], room, colors)
        left.append_text(keys)
        left.truncate(max(width - right.cell_len, 0))
        left.append(" " * max(width - left.cell_len - right.cell_len, 0))
        return left.append_text(right)

    def _context(self, mode: str, names: str) -> str:
        """Return where actions are: a tool reminds of keys of the screen, too."""
        actions = self._screen.keymap
        return mode if mode and actions.label(mode, names.split(maxsplit=1)[0]) else CONTEXT

    def _status(self) -> str:
        parts = (self._screen.measuring.text, *self._volume(), *self._value(), *self._progress())
        return "   ".join(part for part in parts if part)

    def _volume(self) -> Sequence[str]:
        screen = self._screen
        speed = screen.volumes.frames_per_second
        playing = f"▶ {speed:.0f}/s" if speed else ""
        if len(screen.names) < 2:
            return (playing,)
        name = visible(screen.names[screen.number], 24) or str(screen.number + 1)
        return playing, name

    def _value(self) -> Sequence[str]:
        screen = self._screen
        if screen.state is None or screen.sampling is None:
            return ()
        value = screen.sampling.value_at(screen.state.crosshair_mm)
        unit = screen.sampling.volume.units
        text = f"{number_text(value)} {UNITS.get(unit, unit)}".rstrip() if value is not None else ""
        return text, point_text(screen.state.crosshair_mm) if screen.size.width >= _WIDE else ""

    def _progress(self) -> Sequence[str]:
        progress = self._screen.progress
        if progress is None:
            return ()
        return (f"loading {progress.done}/{progress.total}" if progress.total else "loading",)
