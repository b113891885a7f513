"""The panel of the layers, and the viewer's part that shows, hides, colours, renames and deletes them."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import Static

from archive.annotations.annotation import Layer
from archive.dicom.text import visible
from noctis_tui.graphics.picture import OVERLAY_COLORS
from noctis_tui.interface.viewer.measuring_actions import LAYERS, WORDS
from noctis_tui.interface.worklist.cells import fit
from noctis_tui.reading.annotating import DEFAULT_LAYER

if TYPE_CHECKING:
    from noctis_tui.interface.viewer.grid_actions import GridActions
    from noctis_tui.interface.viewer.measuring import Measuring
    from noctis_tui.reading.annotating import Editing

_NAME_CELLS = 18
_WIDEST = 60
COLORS = (3, 4, 5, 6, 7, 8, 1)
"""Overlay colours to choose from; 2 is the mark in hand."""
_LONGEST_NAME = 40


class LayerPanel(Static):
    """Lists the layers of a study."""

    DEFAULT_CSS = """
    LayerPanel { dock: right; width: 44; max-width: 45%; height: 1fr; background: $panel; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__(id="layer-panel", markup=False)

    def show(self, editing: Editing, cursor: int) -> None:
        """Show the layers, one under the cursor."""
        colors = self.app.theme_variables
        counts = Counter(annotation.layer for annotation in editing.kept.annotations)
        text = Text("Layers\n\n", style=f"bold {colors['bright']}", no_wrap=True)
        for place, layer in enumerate(editing.kept.layers):
            line = _line(layer, counts[layer.name], layer.name == editing.layer, colors)
            if place == cursor:
                line.stylize(f"on {colors['cursor']}")
            text.append_text(line).append("\n")
        text.append(
            f"\nNew shapes go to {visible(editing.layer, _LONGEST_NAME)}.",
            style=f"not bold {colors['muted']}",
        )
        self.update(text)


def _line(layer: Layer, count: int, chosen: bool, colors: dict[str, str]) -> Text:
    red, green, blue = OVERLAY_COLORS[(layer.color_index - 1) % len(OVERLAY_COLORS)]
    line = Text("› " if chosen else "  ", style=f"not bold {colors['accent']}")
    line.append("╍╍ " if layer.dashed else "━━ ", style=f"not bold rgb({red},{green},{blue})")
    style = colors["foreground"] if layer.visible else colors["muted"]
    line.append(fit(visible(layer.name, _LONGEST_NAME), _NAME_CELLS), style=f"not bold {style}")
    state = "" if layer.visible else "  hidden"
    return line.append(fit(f"{count:>4}{state}", _WIDEST), style=f"not bold {colors['muted']}")


class Layers:
    """Opens the panel and does what its keys ask for."""

    def __init__(self, screen: GridActions, measuring: Measuring) -> None:
        self._screen = screen
        self._measuring = measuring
        self._panel: LayerPanel | None = None
        self._cursor = 0

    def begin(self) -> None:
        """Follow the mode of the screen, and what is drawn."""
        self._screen.watch(self._screen, "mode", self._mode_changed, init=False)
        self._measuring.desk.listeners.append(self._draw)

    def _mode_changed(self, now: str) -> None:
        if now == LAYERS and self._panel is None:
            self._panel, self._cursor = LayerPanel(), 0
            self._screen.query_one("#panes").mount(self._panel)
            self._panel.call_after_refresh(self._draw)
        elif self._panel is not None and now not in {LAYERS, WORDS}:
            self._panel.remove()
            self._panel = None

    def _draw(self) -> None:
        if self._panel is not None and self._panel.is_mounted:
            self._panel.show(self._measuring.editing, self._cursor)

    @property
    def _layer(self) -> Layer | None:
        layers = self._measuring.editing.kept.layers
        return layers[min(self._cursor, len(layers) - 1)] if layers else None

    def _change(self, layer: Layer) -> None:
        self._measuring.put(self._measuring.editing.with_layer(layer))

    def action_layer_move_by(self, rows: int) -> None:
        """Move the cursor."""
        last = len(self._measuring.editing.kept.layers) - 1
        self._cursor = min(max(self._cursor + rows, 0), max(last, 0))
        self._draw()

    def action_layer_choose(self) -> None:
        """Let new shapes go to the layer under the cursor, and show it."""
        if self._layer is not None:
            shown = replace(self._layer, visible=True)
            self._measuring.put(self._measuring.editing.with_layer(shown).drawing_in(shown.name))

    def action_layer_show(self) -> None:
        """Show the layer under the cursor, or hide it."""
        if self._layer is not None:
            self._change(replace(self._layer, visible=not self._layer.visible))

    def action_layer_color(self) -> None:
        """Give the layer under the cursor the next colour."""
        if self._layer is not None:
            known = self._layer.color_index
            place = COLORS.index(known) if known in COLORS else -1
            self._change(replace(self._layer, color_index=COLORS[(place + 1) % len(COLORS)]))

    def action_layer_dashed(self) -> None:
        """Draw the layer under the cursor with dashed lines, or with whole ones."""
        if self._layer is not None:
            self._change(replace(self._layer, dashed=not self._layer.dashed))

    def action_layer_delete(self) -> None:
        """Delete the layer under the cursor with what is drawn in it; undo brings both back."""
        layer, editing = self._layer, self._measuring.editing
        if layer is None:
            return
        if layer.name == DEFAULT_LAYER:
            self._screen.say(f"Every study has the layer {DEFAULT_LAYER}: rename it, or delete its marks.")
            return
        count = sum(annotation.layer == layer.name for annotation in editing.kept.annotations)
        self._measuring.put(editing.without_layer(layer.name))
        self.action_layer_move_by(0)
        marks = f" and its {count} mark{'s' if count > 1 else ''}" if count else ""
        undo = self._screen.keymap.label("reading", "undo_mark")
        name = visible(layer.name, _LONGEST_NAME)
        self._screen.say(f"Deleted the layer {name}{marks}; {undo} brings it back.")

    def action_layer_rename(self) -> None:
        """Ask for another name of the layer under the cursor."""
        layer = self._layer
        if layer is not None:
            self._measuring.ask(
                visible(layer.name, _LONGEST_NAME),
                "name of the layer",
                lambda words: self._renamed(layer.name, words),
                LAYERS,
            )

    def _renamed(self, name: str, words: str | None) -> None:
        new = (words or "").strip()[:_LONGEST_NAME]
        if new:
            self._measuring.put(self._measuring.editing.with_layer_renamed(name, new, time.time()))
            self._to(new)

    def action_layer_add(self) -> None:
        """Ask for the name of a new layer, which new shapes go to."""
        self._measuring.ask("", "name of the layer", self._named, LAYERS)

    def _named(self, words: str | None) -> None:
        name = (words or "").strip()[:_LONGEST_NAME]
        editing = self._measuring.editing
        if not name:
            return
        color = COLORS[len(editing.kept.layers) % len(COLORS)]
        known = editing.layers.get(name, Layer(name, color))
        self._measuring.put(editing.with_layer(replace(known, visible=True)).drawing_in(name))
        self._to(name)

    def _to(self, name: str) -> None:
        names = [layer.name for layer in self._measuring.editing.kept.layers]
        self._cursor = names.index(name) if name in names else 0
        self._draw()
