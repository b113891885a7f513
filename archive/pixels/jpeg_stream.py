"""What a JPEG, JPEG-LS or JPEG 2000 code stream says about itself (ISO/IEC 10918-1, 14495-1, 15444-1)."""

from __future__ import annotations

from typing import NamedTuple

_START_OF_TILE_PART = b"\xff\x90"
_HEADER_LIMIT = 4 << 20
"""A frame header that stands later than this, behind profiles and comments, is not looked for."""


class StreamHeader(NamedTuple):
    """Size and sample format of a code stream."""

    rows: int
    columns: int
    components: int
    precision: int
    signed: bool
    lossless: bool
    """A lossless JPEG process (SOF3); a stream may be of another process than its transfer syntax names."""
    color: str
    """"RGB" or "YCbCr" where markers tell, otherwise empty."""


def read_jpeg_header(stream: bytes) -> StreamHeader | None:
    """Return the frame header of a JPEG or JPEG-LS stream; None when none is found."""
    position, color = 2, ""
    end = min(len(stream), _HEADER_LIMIT)
    while position + 4 <= end:
        if stream[position] != 0xFF:
            return None
        marker = stream[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        body = stream[
            position + 4 : position + 2 + int.from_bytes(stream[position + 2 : position + 4], "big")
        ]
        if _is_frame_header(marker) and len(body) >= 6:
            return _frame_header(marker, body, color)
        color = _color_of(marker, body) or color
        position += 4 + len(body)
        if not body and marker == 0xDA:
            return None
    return None


def _is_frame_header(marker: int) -> bool:
    return marker == 0xF7 or (0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC})


def _color_of(marker: int, body: bytes) -> str:
    if marker == 0xEE and body.startswith(b"Adobe") and len(body) >= 12:
        return "RGB" if body[11] == 0 else "YCbCr"
    return "YCbCr" if marker == 0xE0 and body.startswith(b"JFIF\0") else ""


def _frame_header(marker: int, body: bytes, color: str) -> StreamHeader:
    identifiers = bytes(body[6::3])
    if not color and identifiers.upper() == b"RGB":
        color = "RGB"
    rows, columns = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    return StreamHeader(rows, columns, body[5], body[0], signed=False, lossless=marker == 0xC3, color=color)


def read_jpeg_2000_header(stream: bytes) -> StreamHeader | None:
    """Return the SIZ marker of a JPEG 2000 code stream, boxed or not; None when there is none."""
    start = stream.find(b"\xff\x4f\xff\x51", 0, 1 << 16)
    siz = stream[start + 4 : start + 4 + 41] if start >= 0 else b""
    if len(siz) < 39:
        return None
    width, height, left, top = (int.from_bytes(siz[at : at + 4], "big") for at in (4, 8, 12, 16))
    depth = siz[38]
    components = int.from_bytes(siz[36:38], "big")
    return StreamHeader(
        height - top,
        width - left,
        components,
        (depth & 0x7F) + 1,
        bool(depth & 0x80),
        lossless=False,
        color="",
    )


def jpeg_2000_is_whole(stream: bytes) -> bool:
    """Tell whether every tile-part is as long as its header says (ISO/IEC 15444-1 A.4.2).

    A decoder may paint a tile whose data is missing altogether; the last tile-part may leave its length open.
    """
    position = stream.find(b"\xff\x4f\xff\x51", 0, 1 << 16) + 2
    while stream[position : position + 1] == b"\xff" and stream[position + 1 : position + 2] != b"\x90":
        position += 2 + max(2, int.from_bytes(stream[position + 2 : position + 4], "big"))
    parts = 0
    while stream[position : position + 2] == _START_OF_TILE_PART and position + 12 <= len(stream):
        parts += 1
        length = int.from_bytes(stream[position + 6 : position + 10], "big")
        if length == 0:
            return True
        position += max(12, length)
    return parts > 0 and position <= len(stream)
