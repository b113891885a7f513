"""One pane of a volume: a title and a picture, or a sentence in its place; what the mouse does over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import Container
from textual.message import Message
from textual.widgets import Static

from archive.progress import Cancelled, CancelToken
from noctis_tui.graphics.picture_view import PictureView

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

    from noctis_tui.graphics.terminal.detection import TerminalGraphics

_SEPARATOR = " · "


class VolumePane(Container):
    """Shows something of a volume.

    Parameters
    ----------
    graphics
        How pictures reach the terminal.
    name
        What it shows, as the actions call it.
    """

    DEFAULT_CSS = """
    VolumePane { width: 1fr; height: 1fr; background: #000000; color: #c6ccd2; }
    VolumePane > .pane-title { height: 1; width: 1fr; color: $muted; background: $surface; display: none; }
    VolumePane.-titled > .pane-title { display: block; }
    VolumePane.-active > .pane-title { color: $bright; background: $cursor; }
    VolumePane > .pane-card { width: 1fr; height: 1fr; padding: 1 2; background: #000000; color: #c6ccd2; }
    """

    class FromPane(Message):
        """Something happened over a pane."""

        def __init__(self, pane: VolumePane) -> None:
            super().__init__()
            self.pane = pane

    class Scrolled(FromPane):
        """The wheel was turned."""

        def __init__(self, pane: VolumePane, steps: int) -> None:
            super().__init__(pane)
            self.steps = steps

    class Pressed(FromPane):
        """A mouse button went down at a point (x, y) of the picture; `times` is 2 for a double click."""

        def __init__(self, pane: VolumePane, button: int, at_px: tuple[float, float], times: int = 1) -> None:
            super().__init__(pane)
            self.button = button
            self.at_px = at_px
            self.times = times

    class Dragged(FromPane):
        """The mouse was moved with a button held, from a point of the picture to another."""

        def __init__(
            self,
            pane: VolumePane,
            button: int,
            start_px: tuple[float, float],
            at_px: tuple[float, float],
            *,
            is_faster: bool,
        ) -> None:
            super().__init__(pane)
            self.button = button
            self.start_px = start_px
            self.at_px = at_px
            self.is_faster = is_faster

    class Hovered(FromPane):
        """The mouse was moved, without a button, to a point of the picture."""

        def __init__(self, pane: VolumePane, at_px: tuple[float, float]) -> None:
            super().__init__(pane)
            self.at_px = at_px

    class Released(FromPane):
        """The button was let go."""

    def __init__(self, graphics: TerminalGraphics, name: str) -> None:
        super().__init__(id=f"mpr-{name}", name=name)
        self.picture = PictureView(graphics)
        self.line_px = graphics.cell_height_px
        self.is_shown = False
        """Whether what was last asked for has been seen, if only as a draft."""
        self._title = Static(classes="pane-title", markup=False)
        self._card = Static(classes="pane-card", markup=False)
        self._card.display = False
        self._token = CancelToken()
        self._held: tuple[int, tuple[float, float], float, float] | None = None

    def compose(self) -> ComposeResult:
        """Lay out the title, the picture and the card; one of the last two is shown."""
        yield self._title
        yield self.picture
        yield self._card

    def on_unmount(self) -> None:
        """Stop what is sampled for it."""
        self._token.cancel()

    def next_token(self) -> CancelToken:
        """Cancel what was asked for before; return the token of what is asked for now."""
        self._token.cancel()
        self._token = CancelToken()
        self.is_shown = False
        return self._token

    def say(self, text: Text | str) -> None:
        """Show a sentence instead of a picture."""
        self.next_token()
        self._card.update(Text(text, style="dim") if isinstance(text, str) else text)
        self._card.display, self.picture.display = True, False

    def show_picture(self) -> None:
        """Show the picture instead of a sentence."""
        if not self.picture.display:
            self._card.display, self.picture.display = False, True

    def name_it(self, left: Text, *right: str) -> None:
        """Fill the line above the picture; where room is short, of the right side the last goes first."""
        room = max(self.size.width or 80, 1)
        line = Text(" ", no_wrap=True, overflow="ellipsis").append_text(left)
        said = [part for part in right if part]
        while said and line.cell_len + len(_SEPARATOR.join(said)) + 3 > room:
            said.pop()
        if said:
            text = _SEPARATOR.join(said)
            line.append(" " * (room - line.cell_len - len(text) - 1)).append(text)
        self._title.update(line, layout=False)

    def on_picture_view_shown(self, event: PictureView.Shown) -> None:
        """Note that something is to be seen."""
        event.stop()
        self.is_shown = True

    def on_picture_view_failed(self, event: PictureView.Failed) -> None:
        """Say what went wrong; what was cancelled was asked for again meanwhile."""
        event.stop()
        if not isinstance(event.error, Cancelled):
            self.say(f"This cannot be drawn ({type(event.error).__name__}).")

    # ---- the mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin a press."""
        event.stop()
        at_px = self.picture.to_picture_px(event) if self.picture.display else None
        if at_px is None:
            return
        self._held = event.button, at_px, event.pointer_screen_x, event.pointer_screen_y
        self.capture_mouse()
        self.post_message(self.Pressed(self, event.button, at_px))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Go on with a drag."""
        event.stop()
        if self._held is None:
            at_px = self.picture.to_picture_px(event) if self.picture.display else None
            if at_px is not None:
                self.post_message(self.Hovered(self, at_px))
            return
        button, start, x, y = self._held
        width, height = self.picture.pixel_size
        right = (event.pointer_screen_x - x) * width / max(self.picture.size.width, 1)
        down = (event.pointer_screen_y - y) * height / max(self.picture.size.height, 1)
        at_px = start[0] + right, start[1] + down
        self.post_message(self.Dragged(self, button, start, at_px, is_faster=event.ctrl))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """End a drag."""
        event.stop()
        self.release_mouse()
        if self._held is not None:
            self._held = None
            self.post_message(self.Released(self))

    def on_click(self, event: events.Click) -> None:
        """Tell of a double click."""
        event.stop()
        at_px = self.picture.to_picture_px(event)
        if event.chain == 2 and event.button == 1 and at_px is not None:
            self.post_message(self.Pressed(self, 1, at_px, 2))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll on."""
        event.stop()
        self.post_message(self.Scrolled(self, 5 if event.ctrl else 1))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll back."""
        event.stop()
        self.post_message(self.Scrolled(self, -5 if event.ctrl else -1))
