"""Shows so many pictures in the kitty it runs in, each exactly, through a canvas that keeps so much.

python kitty_frames.py FRAMES LIMIT_MIB CELL_WIDTH CELL_HEIGHT
"""

import os
import select
import sys
import termios
import time
import tty

import numpy as np

from noctis_tui.graphics.kitty.canvas import KittyCanvas
from noctis_tui.graphics.kitty.store import KittyStore
from noctis_tui.graphics.picture import Label, Picture
from noctis_tui.graphics.site import CellBox, Site


def write(content):
    while content:
        content = content[os.write(1, content) :]


def has_read_all():
    """Ask for the cursor's position, and wait for the answer."""
    write(b"\x1b[6n")
    answer = b""
    while not answer.endswith(b"R") and select.select([0], [], [], 20)[0]:
        answer += os.read(0, 100)


def main(frames, limit_mib, cell_px):
    whole = CellBox(0, 0, 90, 30)
    site = Site(whole, whole, frozenset(), cell_px)
    width, height = site.size_px
    canvas = KittyCanvas(KittyStore(limit_mib << 20))
    rng = np.random.default_rng(1)
    for number in range(frames):
        pixels = np.repeat(rng.integers(0, 256, (height, 1), np.uint8), width, axis=1)
        picture = Picture(pixels, None, (Label(f"Im: {number}", "top-left"),))
        for piece in canvas.show(canvas.draw(picture, site, level=0), site, again=False):
            write(piece)
        has_read_all()
    time.sleep(2)


if __name__ == "__main__":
    before = termios.tcgetattr(0)
    tty.setraw(0)
    write(b"\x1b[?1049h")
    main(int(sys.argv[1]), int(sys.argv[2]), (int(sys.argv[3]), int(sys.argv[4])))
    write(b"\x1b[?1049l")
    termios.tcsetattr(0, termios.TCSADRAIN, before)
