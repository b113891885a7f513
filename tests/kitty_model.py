"""A terminal with kitty graphics as far as Noctis uses them: commands in, pixels out, and what it keeps.

Written after the protocol's description and after what kitty 0.26.5 and 0.41.1 answered: an image that is
sent again loses its placements; in 0.26.5 a deletion that frees also frees every image that is not on the
screen; beyond its quota the terminal forgets what is not on the screen.
"""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

COMMAND = re.compile(
    rb"\x1b_G(?P<keys>[^;\x1b]*)(?:;(?P<load>[^\x1b]*))?\x1b\\|\x1b\[(?P<row>\d+);(?P<column>\d+)H", re.DOTALL
)
QUOTA_BYTES = 320 << 20


@dataclass
class Kept:
    rgba: np.ndarray | None
    serial: int
    placements: dict[int, tuple] = field(default_factory=dict)


class KittyModel:
    """The screen, `cells` (columns, rows) of `cell_px` (width, height)."""

    def __init__(self, cells, cell_px, background=(1, 2, 3), quota_bytes=QUOTA_BYTES):
        self.cells, self.cell_px, self.background, self.quota = cells, cell_px, background, quota_bytes
        self.images: dict[int, Kept] = {}
        self.cursor = (0, 0)
        self.loading: tuple[dict, bytes] | None = None
        self.serial = 0
        self.bytes_read = 0

    @property
    def size_bytes(self):
        return sum(image.rgba.nbytes for image in self.images.values() if image.rgba is not None)

    def read(self, data: bytes):
        """Interpret what was written; anything but moves and graphics is an error."""
        self.bytes_read += len(data)
        end = 0
        for match in COMMAND.finditer(data):
            assert match.start() == end, f"unknown: {data[end : match.start()][:60]!r}"
            end = match.end()
            if match["row"]:
                self.cursor = int(match["column"]) - 1, int(match["row"]) - 1
            else:
                keys = dict(pair.split(b"=") for pair in match["keys"].split(b","))
                self._command({name.decode(): value.decode() for name, value in keys.items()}, match["load"])
        assert end == len(data), f"unknown: {data[end:][:60]!r}"

    def _command(self, keys, load):
        assert keys.get("q") == "2" or keys.get("a") == "d", "a reply would arrive as keys"
        if self.loading is not None or keys.get("a", "t") == "t":
            self._load(keys, load or b"")
        elif keys["a"] == "p":
            self._place({name: int(value) for name, value in keys.items() if name != "a"})
        else:
            self._delete(keys)

    def _load(self, keys, load):
        assert len(load) <= 4096
        if self.loading is None:
            assert "i" in keys or keys.get("m") == "0", keys
            self.loading = keys, b""
        else:
            assert set(keys) <= {"m", "q"}, f"a transmission is under way, then {keys}"
        first, before = self.loading
        self.loading = first, before + load
        if keys.get("m") != "1":
            self.loading = None
            self._loaded(first, before + load)

    def _loaded(self, keys, load):
        if "i" not in keys:
            return  # the end of nothing
        self.serial += 1
        self.images[int(keys["i"])] = Kept(decoded(keys, base64.standard_b64decode(load)), self.serial)
        if self.size_bytes > self.quota:
            for number, image in list(self.images.items()):
                if not image.placements and image.serial != self.serial:
                    del self.images[number]

    def _place(self, keys):
        image = self.images.get(keys["i"])
        if image is None or image.rgba is None:
            raise AssertionError(f"image {keys['i']} is not there")
        assert keys["C"] == 1, "the cursor would move, and the screen scroll"
        rows, columns = image.rgba.shape[:2]
        source = keys.get("x", 0), keys.get("y", 0), keys.get("w", columns), keys.get("h", rows)
        size = (keys["c"], keys["r"]) if "c" in keys else None
        image.placements[keys["p"]] = (keys.get("z", 0), self.cursor, source, size)

    def _delete(self, keys):
        assert keys["d"] == "i", "a deletion that frees takes away what was sent ahead (kitty 0.26.5)"
        image = self.images.get(int(keys["i"]))
        if image is not None:
            for number in [int(keys["p"])] if "p" in keys else list(image.placements):
                image.placements.pop(number, None)

    def screen(self):
        """What is seen, uint8 [rows, columns, 3]; where nothing is placed, the background."""
        width, height = self.cell_px
        columns, rows = self.cells
        pixels = np.empty((rows * height, columns * width, 3), np.uint8)
        pixels[:] = self.background
        placed = [
            (placement[0], image.serial, image.rgba, *placement[1:])
            for image in self.images.values()
            for placement in image.placements.values()
        ]
        for _, _, rgba, (x, y), (left, top, across, down), size in sorted(
            placed, key=lambda entry: entry[:2]
        ):
            part = rgba[top : top + down, left : left + across]
            if size is not None:
                scaled = size[0] * width, size[1] * height
                part = np.asarray(Image.fromarray(part).resize(scaled, Image.Resampling.BILINEAR))
            target = pixels[y * height : y * height + part.shape[0], x * width : x * width + part.shape[1]]
            part = part[: target.shape[0], : target.shape[1]]
            seen = part[..., 3] > 127
            target[seen] = part[seen][:, :3]
        return pixels


def decoded(keys, content):
    """RGBA of what was sent, None where it is broken."""
    if keys.get("f") == "32":
        return np.frombuffer(content, np.uint8).reshape(int(keys["v"]), int(keys["s"]), 4)
    try:
        with Image.open(io.BytesIO(content)) as image:
            return np.asarray(image.convert("RGBA"))
    except (OSError, SyntaxError):
        return None
