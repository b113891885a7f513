"""The kitty graphics protocol: one fixed image id a view, sent as PNG, placed under the text."""

from __future__ import annotations

from base64 import standard_b64encode
from typing import TYPE_CHECKING

from noctis_tui.graphics.png import encode_png

if TYPE_CHECKING:
    from noctis_tui.graphics.picture import Picture

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
    content = standard_b64encode(encode_png(picture))
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
