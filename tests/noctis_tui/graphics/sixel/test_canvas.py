"""What the screen shows after any sequence of pictures, popups, pieces that are not sent, and moves."""

import re

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sixel_screen import TEXT, SixelScreen

from noctis_tui.graphics.cell_mask import seen_cells
from noctis_tui.graphics.encoding.dither import index_picture
from noctis_tui.graphics.encoding.sixel import LEVELS
from noctis_tui.graphics.picture import Label, Picture
from noctis_tui.graphics.site import CellBox, Site
from noctis_tui.graphics.sixel.canvas import SixelCanvas
from noctis_tui.graphics.terminal.detection import TerminalGraphics

COLUMNS, ROWS = 14, 11
cells = st.sampled_from([(4, 7), (3, 6), (5, 8)])
seeds = st.integers(0, 999)
levels = st.integers(0, len(LEVELS) - 1)
sendings = st.sampled_from([0, 1, 2, 99])
boxes = st.builds(CellBox, st.integers(-2, 12), st.integers(-2, 10), st.integers(1, 8), st.integers(1, 6))


def graphics(**changes):
    return TerminalGraphics("sixel", 8, 17, 256, "test", **changes)


def site_at(box, cell_px, covers=()):
    seen = box.common(CellBox(0, 0, COLUMNS, ROWS - 1))
    return Site(box, seen.moved(-box.x, -box.y), frozenset(covers), cell_px)


class Screens(RuleBasedStateMachine):
    """A view, the terminal, and what lies over it; the model is the terminal's pixels."""

    @initialize(cell_px=cells, largest=st.sampled_from([None, (20, 20)]))
    def begin(self, cell_px, largest):
        self.canvas = SixelCanvas(graphics(max_picture_px=largest))
        self.cell_px = cell_px
        self.box = CellBox(1, 0, 12, 9)
        self.covers = []
        self.drawing = self.waiting = None
        self.pending = []
        self.grey = np.zeros((1, 1), np.uint8)
        self.clear()

    def clear(self):
        self.screen = SixelScreen(COLUMNS, ROWS, self.cell_px)
        self.screen.write(CellBox(0, 0, COLUMNS, ROWS))

    @property
    def site(self):
        return site_at(self.box, self.cell_px, self.covers)

    def picture(self, seed, *, all_new, is_color):
        """All other pixels than the last one, or a few."""
        width, height = self.site.size_px
        random = np.random.default_rng(seed)
        if all_new or self.grey.shape != (height, width):
            self.grey = random.integers(0, 256, (height, width)).astype(np.uint8)
        else:
            self.grey = self.grey.copy()
            y, x = random.integers(0, height), random.integers(0, width)
            self.grey[y : y + 3, x : x + 5] ^= 255
        overlay = np.zeros_like(self.grey)
        overlay[:, random.integers(0, width)] = random.integers(0, 9)
        pixels = np.repeat(self.grey[..., None], 3, axis=2) if is_color else self.grey
        return Picture(pixels, overlay, (Label(f"{seed}", "top-left"),) if seed % 2 else ())

    @rule(seed=seeds, is_color=st.booleans(), level=levels, sent=sendings, settles=st.booleans())
    def show_another(self, seed, is_color, level, sent, settles):
        self.order(seed, all_new=True, is_color=is_color, level=level)
        self.show(sent, settles=settles)

    @rule(seed=seeds, level=st.sampled_from([0, 0, 2]), sent=sendings, settles=st.booleans())
    def show_a_change(self, seed, level, sent, settles):
        self.order(seed, level=level)
        self.show(sent, settles=settles)

    @rule(seed=seeds, level=levels)
    def draw(self, seed, level):
        """In the worker; shown later."""
        self.order(seed, level=level)

    @rule(sent=sendings, settles=st.booleans())
    def show(self, sent, *, settles):
        if self.waiting is None:
            return
        self.stop()
        self.drawing, self.waiting = self.waiting, None
        self.put()
        self.send(sent)
        if settles:
            self.settle()

    def order(self, seed, *, level, all_new=False, is_color=False):
        picture = self.picture(seed, all_new=all_new, is_color=is_color)
        self.waiting = self.canvas.draw(picture, self.site, level=level)

    def put(self):
        pieces = self.canvas.show(self.drawing, self.site, again=False)
        if pieces is None:
            self.drawing = self.canvas.draw(self.drawing_again(), self.site, level=0)
            pieces = self.canvas.show(self.drawing, self.site, again=False)
        self.pending = list(pieces)

    def drawing_again(self):
        return self.picture(0, all_new=True, is_color=False)

    @rule(count=sendings)
    def send(self, count):
        part, self.pending = self.pending[:count], self.pending[count:]
        self.screen.receive(b"".join(part), self.allowed())
        self.canvas.sent(len(part))

    def stop(self):
        if self.pending:
            self.canvas.abandon()
        self.pending = []

    def write(self, box):
        """Text on the screen, of which the canvas is told."""
        if here := box.common(CellBox(0, 0, COLUMNS, ROWS)):
            self.screen.write(here)
            if common := here.common(self.box):
                self.canvas.overwritten([common.moved(-self.box.x, -self.box.y)])

    @rule(box=boxes, settles=st.booleans())
    def open_popup(self, box, settles):
        self.covers = [*self.covers, box]
        self.stop()  # as the view does when it hears of it
        self.write(box.moved(self.box.x, self.box.y))
        if settles:
            self.settle()

    @rule(number=st.integers(0, 2), settles=st.booleans())
    def close_popup(self, number, settles):
        self.stop()
        del self.covers[number : number + 1]
        if settles:
            self.settle()

    @rule(box=boxes)
    def damage(self, box):
        """The compositor wrote blanks: a screen without the picture was on top."""
        self.write(box)
        for cover in self.covers:
            self.write(cover.moved(self.box.x, self.box.y))

    @rule(x=st.integers(0, 4), y=st.integers(0, 4), width=st.integers(1, 9), height=st.integers(1, 7))
    def move(self, x, y, width, height):
        """By its place alone the canvas knows that nothing is there."""
        self.stop()
        if self.box == CellBox(x, y, width, height):
            return
        self.box, self.covers = CellBox(x, y, width, height), []
        self.screen.write(CellBox(0, 0, COLUMNS, ROWS))

    @rule(right=st.integers(-1, 1), down=st.integers(-1, 1))
    def shift(self, right, down):
        x, y = min(max(self.box.x + right, 0), 4), min(max(self.box.y + down, 0), 4)
        if (x, y) != (self.box.x, self.box.y):
            self.move(x, y, self.box.width, self.box.height)

    @rule(cell_px=cells)
    def change_font(self, cell_px):
        self.stop()
        self.cell_px = cell_px
        self.clear()
        for cover in self.covers:
            self.write(cover.moved(self.box.x, self.box.y))
        self.canvas.lost()

    def allowed(self):
        mask = np.zeros((ROWS, COLUMNS + 10), bool)
        seen = seen_cells(self.site)
        mask[self.box.y : self.box.y + self.box.height, self.box.x : self.box.x + self.box.width] = seen[
            : ROWS - self.box.y
        ]
        return mask[:, :COLUMNS]

    @rule()
    def settle(self):
        """What the view does after the compositor wrote; then the screen is as it should be."""
        if self.drawing is None:
            return
        self.stop()
        self.put()
        self.send(len(self.pending))
        assert self.canvas.show(self.drawing, self.site, again=True) == []
        self.agrees()

    def agrees(self):
        sheet, box = self.drawing.sheet, self.site.visible
        width, height = self.cell_px
        shown = self.screen.pixels[self.box.y * height :, self.box.x * width :]
        fresh = index_picture(sheet.picture, LEVELS[sheet.level], 256)
        wanted = (fresh.percents[fresh.indices].astype(int) * 255 + 50) // 100
        seen = np.repeat(np.repeat(seen_cells(self.site), height, axis=0), width, axis=1)
        there = np.s_[
            box.y * height : (box.y + box.height) * height, box.x * width : (box.x + box.width) * width
        ]
        assert (shown[: seen.shape[0], : seen.shape[1]][there] == wanted[there])[seen[there]].all()

    @invariant()
    def nothing_is_painted_elsewhere(self):
        if hasattr(self, "screen"):
            outside = np.repeat(np.repeat(~self.allowed(), self.cell_px[1], axis=0), self.cell_px[0], axis=1)
            assert (self.screen.pixels[outside] == TEXT).all()


Screens.TestCase.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestScreens = Screens.TestCase


def shown(canvas, picture, site):
    pieces = canvas.show(canvas.draw(picture, site, level=0), site, again=False)
    canvas.sent(len(pieces))
    return pieces


def test_tmux_gets_whole_bands_and_whole_pictures():
    canvas = SixelCanvas(graphics(whole_bands=True))
    site = site_at(CellBox(0, 0, 10, 10), (8, 17))
    grey = np.zeros((170, 80), np.uint8)
    assert shown(canvas, Picture(grey), site)
    grey = grey.copy()
    grey[80, 40] = 255
    pieces = shown(canvas, Picture(grey), site)
    heights = [int(re.search(rb'"1;1;80;(\d+)', piece)[1]) for piece in pieces]
    assert sum(heights) == 168
    assert not any(height % 6 for height in heights)
    assert b"\x1b[10;1H\x1b[48;2;0;0;0m          \x1b[" in pieces[-1], "what stood below the last band stays"
    assert shown(canvas, Picture(grey), site) == []


def test_a_small_change_is_no_draft():
    canvas = SixelCanvas(graphics())
    site = site_at(CellBox(0, 0, 10, 9), (8, 17))
    grey = np.random.default_rng(1).integers(0, 256, (153, 80)).astype(np.uint8)
    whole = sum(map(len, shown(canvas, Picture(grey), site)))
    changed = grey.copy()
    changed[30, 30] ^= 255
    drawing = canvas.draw(Picture(changed), site, level=3)
    assert drawing.level == 0
    assert sum(map(len, canvas.show(drawing, site, again=False))) < whole / 20
    assert canvas.draw(Picture(255 - grey), site, level=3).level is None
