"""The kitty graphics protocol (sw.kovidgoyal.net/kitty/graphics-protocol): images sent as PNG, and placed.

Images are freed by replacing their pixels: in kitty 0.26.5 any deletion that frees (`d=I`) also frees every
other image that is not on the screen, and so what was sent ahead.
"""

from __future__ import annotations

from base64 import standard_b64encode
from typing import TYPE_CHECKING

from noctis_tui.graphics.encoding.png import encode_png

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
    return b"".join(chunks(action, encode_png(picture)))


def send(image_id: int, content: bytes) -> list[bytes]:
    """Send a PNG under an id, replacing what the id held; commands that must not be mixed with others."""
    return chunks(b"a=t,i=%d" % image_id, content)


def chunks(action: bytes, content: bytes, later: bytes = b"") -> list[bytes]:
    """Cut the transmission of a PNG into commands of the size that the protocol allows.

    `later` begins each but the first: frames say every time what they are for.
    """
    encoded = standard_b64encode(content)
    parts = [encoded[first : first + CHUNK] for first in range(0, len(encoded), CHUNK)]
    controls = [b"%b,f=100," % action, *[later] * (len(parts) - 1)]
    more = [1] * (len(parts) - 1) + [0]
    return [b"\x1b_G%bq=2,m=%d;%b\x1b\\" % command for command in zip(controls, more, parts, strict=True)]


BREAK_OFF = b"\x1b_Gm=0,q=2;\x1b\\"
"""Ends a transmission of which chunks are missing; the image under its id is broken then."""


def place(
    image_id: int,
    placement_id: int,
    *,
    layer: int = LAYER,
    source_px: tuple[int, int, int, int] | None = None,
    cells: tuple[int, int] | None = None,
) -> bytes:
    """Show an image at the cursor, which stays; a placement of that id that is shown already is moved.

    Parameters
    ----------
    layer
        What has a higher one is above.
    source_px
        The part of the image to show (x, y, width, height), None for all of it.
    cells
        Columns and rows that it is stretched to, None for its own size.
    """
    words = [b"a=p,i=%d,p=%d,C=1,q=2" % (image_id, placement_id)]
    if layer:
        words.append(b"z=%d" % layer)
    if source_px is not None:
        words.append(b"x=%d,y=%d,w=%d,h=%d" % source_px)
    if cells is not None:
        words.append(b"c=%d,r=%d" % cells)
    return b"\x1b_G%b\x1b\\" % b",".join(words)


def hide_all(image_id: int) -> bytes:
    """Take all placements of an image off the screen; the terminal keeps the pixels, and answers nothing."""
    return b"\x1b_Ga=d,d=i,i=%d\x1b\\" % image_id


def hide(image_id: int, placement_id: int) -> bytes:
    """Take one placement off the screen; the terminal keeps the pixels, and answers nothing."""
    return b"\x1b_Ga=d,d=i,i=%d,p=%d\x1b\\" % (image_id, placement_id)


def shrink(image_id: int) -> bytes:
    """Free an image's pixels: one transparent pixel takes their place, on the screen nothing."""
    return b"\x1b_Ga=t,i=%d,f=32,s=1,v=1,q=2;AAAAAA==\x1b\\" % image_id
