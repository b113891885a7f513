"""Reading a study: one pane or several, every key and the mouse."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, cast

from textual.containers import Container

from noctis_tui.interface.exporting.from_viewer import Exporting
from noctis_tui.interface.mpr.opening import Reconstructing
from noctis_tui.interface.viewer.actions import PROBE_TOOL
from noctis_tui.interface.viewer.annotation_objects import AnnotationObjects
from noctis_tui.interface.viewer.comparing import Comparing
from noctis_tui.interface.viewer.crosshair import LinkedCursor
from noctis_tui.interface.viewer.derived import DerivedObjects
from noctis_tui.interface.viewer.enhancing import Enhancing
from noctis_tui.interface.viewer.file_planes import FilePlanes
from noctis_tui.interface.viewer.frame_source import FrameSource
from noctis_tui.interface.viewer.furniture import Furniture
from noctis_tui.interface.viewer.hanging import Hanging
from noctis_tui.interface.viewer.instance_tags import InstanceTags
from noctis_tui.interface.viewer.layout_actions import CROSSHAIR_TOOL
from noctis_tui.interface.viewer.layout_chooser import LayoutChooser
from noctis_tui.interface.viewer.links import PaneLinks
from noctis_tui.interface.viewer.measuring import Measuring
from noctis_tui.interface.viewer.measuring_actions import WORDS
from noctis_tui.interface.viewer.pane import Pane
from noctis_tui.interface.viewer.playing import Playing
from noctis_tui.interface.viewer.presenting import Presenting
from noctis_tui.interface.viewer.presetting import Presetting
from noctis_tui.interface.viewer.read_ahead import ReadAhead
from noctis_tui.interface.viewer.series_actions import SeriesActions
from noctis_tui.interface.viewer.series_diff import SeriesDiff
from noctis_tui.interface.viewer.shelf_strip import ShelfStrip
from noctis_tui.interface.viewer.uptake_reading import UptakeReading
from noctis_tui.reading.documents.page import LINES_LIMIT
from noctis_tui.reading.grid import MOST_PANES
from noctis_tui.reading.stack import Stack
from noctis_tui.reading.stack_view import StackView
from noctis_tui.reading.viewport import OverlayLevel

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from textual import events
    from textual.app import ComposeResult
    from textual.message import Message

    from archive.index.worklist import SeriesRow, StudyRow
    from archive.local_archive import LocalArchive
    from noctis_tui.interface.app import NoctisApp
    from noctis_tui.interface.viewer.messages import FrameLoaded
    from noctis_tui.reading.viewport import ViewState

_FOOTER_SECONDS = 0.25
_GATHER_SECONDS = 0.2
_SLOW_SECONDS = 0.3
"""A picture that is not there after so long says that it is loading."""


class ViewerScreen(SeriesActions):
    """Reads a study, or everything in an archive.

    Parameters
    ----------
    archive
        Where the study is; its changes are followed, so that an arriving series grows in view. None when
        it comes later (`open_archive`).
    study
        What to read; None for every study of the archive.
    series
        The series to begin with; None for the first that has pictures.
    preview
        A file to show before the archive knows any study: `noctis view` indexes behind it.
    """

    ALLOW_SELECT = False  # dragging is a tool
    DEFAULT_CSS = """
    ViewerScreen { layout: vertical; background: #000000; color: #c6ccd2; }
    ViewerScreen > .viewer-line { height: 1; width: 1fr; background: $surface; }
    ViewerScreen > #panes { height: 1fr; width: 1fr; layout: grid; grid-size: 1 1; grid-gutter: 0 1; }
    ViewerScreen > #viewer-strip { width: 1fr; background: $surface; padding: 0 1; }
    ViewerScreen > #too-small { height: 1fr; display: none; padding: 1 2; }
    ViewerScreen.-too-small > #too-small { display: block; }
    ViewerScreen.-too-small > #panes { display: none; }
    """

    def __init__(
        self,
        archive: LocalArchive | None,
        study: StudyRow | None = None,
        series: SeriesRow | None = None,
        *,
        preview: Path | None = None,
    ) -> None:
        super().__init__(archive, study, series, preview)
        self.furniture = Furniture(self)
        self.playing = Playing(self)
        self._source: FrameSource | None = None
        self._ahead = ReadAhead(self)
        self.links = PaneLinks(self)
        self._cursor = LinkedCursor(self, self.links)
        self._strip = ShelfStrip(self)
        self._hanging = Hanging(self)
        chooser = LayoutChooser(self, self._hanging.choices)
        self._comparing = Comparing(self)
        panes = chooser, self.links, self._cursor, self._strip, self._hanging, self._comparing
        self.parts = (*panes, Enhancing(self), Presetting(self), InstanceTags(self), UptakeReading(self))
        self.derived = DerivedObjects(self)
        self.presenting = Presenting(self)
        self.parts = (*self.parts, self.derived, self.presenting)
        self.measuring = Measuring(self)
        self.parts = (
            *self.parts,
            *self.measuring.parts,
            Exporting(self),
            SeriesDiff(self),
            FilePlanes(self),
            self.playing,
        )
        self.parts = (*self.parts, AnnotationObjects(self), FilePlanes(self), Reconstructing(self))
        self.note = ""
        """What goes on behind the pictures, shown in the footer."""
        self.has_preview = preview is not None
        self.seen = threading.Event()
        """Set when the first picture, or the reason why there is none, has reached the terminal."""

    # ---- life

    @property
    def _noctis(self) -> NoctisApp:
        return cast("NoctisApp", self.app)

    def compose(self) -> ComposeResult:
        """Lay out two lines and the panes between them."""
        self.panes = tuple(Pane(self._noctis.graphics, number) for number in range(MOST_PANES))
        self.derived.attach(self.panes)
        self.presenting.attach(self.panes)
        yield self.furniture.header
        yield Container(self.panes[0], id="panes")
        yield self.furniture.too_small
        yield self.furniture.footer

    def on_mount(self) -> None:
        """Begin to read, and to follow what arrives."""
        self._source = FrameSource(self.post_message, self._noctis.preferences.frame_memory_mib << 20)
        for pane in self.panes:
            pane.frame_of = self._source.frame
        self.measuring.begin()
        self.arrange_panes()
        overlay = OverlayLevel(self._noctis.preferences.overlay)
        self.active.state = self.active.state.with_view(self.active.state.view.with_overlay(overlay))
        if self.preview is not None:
            self.active.begin(None, StackView(Stack((self.preview,)), view=self.active.state.view))
            self.look(self.active)
        else:
            self.seen.set()
        if self.archive is not None:
            self.open_archive(self.archive)
        self.set_interval(_FOOTER_SECONDS, self.draw_footer)

    def on_unmount(self) -> None:
        """Stop the loader's threads; keep what was drawn last."""
        self.derived.close()
        self.measuring.desk.close()
        if self._source is not None:
            self._source.close()

    def on_resize(self, event: events.Resize) -> None:
        """Say so when nothing useful fits; else fill the lines again."""
        self.furniture.fit(*event.size)
        self._strip.resized()
        self.draw_lines()

    def changed(self) -> None:
        """Read again what is drawn."""
        self.measuring.desk.read_again()

    def relocated(self) -> None:
        """Compare the same two studies as before."""
        self._comparing.relocated()

    # ---- frames

    def look(self, pane: Pane, *, moving: bool = False) -> None:
        """Show the frame that a pane is at, now or when it comes."""
        if self._source is None or pane.state.frame is None:
            return
        known = self._source.frame(pane.pinning) if pane.pinning is not None else None
        if known is not None:
            pane.pin_window(known)
        self.want()
        frame = self._source.frame(pane.state.frame)
        if frame is not None:
            pane.show(frame, moving=moving)
        elif not pane.picture.display or pane.shown is None:
            self.set_timer(_SLOW_SECONDS, lambda: self._say_loading(pane))
        self.derived.look(pane)
        self.presenting.look(pane)
        self.draw_lines()

    def want(self) -> None:
        """Load what the panes look at, then what they may look at next."""
        if self._source is not None:
            panes = self.visible_panes
            self._source.want(panes, self._ahead.aims, alone=self._ahead.waits(panes))

    def _say_loading(self, pane: Pane) -> None:
        if pane.shown is None and pane.state.frame is not None:
            pane.say("Loading")

    def on_frame_loaded(self, event: FrameLoaded) -> None:
        """Show a frame where a pane waits for it."""
        event.stop()
        frame = self._source.frame(event.frame) if self._source is not None else None
        if frame is None:
            return
        for pane in self.visible_panes:
            changed = pane.pinning == event.frame and pane.pin_window(frame)
            if pane.state.frame == event.frame and (changed or pane.shown_ref != event.frame):
                pane.show(frame)
            elif changed:
                pane.redraw()
        self.derived.look(self.active)
        self.presenting.look(self.active)
        self.draw_lines()

    def on_pane_seen(self, event: Pane.Seen) -> None:
        """Let those go on who left the processor to the first picture."""
        event.stop()
        self.seen.set()
        self._ahead.seen()
        self.measuring.looked()

    def change(self, view: ViewState, pane: Pane | None = None) -> None:
        """Look at a pane's frame through this view."""
        pane = pane or self.active
        before = pane.state.view
        if view == before:
            return
        pane.state = pane.state.with_view(view)
        self.touched()
        pane.redraw()
        for other, like in self.links.views(pane, before, view):
            other.state = other.state.with_view(like)
            other.redraw()
        if view.probe != before.probe:
            self._cursor.changed()
        self.draw_footer()

    def go_to(self, pane: Pane, frame_index: int) -> None:
        """Show another frame of a pane's stack; the ends hold."""
        state = pane.state.at(frame_index)
        if state.frame_index != pane.state.frame_index:
            pane.state = state
            self.look(pane, moving=True)
            if pane is self.active:
                self.links.follow(pane)
                self._cursor.changed()

    def panes_changed(self) -> None:
        """Let panes go together in another way: others are shown, or other series in them."""
        self.links.changed()
        self._cursor.changed()
        self._strip.changed()
        self._comparing.changed()

    async def hang(self) -> None:
        """Hang what there is by the rules, unless the reader took over."""
        await self._hanging.hang()

    def action_scroll(self, steps: int) -> None:
        """Go on by some images; back for negative steps."""
        self.touched()
        self.playing.stop()
        if not self._scrolls_text(steps):
            self.go_to(self.active, self.active.state.frame_index + steps)

    def _scrolls_text(self, rows: int) -> bool:
        """Scroll the text in view, if there is one; at its end the next document comes, if there is one."""
        page = self.active.page
        return page.display and (page.scroll_rows(rows) or len(self.active.state.stack) < 2)

    def action_scroll_pages(self, pages: int) -> None:
        """Go on by a page of text; by ten images where there is none."""
        rows = self.active.page.page_rows if self.active.page.display else 10
        self.action_scroll(pages * rows)

    def action_first_image(self) -> None:
        """Go to the first image."""
        self.touched()
        self.playing.stop()
        if not self._scrolls_text(-LINES_LIMIT * 10):
            self.go_to(self.active, 0)

    def action_last_image(self) -> None:
        """Go to the last image."""
        self.touched()
        self.playing.stop()
        if not self._scrolls_text(LINES_LIMIT * 10):
            self.go_to(self.active, len(self.active.state.stack) - 1)

    # ---- cine

    def stop_playing(self) -> None:
        """Stay at the frame in view."""
        self.playing.stop()

    def is_ready(self, pane: Pane, frame_index: int) -> bool:
        """Tell whether a frame can be shown at once; what is not is loaded before others."""
        if self._source is None or self._source.frame(pane.state.stack.frames[frame_index]) is not None:
            return True
        self.want()
        return False

    async def on_key(self, event: events.Key) -> None:
        """Give a letter that came before the line for words had the keys to that line."""
        if self.mode == WORDS and event.is_printable and event.character is not None:
            self.measuring.type_ahead(event.character)
            event.prevent_default().stop()

    # ---- the mouse

    def on_pane_scrolled(self, event: Pane.Scrolled) -> None:
        """Scroll the pane under the mouse."""
        event.stop()
        self.activate(event.pane)
        self.action_scroll(event.steps)

    def on_pane_pressed(self, event: Pane.Pressed) -> None:
        """Make a pane the active one; a double click maximises it; the probe goes where it is pressed."""
        event.stop()
        self.activate(event.pane)
        if event.times == 2:
            self.action_maximise()
        elif self.mode in {PROBE_TOOL, CROSSHAIR_TOOL} and event.pixel is not None:
            self.change(event.pane.state.view.with_probe(event.pixel))

    def on_pane_changed(self, event: Pane.Changed) -> None:
        """Look through the view that a drag made."""
        event.stop()
        self.change(event.view, event.pane)

    def on_pane_pointed(self, event: Pane.Pointed) -> None:
        """Tell what is under the mouse."""
        event.stop()
        self.furniture.point_at(event.pane, event.pixel)

    def on_series_strip_clicked(self, event: Message) -> None:
        """Turn the active pane to the series that was clicked."""
        event.stop()
        self._strip.clicked()

    def on_series_strip_in_sight(self, event: Message) -> None:
        """Draw the thumbnails that came in sight."""
        event.stop()
        draw: Callable[[], Awaitable[None]] = self._strip.draw
        self.run_worker(draw, group="thumbnails", exclusive=True)

    # ---- the lines

    def watch_mode(self, before: str, now: str) -> None:
        """Show the keys of the tool."""
        super().watch_mode(before, now)
        self._cursor.changed()
        self.derived.mode_changed(now)
        self.draw_footer()

    def preferences_changed(self) -> None:
        """Draw the lines with other keys and colours."""
        super().preferences_changed()
        self.furniture.forget()
        self.draw_lines()

    def draw_lines(self) -> None:
        """Fill the line above and the line below the pictures."""
        self.furniture.draw()

    def draw_footer(self) -> None:
        """Fill the line below the pictures."""
        self.furniture.draw_footer()

    @property
    def load_progress(self) -> tuple[int, int]:
        """How many frames of the stack in view are ready, of how many; (0, 0) when all are."""
        return self._source.progress(self.active.state.stack) if self._source else (0, 0)
