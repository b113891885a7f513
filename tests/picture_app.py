"""A small app around picture views, run in real terminals by the tests; its pictures are known to the pixel.

python picture_app.py one|four
"""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from textual.containers import Grid
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from noctis_tui.graphics.picture import Label, Picture
from noctis_tui.graphics.picture_view import PictureView
from noctis_tui.graphics.terminal.detection import TerminalGraphics, detect
from noctis_tui.graphics.wire.order import Ahead
from noctis_tui.graphics.wire.wire import FencedApp

if TYPE_CHECKING:
    from textual.app import ComposeResult

DIALOG_BACKGROUND = (0, 0, 139)
DIALOG_CELLS = 30, 6
SMALLER_CELLS = 20, 4


def picture(number: int, width: int, height: int, *, is_color: bool = False, line: int = 0) -> Picture:
    """What the app shows as its picture of that number at that size, with a line moved so many times."""
    y, x = np.mgrid[:height, :width]
    grey = (np.sin((x + 9 * number) / 41) * np.cos(y / 33) * 127 + 128).astype(np.uint8)
    grey[(y // 16 + x // 16) % 7 == 0] = 0
    pixels = np.stack([grey, 255 - grey, grey // 2], axis=2) if is_color else grey
    overlay = np.zeros((height, width), np.uint8)
    overlay[[0, -1]] = overlay[:, [0, -1]] = 2
    overlay[height // 2, width // 4 : width // 2] = 5
    overlay[5:-5, width // 3 + 7 * line] = 7
    labels = (
        Label(f"DOE Jane\nIm: {number}", "top-left"),
        Label("R", "left", 2),
        Label(f"W {400 + line}", "bottom-right"),
    )
    return Picture(pixels, overlay, labels)


class Dialog(ModalScreen[None]):
    BINDINGS: ClassVar = [
        ("escape", "app.pop_screen", "close"),
        ("s", "shrink", "shrink"),
        ("m", "app.move", "move"),
    ]
    CSS = "Dialog { align: center middle; } Static { width: 30; height: 6; background: rgb(0,0,139); }"

    def compose(self) -> ComposeResult:
        yield Static("a dialog")

    def action_shrink(self) -> None:
        self.query_one(Static).styles.width, self.query_one(Static).styles.height = SMALLER_CELLS


class Other(Screen[None]):
    BINDINGS: ClassVar = [("escape", "app.pop_screen", "close")]
    CSS = "Static { height: 1fr; background: rgb(0,0,139); }"

    def compose(self) -> ComposeResult:
        yield Static("another screen")


class PictureApp(FencedApp[None]):
    CSS = """
    Grid { grid-size: 2 2; height: 1fr; }
    #status { height: 1; background: rgb(20,20,20); }
    """
    BINDINGS: ClassVar = [
        ("n", "next", "next"),
        ("m", "move", "move"),
        ("p", "previous", "previous"),
        ("a", "ahead", "ahead"),
        ("d", "dialog", "dialog"),
        ("o", "other", "other"),
        ("t", "toast", "toast"),
        ("h", "hide", "hide"),
        ("x", "crash", "crash"),
        ("q", "quit", "quit"),
    ]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, graphics: TerminalGraphics, count: int) -> None:
        super().__init__()
        self.views = [PictureView(graphics) for _ in range(count)]
        self.number = self.line = 0

    def compose(self) -> ComposeResult:
        if len(self.views) == 1:
            yield self.views[0]
        else:
            yield Grid(*self.views)
        yield Static("status", id="status")

    def on_mount(self) -> None:
        self.show()

    def show(self) -> None:
        for place, view in enumerate(self.views):
            number, line = self.number + place, self.line
            view.request(
                lambda width, height, number=number, line=line, place=place: picture(
                    number, width, height, is_color=place == 3, line=line
                )
            )

    def action_next(self) -> None:
        self.number += 1
        self.show()

    def action_previous(self) -> None:
        self.number -= 1
        self.show()

    def action_ahead(self) -> None:
        """Send the next pictures before they are asked for."""
        for place, view in enumerate(self.views):
            numbers = range(self.number + place + 1, self.number + place + 9)
            view.ahead([Ahead(number, partial(picture, number, is_color=place == 3)) for number in numbers])

    def action_move(self) -> None:
        self.line += 1
        self.show()

    def action_dialog(self) -> None:
        self.push_screen(Dialog())

    def action_other(self) -> None:
        self.push_screen(Other())

    def action_toast(self) -> None:
        self.notify("a toast over the picture", timeout=2)

    def action_hide(self) -> None:
        self.views[0].display = not self.views[0].display

    def action_crash(self) -> None:
        raise RuntimeError("on purpose")


if __name__ == "__main__":
    app = PictureApp(detect(), 4 if sys.argv[1] == "four" else 1)
    app.run()
    sys.exit(app.return_code)
