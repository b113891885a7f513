"""What `frames.py` compares us with: a textual-image app driven by keys, and a loop around img2sixel.

python frames_peers.py textual-image SIXEL|KITTY STACK.npy
python frames_peers.py img2sixel COLUMNxROW FOLDER-OF-PGM SECONDS IN-FLIGHT

The pictures are windowed and scaled beforehand: both peers only encode and write.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import tty
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FENCE = "\x1b[6n"


def textual_image(protocol, stack_file):
    import numpy as np
    from PIL import Image
    from textual.app import App
    from textual.widgets import Static

    # textual-image asks the terminal while it is imported, so before the app runs.
    from textual_image.widget import SixelImage, TGPImage

    stack = np.load(stack_file, mmap_mode="r")

    def picture(number):
        # RGB in sixel, as any coloured mark over a slice makes it: twice as fast as grey, with 16 greys.
        # Grey in kitty: a third of the bytes, and as exact.
        return Image.fromarray(stack[number]).convert("RGB" if protocol == "sixel" else "L")

    class Peer(App):
        CSS = "#picture { height: 1fr; width: 1fr; } Static { height: 1; }"
        ENABLE_COMMAND_PALETTE = False
        number = 0

        def compose(self):
            yield Static("header")
            yield (SixelImage if protocol == "sixel" else TGPImage)(picture(0), id="picture")
            yield Static("footer")

        def on_mount(self):
            self.query_one("#picture").call_after_refresh(self.fence)

        def on_key(self, event):
            if event.character == "q":
                self.exit()
            step = {"j": 1, "k": -1}.get(event.character)
            if step is not None:
                self.number = min(max(self.number + step, 0), len(stack) - 1)
                widget = self.query_one("#picture")
                widget.image = picture(self.number)
                widget.call_after_refresh(self.fence)

        def fence(self):
            self._driver.write(FENCE)

    Peer().run()


def img2sixel(place, folder, seconds, in_flight):
    """With two in flight a process encodes the next frame while the terminal reads the last one."""
    tty.setraw(0)
    column, row = place.split("x")
    files = sorted(Path(folder).glob("*.pgm"))
    heard, answers, sent, end = b"", 0, 0, time.monotonic() + float(seconds)

    def encode(file):
        return subprocess.run(["img2sixel", str(file)], capture_output=True, check=True).stdout

    with ThreadPoolExecutor(1) as worker:
        coming = worker.submit(encode, files[0])
        while time.monotonic() < end:
            frame = coming.result()
            if int(in_flight) > 1:
                coming = worker.submit(encode, files[(sent + 1) % len(files)])
            sys.stdout.buffer.write(f"\x1b[{row};{column}H".encode() + frame + FENCE.encode())
            sys.stdout.buffer.flush()
            sent += 1
            while sent - answers >= int(in_flight):
                heard += os.read(0, 4096)
                answers, heard = answers + len(re.findall(rb"R", heard)), b""
            if int(in_flight) == 1:
                coming = worker.submit(encode, files[sent % len(files)])
    while answers < sent:
        answers += os.read(0, 4096).count(b"R")
    time.sleep(1000)


if __name__ == "__main__":
    (textual_image if sys.argv[1] == "textual-image" else img2sixel)(*sys.argv[2:])
