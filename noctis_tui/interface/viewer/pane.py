"""One pane: a frame as it is looked at, or the card that stands in its place; what the mouse does in it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import Container
from textual.message import Message
from textual.widgets import Static

from noctis_tui.graphics.picture_view import PictureView
from noctis_tui.interface.viewer.hand import Spot
from noctis_tui.interface.viewer.page_view import PageView
from noctis_tui.interface.viewer.pane_title import pane_title
from noctis_tui.interface.viewer.sending_ahead import next_of, send_ahead
from noctis_tui.reading.card import UnreadableFrame
from noctis_tui.reading.documents.page import TextPage
from noctis_tui.reading.placement import place
from noctis_tui.reading.rendering import render
from noctis_tui.reading.stack_view import StackView
from noctis_tui.reading.tools import DragTool, dragged

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult

    from noctis_tui.graphics.picture import Picture
    from noctis_tui.graphics.terminal.detection import TerminalGraphics
    from noctis_tui.interface.viewer.hand import Hand
    from noctis_tui.interface.viewer.shelf import Entry
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.marks import MarkSource
    from noctis_tui.reading.stack import FrameRef
    from noctis_tui.reading.viewport import ViewState

_FASTER = 4.0
_BUTTON_TOOLS = {2: DragTool.PAN, 3: DragTool.ZOOM}


class Pane(Container):
    """Shows one frame of one series.

    Parameters
    ----------
    graphics
        How pictures reach the terminal.
    number
        0-8, row by row.
    """

    DEFAULT_CSS = """
    Pane { width: 1fr; height: 1fr; background: #000000; color: #c6ccd2; }
    Pane > .pane-title { height: 1; width: 1fr; color: $muted; background: $surface; display: none; }
    Pane.-titled > .pane-title { display: block; }
    Pane.-active > .pane-title { color: $bright; background: $cursor; }
    Pane > .pane-card { width: 1fr; height: 1fr; padding: 1 2; background: #000000; color: #c6ccd2; }
    """

    class Scrolled(Message):
        """The wheel was turned over a pane."""

        def __init__(self, pane: Pane, steps: int) -> None:
            super().__init__()
            self.pane = pane
            self.steps = steps

    class Pressed(Message):
        """A mouse button went down over a pane; `times` is 2 for a double click, `pixel` may be None."""

        def __init__(self, pane: Pane, times: int, pixel: tuple[int, int] | None) -> None:
            super().__init__()
            self.pane = pane
            self.times = times
            self.pixel = pixel

    class Changed(Message):
        """Dragging made another view."""

        def __init__(self, pane: Pane, view: ViewState) -> None:
            super().__init__()
            self.pane = pane
            self.view = view

    class Pointed(Message):
        """The mouse is over an image pixel (column, row), or over none."""

        def __init__(self, pane: Pane, pixel: tuple[int, int] | None) -> None:
            super().__init__()
            self.pane = pane
            self.pixel = pixel

    class Seen(Message):
        """A picture, or the card in its place, has reached the terminal."""

    def __init__(self, graphics: TerminalGraphics, number: int) -> None:
        super().__init__(id=f"pane-{number}")
        self.number = number
        self.picture = PictureView(graphics)
        self.entry: Entry | None = None
        self.begun: Entry | None = None
        """The series that `state` belongs to: `entry` may already be the next one."""
        self.state = StackView()
        self.shown: LoadedFrame | UnreadableFrame | None = None
        self.shown_ref: FrameRef | None = None
        self.is_seen = False
        """Whether anything of the series in view has reached the terminal."""
        self.mark_sources: tuple[MarkSource, ...] = ()
        """Who draws over the frames, the lowest first; call `redraw` when they would draw something else."""
        self.present: Callable[[LoadedFrame], LoadedFrame] | None = None
        """Makes of a frame what a presentation state wants."""
        self.frame_of: Callable[[FrameRef], LoadedFrame | UnreadableFrame | None] | None = None
        """Gives a frame that is loaded."""
        self.tie = ""
        """What it scrolls with the active pane by; call `draw_title` when it changes."""
        self.marks: tuple[Text, ...] = ()
        """Which of two studies it shows, for the title: in full, and shorter."""
        self.tool: DragTool | None = DragTool.WINDOW
        self.hand: Hand | None = None
        """Who is asked first what a press with the left button means."""
        self._title = Static(classes="pane-title", markup=False)
        self._card = Static(classes="pane-card", markup=False)
        self._card.display = False
        self.page = PageView()
        """What is read as text, while it is displayed."""
        self._line_px = graphics.cell_height_px
        self._drag: tuple[DragTool, ViewState, float, float] | None = None
        self._held = False  # by the hand, now
        self._was_taken = False  # by the hand, the last press
        self._pinning: FrameRef | None = None

    def compose(self) -> ComposeResult:
        """Lay out the title of a grid, the picture and the card; one of the two is shown."""
        yield self._title
        yield self.picture
        yield self._card
        yield self.page

    # ---- what it shows

    @property
    def frame(self) -> LoadedFrame | None:
        """The frame in view, None while it is loading or when it has no picture."""
        return self.shown if not isinstance(self.shown, UnreadableFrame) else None

    @property
    def awaited(self) -> frozenset[FrameRef]:
        """What it would show at once if it came: the frame in view, the frame that its greys come from."""
        return frozenset(frame for frame in (self.state.frame, self._pinning) if frame is not None)

    @property
    def pinning(self) -> FrameRef | None:
        """The frame whose values decide the automatic window of the series, until it has come."""
        return self._pinning

    def begin(self, entry: Entry | None, state: StackView) -> None:
        """Turn to another series; what was shown stays until its first frame comes."""
        self.entry = self.begun = entry
        self.state = state
        self.is_seen = False
        self._pinning = state.pinning
        self.draw_title()

    def draw_title(self) -> None:
        """Say which series it is, and what it goes with."""
        self._title.update(pane_title(self.entry, self.marks, self.tie, self.size.width), layout=False)

    def on_resize(self) -> None:
        """Make the most of the title's line."""
        self.draw_title()

    def show(self, frame: LoadedFrame | UnreadableFrame, *, moving: bool = False) -> None:
        """Show the frame in view; `moving` lets out what takes long, until nothing moves any more."""
        if self.present is not None and not isinstance(frame, UnreadableFrame):
            frame = self.present(frame)
        self.shown, self.shown_ref = frame, self.state.frame
        self.page.display = False
        if isinstance(frame, UnreadableFrame):
            self._show_page(frame) if isinstance(frame, TextPage) else self._show_card(_card_text(frame))
            self.is_seen = True
            self.post_message(self.Seen())
            return
        self.picture.display = True
        self._card.display = False
        self._request(frame, moving=moving)

    def pin_window(self, frame: LoadedFrame | UnreadableFrame) -> bool:
        """Take the automatic window from the middle of the series; tell whether the greys change."""
        self._pinning = None
        window = None if isinstance(frame, UnreadableFrame) else frame.automatic_window
        if window is None:
            return False
        self.state = self.state.with_view(replace(self.state.view, automatic_window=window))
        return True

    def say(self, sentence: str) -> None:
        """Show a sentence instead of a picture."""
        self.shown = self.shown_ref = None
        self._show_card(Text(sentence, style="dim"))

    def _show_page(self, page: TextPage) -> None:
        self.picture.display = self._card.display = False
        self.page.open(page)

    def _show_card(self, text: Text) -> None:
        self.page.display = False
        self._card.update(text)
        self._card.display = True
        self.picture.display = False

    def redraw(self) -> None:
        """Show the same frame again: what is drawn over it has changed. One that is awaited comes with it."""
        if self.frame is not None and self.shown_ref == self.state.frame:
            self.show(self.frame, moving=True)

    def _request(self, frame: LoadedFrame, *, moving: bool) -> None:
        drawn = partial(self.picture_of, frame, self.shown_ref, self.state)
        quick = partial(drawn, draft=True) if moving else None
        ahead = next_of(self, self.frame_of) if moving and self.frame_of is not None else None
        self.picture.request(drawn, quick=quick, key=(self.shown_ref, self.state.view), ahead=ahead)

    def picture_of(
        self,
        frame: LoadedFrame,
        ref: FrameRef | None,
        state: StackView,
        width: int,
        height: int,
        *,
        draft: bool = False,
    ) -> Picture:
        """Draw a frame with its marks, in pixels of the screen; in a worker thread."""
        sources = self.mark_sources
        views = [source.marks(frame, ref, state.view) for source in sources] if ref is not None else []
        marks = [mark for view in views for mark in view]
        where, line_px = state.whereabouts, self._line_px
        return render(
            frame, state.view, width, height, whereabouts=where, line_px=line_px, marks=marks, draft=draft
        )

    def on_picture_view_shown(self, event: PictureView.Shown) -> None:
        """Tell that something is to be seen."""
        event.stop()
        self.is_seen = self.is_seen or (self.shown_ref is not None and self.shown_ref == self.state.frame)
        self.post_message(self.Seen())
        if not event.draft and self.frame_of is not None:
            send_ahead(self, self.frame_of)

    def on_picture_view_failed(self, event: PictureView.Failed) -> None:
        """Say what went wrong instead of showing an older picture."""
        event.stop()
        self.say(f"This image cannot be drawn ({type(event.error).__name__}).")

    # ---- the mouse

    def pixel_under(self, event: events.MouseEvent) -> tuple[int, int] | None:
        """Return the image pixel (column, row) under the mouse."""
        point = self.picture.to_picture_px(event) if self.picture.display else None
        if self.frame is None or point is None:
            return None
        return place(self.frame.shape, self.state.view, *self.picture.pixel_size).image_pixel(*point)

    def spot_under(self, event: events.MouseEvent) -> Spot | None:
        """Return where the mouse is over the picture, None beside it."""
        at_px = self.picture.to_picture_px(event) if self.picture.display else None
        if self.frame is None or at_px is None:
            return None
        placement = place(self.frame.shape, self.state.view, *self.picture.pixel_size)
        return Spot(at_px, placement, self._line_px)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin a drag: left with the hand or the active tool, middle pans, right zooms."""
        event.stop()
        spot = self.spot_under(event) if event.button == 1 else None
        self._held = self.hand is not None and spot is not None and self.hand.press(self, spot)
        self._was_taken = self._held
        if self._held:
            self.capture_mouse()
            return
        self.post_message(self.Pressed(self, 1, self.pixel_under(event)))
        tool = _BUTTON_TOOLS.get(event.button, self.tool)
        if self.frame is None or tool is None:
            return
        self._drag = tool, self.state.view, event.pointer_screen_x, event.pointer_screen_y
        self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Go on with a drag, or tell what is under the mouse."""
        event.stop()
        if self._drag is None or self.frame is None:
            self._point(event)
            return
        tool, view, x, y = self._drag
        size = self.picture.pixel_size
        cell = size[0] / max(self.picture.size.width, 1), size[1] / max(self.picture.size.height, 1)
        speed = _FASTER if event.ctrl and tool is not DragTool.PAN else 1.0
        right, down = (event.pointer_screen_x - x) * cell[0], (event.pointer_screen_y - y) * cell[1]
        self.post_message(
            self.Changed(self, dragged(tool, view, self.frame, size, right * speed, down * speed))
        )

    def _point(self, event: events.MouseMove) -> None:
        spot = self.spot_under(event)
        if self.hand is not None and spot is not None:
            (self.hand.drag if self._held else self.hand.hover)(self, spot)
        self.post_message(self.Pointed(self, self.pixel_under(event)))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """End a drag."""
        event.stop()
        self._drag = None
        self.release_mouse()
        held, self._held = self._held, False
        if held and self.hand is not None:
            self.hand.drop(self, self.spot_under(event))

    def on_leave(self) -> None:
        """Nothing is under the mouse any more."""
        self.post_message(self.Pointed(self, None))

    def on_click(self, event: events.Click) -> None:
        """Tell of a double click."""
        event.stop()
        if event.chain == 2 and event.button == 1 and not self._was_taken:
            self.post_message(self.Pressed(self, 2, self.pixel_under(event)))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll on."""
        event.stop()
        self.post_message(self.Scrolled(self, 5 if event.ctrl else 1))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll back."""
        event.stop()
        self.post_message(self.Scrolled(self, -5 if event.ctrl else -1))


def _card_text(card: UnreadableFrame) -> Text:
    text = Text(f"{card.title}\n", style="bold")
    text.append(f"{card.reason}\n\n", style="not bold")
    for name, value in card.attributes:
        text.append(f"{name:<16.16} ", style="not bold dim").append(f"{value}\n", style="not bold")
    return text
