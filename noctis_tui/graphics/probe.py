"""One batch of questions to the terminal, ended by the question that every terminal answers."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import struct
import sys
import termios
import time
import tty
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

KITTY_QUERY_ID = 4207
SILENT_TERMINALS = {"", "dumb", "linux"}
"""Values of TERM whose terminals would print the questions instead of answering them."""

KITTY_QUESTION = b"\x1b_Gi=%d,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\" % KITTY_QUERY_ID
"""The kitty graphics protocol's query; tmux and screen would take it for a window title."""

QUESTIONS = (
    b"\x1b[>0q"  # XTVERSION: name and version
    b"\x1b[16t"  # XTWINOPS: size of a cell in pixels
    b"\x1b[?1;3;256S"  # XTSMGRAPHICS: give sixel 256 registers (a VT340 has 16), answer how many there are
    b"\x1b[?1;1;0S"  # XTSMGRAPHICS: how many registers
    b"\x1b[?2;1;0S"  # XTSMGRAPHICS: largest sixel picture
    b"\x1b[?2026$p"  # DECRQM: synchronized output
    b"\x1b[c"  # DA1, the sentinel: replies come in order
)
SENTINEL = re.compile(rb"\x1b\[\?([\d;]*)c")


@dataclass(frozen=True, slots=True)
class Replies:
    """What the terminal said about itself; fields it said nothing about are empty."""

    name: str = ""
    sixel: bool = False
    kitty: bool = False
    cell_px: tuple[int, int] | None = None
    color_registers: int | None = None
    max_picture_px: tuple[int, int] | None = None
    synchronized: bool = False


def probe(timeout_seconds: float = 2.0) -> Replies | None:
    """Ask the controlling terminal; None when stdin is no terminal or nothing answers in time.

    A terminal that began to answer is given as long again for its last reply: late ones would arrive as keys.
    """
    if not sys.stdin.isatty() or os.environ.get("TERM", "") in SILENT_TERMINALS:
        return None
    try:
        with _quiet_terminal() as terminal:
            is_multiplexed = "TMUX" in os.environ or "STY" in os.environ
            os.write(terminal, b"\x1b7" + (b"" if is_multiplexed else KITTY_QUESTION) + QUESTIONS)
            replies = _read_until_sentinel(terminal, timeout_seconds)
            os.write(terminal, b"\x1b8\x1b[K")  # a terminal that printed a question loses it again
            return understand(replies, window_cell_px(terminal))
    except (OSError, termios.error):
        return None


@contextlib.contextmanager
def _quiet_terminal() -> Iterator[int]:
    terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    try:
        before = termios.tcgetattr(terminal)
        try:
            tty.setcbreak(terminal, termios.TCSANOW)
            yield terminal
        finally:
            termios.tcsetattr(terminal, termios.TCSANOW, before)
    finally:
        os.close(terminal)


def _read_until_sentinel(terminal: int, timeout_seconds: float) -> bytes:
    replies = b""
    end = time.monotonic() + timeout_seconds
    extended = False
    while not SENTINEL.search(replies):
        left = end - time.monotonic()
        if left <= 0 and replies and not extended:
            end, extended = end + timeout_seconds, True
            continue
        if left <= 0 or not select.select([terminal], [], [], left)[0]:
            if left <= 0:
                break
            continue
        replies += os.read(terminal, 4096)
    return replies


def understand(replies: bytes, window_cell: tuple[int, int] | None = None) -> Replies | None:
    """Read the replies to `QUESTIONS`; None when the sentinel is missing.

    Parameters
    ----------
    replies
        Everything the terminal sent.
    window_cell
        Cell size in pixels from the window size, used when the terminal gave none.
    """
    sentinel = SENTINEL.search(replies)
    if sentinel is None:
        return None
    registers = re.findall(rb"\x1b\[\?1;0;(\d+)S", replies)
    largest = re.search(rb"\x1b\[\?2;0;(\d+);(\d+)S", replies)
    version = re.search(rb"\x1bP>\|([^\x1b]*)\x1b\\", replies)
    cell = re.search(rb"\x1b\[6;(\d+);(\d+)t", replies)
    return Replies(
        name=_printable(version[1]) if version else "",
        sixel=b"4" in sentinel[1].split(b";")[1:],
        kitty=b"\x1b_Gi=%d;OK\x1b\\" % KITTY_QUERY_ID in replies,
        cell_px=_positive(int(cell[2]), int(cell[1])) if cell else window_cell,
        color_registers=int(registers[-1]) or None if registers else None,
        max_picture_px=_positive(int(largest[1]), int(largest[2])) if largest else None,
        synchronized=re.search(rb"\x1b\[\?2026;[1-3]\$y", replies) is not None,
    )


def _printable(name: bytes) -> str:
    return "".join(letter for letter in name.decode("ascii", "ignore") if letter.isprintable())[:40]


def _positive(width: int, height: int) -> tuple[int, int] | None:
    return (width, height) if width > 0 and height > 0 else None


def window_cell_px(terminal: int) -> tuple[int, int] | None:
    """Cell size in pixels from the kernel's window size, None where the terminal does not fill it in."""
    try:
        size = fcntl.ioctl(terminal, termios.TIOCGWINSZ, bytes(8))
    except OSError:
        return None
    rows, columns, width_px, height_px = struct.unpack("HHHH", size)
    if not rows or not columns:
        return None
    return _positive(width_px // columns, height_px // rows)
