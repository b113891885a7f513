"""The kitty graphics protocol: one fixed image id a view, sent as PNG, placed under the text."""

from __future__ import annotations

import struct
import zlib
from base64 import standard_b64encode
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.graphics.flattening import flatten

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from noctis_tui.graphics.picture import DisplayPixels, Picture

CHUNK = 4096
"""Most base64 bytes of one command (protocol: "chunks no larger than 4096 bytes")."""

LAYER = 0
"""Above the text: kitty 0.26 blends cells with what they showed before while any image lies below them."""


def transmit(image_id: int, picture: Picture) -> bytes:
    """Send a picture's pixels under its id, replacing what the id held; nothing is shown yet.

    Parameters
    ----------
    image_id
        1 to 2**32 - 1, this view's own.
    picture
        Without labels (`labels.draw_labels`).
    """
    return _in_chunks(b"a=t,i=%d" % image_id, picture)


def show_here(image_id: int, picture: Picture) -> bytes:
    """Send a picture and show it at the cursor, which moves behind it."""
    return _in_chunks(b"a=T,i=%d" % image_id, picture)


def _in_chunks(action: bytes, picture: Picture) -> bytes:
    content = standard_b64encode(png(flatten(picture)))
    chunks = [content[first : first + CHUNK] for first in range(0, len(content), CHUNK)]
    parts = []
    for number, chunk in enumerate(chunks):
        more = b"q=2,m=%d" % (number < len(chunks) - 1)
        control = more if number else action + b",f=100,t=d," + more
        parts.append(b"\x1b_G%b;%b\x1b\\" % (control, chunk))
    return b"".join(parts)


def place(image_id: int, placement_id: int, source_px: tuple[int, int, int, int]) -> bytes:
    """Show a part of the image (x, y, width, height) at the cursor, which stays; moves it if it is shown."""
    return b"\x1b_Ga=p,i=%d,p=%d,q=2,C=1,z=%d,x=%d,y=%d,w=%d,h=%d\x1b\\" % (
        image_id,
        placement_id,
        LAYER,
        *source_px,
    )


def hide(image_id: int, placement_id: int) -> bytes:
    """Take one placement off the screen; the terminal keeps the pixels."""
    return b"\x1b_Ga=d,d=i,i=%d,p=%d,q=2\x1b\\" % (image_id, placement_id)


def free(image_id: int) -> bytes:
    """Take the image off the screen and out of the terminal's memory."""
    return b"\x1b_Ga=d,d=I,i=%d,q=2\x1b\\" % image_id


def png(pixels: DisplayPixels) -> bytes:
    """Write grey [rows, columns] or RGB [rows, columns, 3] as a PNG, quickly rather than small."""
    rows, columns = pixels.shape[:2]
    samples = 3 if pixels.ndim == 3 else 1
    lines = pixels.reshape(rows, columns * samples)
    filtered = np.empty((rows, columns * samples + 1), np.uint8)
    filtered[:, 0] = 2  # Up: the difference to the line above
    filtered[0, 1:] = lines[0]
    np.subtract(lines[1:], lines[:-1], out=filtered[1:, 1:])
    header = struct.pack(">IIBBBBB", columns, rows, 8, 2 if samples == 3 else 0, 0, 0, 0)
    body = _deflate(filtered)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _deflate(lines: NDArray[np.uint8]) -> bytes:
    # libdeflate takes less than half of zlib's time at the same level.
    from imagecodecs import deflate_encode  # noqa: PLC0415 - loaded with the first picture, not with the command

    return bytes(deflate_encode(lines.tobytes(), level=1))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
