"""The app that `scroll.py` runs in a terminal: a stack of slices in our view or in textual-image's widget.

scrolling_app.py ours|textual-image SIXEL|KITTY FRAMES RESULT.json
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

from noctis_tui.demo.phantom import NOISE_HU, SLICES, slice_hu
from noctis_tui.graphics.picture import Picture
from noctis_tui.graphics.terminal.detection import detect

PEER, PROTOCOL, FRAMES, RESULT = sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])
GRAPHICS = detect(PROTOCOL)
if PEER != "ours":
    # textual-image asks the terminal while it is imported, so before the app runs.
    from textual_image.widget import SixelImage, TGPImage

from textual.widgets import Static  # noqa: E402

from noctis_tui.graphics.picture_view import PictureView  # noqa: E402
from noctis_tui.graphics.wire.wire import FENCE, FencedApp  # noqa: E402

HELD_KEY_SECONDS = 1 / 30
HELD_SECONDS = 4.0


def slices(count=24):
    """Slices of the phantom in a soft tissue window, uint8."""
    noise = np.random.default_rng(1).normal(0, NOISE_HU, (count, *slice_hu(0).shape))
    places = np.linspace(SLICES // 4, SLICES * 3 // 4, count).astype(int)
    values = np.stack([slice_hu(int(place)) for place in places]) + noise
    return np.clip((values + 160) / 400 * 255, 0, 255).astype(np.uint8)


STACK = slices()


def fitted(pixels, width, height):
    side = min(width, height)
    canvas = np.zeros((height, width), np.uint8)
    top, left = (height - side) // 2, (width - side) // 2
    scaled = Image.fromarray(pixels).resize((side, side), Image.Resampling.BILINEAR)
    canvas[top : top + side, left : left + side] = np.asarray(scaled)
    return Picture(canvas)


def for_peer(pixels):
    # RGB, as any coloured mark over a slice makes it: twice as fast in textual-image as grey, with 16 greys.
    return Image.fromarray(pixels).convert("RGB")


class ScrollingApp(FencedApp):
    """Steps through the stack: first a frame at a time, then as a held key does."""

    CSS = "#picture { height: 1fr; width: 1fr; } Static { height: 1; }"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self):
        super().__init__()
        self.number = 0
        self.asked_at = 0.0
        self.alone, self.held = [], []
        self.held_from = None

    def compose(self):
        if PEER == "ours":
            self.picture = PictureView(GRAPHICS, id="picture")
        else:
            widget = SixelImage if PROTOCOL == "sixel" else TGPImage
            self.picture = widget(for_peer(STACK[0]), id="picture")
        yield self.picture
        yield Static("")

    def on_mount(self):
        self.set_timer(1.0, self.step)

    def step(self):
        """What a key does."""
        self.number += 1
        self.asked_at = time.perf_counter()
        pixels = STACK[self.number % len(STACK)]
        if PEER == "ours":
            self.picture.request(lambda width, height: fitted(pixels, width, height))
            return
        self.picture.image = for_peer(pixels)
        asked_at = self.asked_at
        self.picture.call_after_refresh(self.fence, asked_at)

    # ---- the terminal has taken a frame in

    def fence(self, asked_at):
        self.waiting = [*getattr(self, "waiting", []), asked_at]
        self._driver.write(FENCE)

    def on_cursor_position(self, event):
        if PEER == "ours":
            super().on_cursor_position(event)
        elif getattr(self, "waiting", []):
            self.shown(time.perf_counter() - self.waiting.pop(0))

    def on_picture_view_shown(self, message):
        self.shown(message.seconds)

    def shown(self, seconds):
        if self.held_from is not None:
            self.held.append(seconds)
            return
        self.alone.append(seconds)
        if len(self.alone) < FRAMES:
            self.set_timer(0.02, self.step)
        else:
            self.held_from = time.perf_counter()
            self.holding = self.set_interval(HELD_KEY_SECONDS, self.hold)

    def hold(self):
        if time.perf_counter() - self.held_from < HELD_SECONDS:
            self.step()
            return
        self.holding.stop()
        seconds = time.perf_counter() - self.held_from
        result = {"alone": self.alone[3:], "held": self.held, "frames_per_second": len(self.held) / seconds}
        RESULT.write_text(json.dumps(result))
        self.exit()


if __name__ == "__main__":
    ScrollingApp().run()
