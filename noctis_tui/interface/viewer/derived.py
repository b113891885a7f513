"""The objects that refer to the images in view: found, opened and shown by keys."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.dicom.text import visible
from archive.errors import NoctisError
from archive.progress import Cancelled, CancelToken
from noctis_tui.interface.viewer.actions import CONTEXT
from noctis_tui.interface.viewer.derived_actions import OBJECTS
from noctis_tui.reading.derived.part import Appearance
from noctis_tui.reading.derived.source import DerivedMarks

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from archive.index.database import Index
    from noctis_tui.interface.viewer.objects_panel import ObjectsPanel
    from noctis_tui.interface.viewer.pane import Pane
    from noctis_tui.interface.viewer.screen import ViewerScreen
    from noctis_tui.interface.viewer.shelf import Shelf
    from noctis_tui.reading.derived.objects import ObjectHeader
    from noctis_tui.reading.derived.part import DerivedObject

log = logging.getLogger(__name__)
NOTHING = "Nothing in this study is drawn over these images."
_MODALITIES = frozenset({"SEG", "RTSTRUCT", "RTDOSE"})


@dataclass(eq=False)
class ObjectLayer:
    """One object as the interface knows it; only the event loop changes it."""

    header: ObjectHeader
    appearance: Appearance = field(default_factory=Appearance)
    is_on: bool = False
    opened: DerivedObject | None = None
    loading: CancelToken | None = None
    failure: str = ""

    @property
    def state(self) -> str:
        """What to say about it beside its name."""
        return self.failure or ("loading" if self.loading else "")


class DerivedObjects:
    """A part of the viewer: which objects there are, which are on, and what is drawn of them."""

    def __init__(self, screen: ViewerScreen) -> None:
        self._screen = screen
        self._source = DerivedMarks(self._failed)
        self._layers: dict[Path, ObjectLayer] = {}
        self._looked_at: dict[int, Shelf] = {}
        """Studies, and what was on the shelf when they were looked through."""
        self._announced: set[tuple[ObjectLayer, ...]] = set()
        self._search = CancelToken()
        self._panel: ObjectsPanel | None = None

    def attach(self, panes: Iterable[Pane]) -> None:
        """Draw below everything else over these panes."""
        for pane in panes:
            pane.mark_sources = (self._source, *pane.mark_sources)

    def close(self) -> None:
        """Stop whatever is being read."""
        self._search.cancel()
        for layer in self._layers.values():
            if layer.loading is not None:
                layer.loading.cancel()

    # ---- what there is

    def look(self, pane: Pane) -> None:
        """Find the objects of the study in view, once, and again when it grew."""
        entry, screen = pane.entry, self._screen
        if entry is None or screen.archive is None:
            return
        if self._looked_at.get(entry.study.id) is screen.shelf:
            self._announce(pane)
            self._list_again()
            return
        self._looked_at[entry.study.id] = screen.shelf
        series = [
            other.series.id
            for other in screen.shelf.entries
            if other.study.id == entry.study.id and other.series.modality in _MODALITIES
        ]
        if series:
            screen.run_worker(self._find(series), group="objects")

    async def _find(self, series: list[int]) -> None:
        from noctis_tui.reading.derived.objects import read_headers  # noqa: PLC0415 - few studies have any

        archive = self._screen.archive
        if archive is None:
            return
        try:
            files = await archive.index.call(_files_of, archive.index, series)
            unknown = [file for file in files if file not in self._layers]
            headers = await asyncio.to_thread(lambda: list(read_headers(unknown, self._search)))
        except Cancelled:
            return
        except (NoctisError, OSError) as error:
            self._screen.say(str(error))
            return
        for header in headers:
            self._layers.setdefault(header.path, ObjectLayer(header))
        self._announce(self._screen.active)
        self._list_again()

    def _list_again(self) -> None:
        layers = self.layers_of(self._screen.active)
        if self._panel is not None and layers != self._panel.listed:
            self._panel.list(layers)

    def _announce(self, pane: Pane) -> None:
        """Say once of the same objects that they can be shown over a series."""
        entry = pane.entry
        if entry is None or pane.frame is None:
            return
        layers = self.layers_of(pane)
        if not layers or layers in self._announced:
            return
        self._announced.add(layers)
        what = layers[0].header.name if len(layers) == 1 else f"{len(layers)} objects"
        keymap = self._screen.keymap
        shows, lists = keymap.label(CONTEXT, "objects_on_off"), keymap.label(CONTEXT, "objects")
        self._screen.say(f"{what} over this series: {shows} shows, {lists} lists.")

    def layers_of(self, pane: Pane) -> tuple[ObjectLayer, ...]:
        """Return what refers to the series of a pane, in reading order of the objects."""
        entry = pane.entry
        if entry is None:
            return ()
        frame = pane.frame
        reference = frame.attributes.frame_of_reference_uid if frame is not None else ""
        return tuple(
            layer
            for layer in self._layers.values()
            if layer.header.path != (pane.shown_ref.path if pane.shown_ref else None)
            and layer.header.refers_to(entry.series.series_instance_uid, reference)
        )

    # ---- keys

    def action_objects_on_off(self) -> None:
        """Show everything that refers to the images in view; asked again, nothing of it."""
        layers = self.layers_of(self._screen.active)
        if not layers:
            self._screen.say(NOTHING)
            return
        on = not any(layer.is_on for layer in layers)
        for layer in layers:
            self.switch(layer, on=on)

    def mode_changed(self, mode: str) -> None:
        """Bring the list out, or put it away."""
        if mode == OBJECTS and self._panel is None:
            from noctis_tui.interface.viewer.objects_panel import ObjectsPanel  # noqa: PLC0415 - when it is asked for

            self._panel = ObjectsPanel()
            self._screen.query_one("#panes").mount(self._panel)
            self._panel.list(self.layers_of(self._screen.active))
        elif mode != OBJECTS and self._panel is not None:
            self._panel.remove()
            self._panel = None

    def action_object_move_by(self, rows: int) -> None:
        """Move the cursor of the list."""
        if self._panel is not None:
            self._panel.move_by(rows)

    def action_object_switch(self) -> None:
        """Show or hide the object, or the part of it, under the cursor."""
        if self._panel is None or self._panel.current is None:
            return
        layer, part = self._panel.current
        if part is None:
            self.switch(layer, on=not layer.is_on)
        else:
            self.change(layer, layer.appearance.with_toggled(part.number))

    def action_object_opacity(self, steps: int) -> None:
        """Fill the object under the cursor more densely, less for negative steps."""
        if self._panel is not None and self._panel.current is not None:
            layer, _ = self._panel.current
            self.change(layer, layer.appearance.with_opacity_step(steps))

    def action_objects_opacity(self, steps: int) -> None:
        """Fill areas more densely, less for negative steps."""
        layers = [layer for layer in self.layers_of(self._screen.active) if layer.is_on]
        for layer in layers:
            self.change(layer, layer.appearance.with_opacity_step(steps))
        if not layers:
            self._screen.say("No object is shown over these images.")

    # ---- what is shown

    def switch(self, layer: ObjectLayer, *, on: bool) -> None:
        """Show or hide an object; it is read when it is first shown, and no further when it is hidden."""
        layer.is_on = on
        if not on and layer.loading is not None:
            layer.loading.cancel()
            layer.loading = None
        elif on and layer.opened is None and layer.loading is None:
            layer.failure, layer.loading = "", CancelToken()
            self._screen.run_worker(self._open(layer, layer.loading), group="objects")
        self._show()

    def change(self, layer: ObjectLayer, appearance: Appearance) -> None:
        """Draw an object in another way."""
        layer.appearance = appearance
        self._show()

    async def _open(self, layer: ObjectLayer, token: CancelToken) -> None:
        from noctis_tui.reading.derived.objects import open_object  # noqa: PLC0415 - few studies have any

        try:
            layer.opened = await asyncio.to_thread(open_object, layer.header, token)
        except Cancelled:
            return
        except (NoctisError, OSError) as error:
            layer.failure, layer.is_on = visible(str(error)), False
        except Exception as error:
            log.exception("reading an object failed")
            layer.failure, layer.is_on = f"Reading it failed ({type(error).__name__}).", False
        if layer.failure:
            self._screen.say(f"{layer.header.name}: {layer.failure}")
        if layer.loading is token:
            layer.loading = None
        self._show()

    def _failed(self, object_: DerivedObject, sentence: str) -> None:
        """Switch off what cannot be drawn; told in a worker thread."""
        self._screen.app.call_later(self._give_up, object_, sentence)

    def _give_up(self, object_: DerivedObject, sentence: str) -> None:
        for layer in self._layers.values():
            if layer.opened is object_ and layer.is_on:
                layer.failure, layer.is_on = sentence, False
                self._screen.say(f"{layer.header.name}: {sentence}")
        self._show()

    def _show(self) -> None:
        self._source.shown = tuple(
            (layer.opened, layer.appearance)
            for layer in self._layers.values()
            if layer.is_on and layer.opened is not None
        )
        for pane in self._screen.visible_panes:
            pane.redraw()
        if self._panel is not None:
            self._panel.draw()


def _files_of(index: Index, series: list[int]) -> list[Path]:
    from archive.index.worklist import instances_of  # noqa: PLC0415 - the first picture goes first
    from noctis_tui.reading.derived.objects import DRAWN_CLASSES, OBJECTS_LIMIT  # noqa: PLC0415 - the same

    rows = (row for series_id in series for row in instances_of(index, series_id))
    return [row.path for row in rows if row.sop_class_uid in DRAWN_CLASSES][:OBJECTS_LIMIT]
