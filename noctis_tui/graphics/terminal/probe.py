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
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

KITTY_QUERY_ID = 4207
MOST_BYTES = 65536
SILENT_TERMINALS = {"", "dumb", "unknown", "linux"}
"""Values of TERM whose terminals would print the questions instead of answering them."""

KITTY_QUESTION = b"\x1b_Gi=%d,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\" % KITTY_QUERY_ID
"""The kitty graphics protocol's query; tmux and screen would take it for a window title."""

OWN_QUESTIONS = (
    KITTY_QUESTION
    + b"\x1bP+q524742;5463\x1b\\"  # XTGETTCAP: RGB and Tc, which say that cells take 24-bit colours
    + b"\x1b[38;2;1;2;3m\x1bP$qm\x1b\\\x1b[m"  # DECRQSS: which colour is left of a 24-bit one
)
"""Strings (APC, DCS) that a multiplexer would take for its own, or put on the screen."""

QUESTIONS = (
    b"\x1b[>0q"  # XTVERSION: name and version
    b"\x1b[16t"  # XTWINOPS: size of a cell in pixels
    b"\x1b[14t"  # XTWINOPS: size of the text in pixels, answered by some that do not know the former
    b"\x1b[?1;3;256S"  # XTSMGRAPHICS: give sixel 256 registers (a VT340 has 16), answer how many there are
    b"\x1b[?1;1;0S"  # XTSMGRAPHICS: how many registers
    b"\x1b[?2;1;0S"  # XTSMGRAPHICS: largest sixel picture now, which xterm and foot limit to the window
    b"\x1b[?2;4;0S"  # XTSMGRAPHICS: largest sixel picture in any window
    b"\x1b[?2026$p"  # DECRQM: synchronized output
    b"\x1b[c"  # DA1, the sentinel: replies come in order
)
KEPT_COLOR = re.compile(rb"\x1bP1\$r(?:[\d;:]*[;:])?38[;:]2[;:](?:\d*:)?1[;:]2[;:]3(?!\d)")
RGB_CAPABILITY = re.compile(rb"\x1bP1\+r(?:524742|5463)", re.IGNORECASE)
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
    true_color: bool = False
    """Whether a 24-bit colour was kept (DECRQSS) or is a capability (XTGETTCAP)."""
    device: str = ""
    """The parameters of the sentinel's answer (DA1)."""
    milliseconds: float = 0.0
    """From the questions to the last answer."""


class Silence(Exception):
    """A terminal was asked and gave no last answer in time; what it still says must not be taken for keys."""


def probe(timeout_seconds: float = 2.0, *, is_multiplexed: bool = False) -> Replies | None:
    """Ask the controlling terminal; None when there is none that may be asked.

    A terminal that began to answer is given as long again for its last reply: late ones would arrive as keys.

    Parameters
    ----------
    timeout_seconds
        How long to wait for the first reply.
    is_multiplexed
        Whether tmux or GNU screen stands between; it is not asked what only a terminal understands.

    Raises
    ------
    Silence
        It was asked and did not answer in time.
    """
    if not is_askable():
        return None
    try:
        with quiet_terminal() as terminal:
            before = time.monotonic()
            os.write(terminal, b"\x1b7" + (b"" if is_multiplexed else OWN_QUESTIONS) + QUESTIONS)
            said = read_until(terminal, SENTINEL, timeout_seconds)
            seconds = time.monotonic() - before
            os.write(terminal, b"\x1b8\x1b[K")  # a terminal that printed a question loses it again
            replies = understand(said, _window(terminal))
    except (OSError, termios.error):
        return None
    if replies is None:
        raise Silence
    return replace(replies, milliseconds=round(seconds * 1000, 1))


def is_askable() -> bool:
    """Whether standard input is a terminal of a kind that understands questions."""
    return sys.stdin is not None and sys.stdin.isatty() and os.environ.get("TERM", "") not in SILENT_TERMINALS


def swallow_late_replies(seconds: float = 1.0) -> None:
    """Wait a little for what a silent terminal still answers: it would stand in the shell's line."""
    with contextlib.suppress(OSError, termios.error), quiet_terminal() as terminal:
        read_until(terminal, SENTINEL, seconds)
        termios.tcflush(terminal, termios.TCIFLUSH)


@contextlib.contextmanager
def quiet_terminal() -> Iterator[int]:
    """Open the controlling terminal without echo and line by line reading; as it was afterwards."""
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


def read_until(terminal: int, last: re.Pattern[bytes], timeout_seconds: float) -> bytes:
    """Read what the terminal says until `last` is in it or it is late; twice as late once it began."""
    replies = b""
    end = time.monotonic() + timeout_seconds
    extended = False
    while not last.search(replies) and len(replies) < MOST_BYTES:
        left = end - time.monotonic()
        if left <= 0 and (not replies or extended):
            break
        if left <= 0:
            end, extended = end + timeout_seconds, True
        elif select.select([terminal], [], [], left)[0]:
            replies += os.read(terminal, 4096)
    return replies


@dataclass(frozen=True, slots=True)
class Window:
    """The kernel's word on the terminal's size; pixels are 0 where the terminal does not fill them in."""

    rows: int
    columns: int
    width_px: int
    height_px: int

    @property
    def cell_px(self) -> tuple[int, int] | None:
        """Width and height of a cell."""
        if not self.rows or not self.columns:
            return None
        return _positive(self.width_px // self.columns, self.height_px // self.rows)


NO_WINDOW = Window(0, 0, 0, 0)


def understand(replies: bytes, window: Window = NO_WINDOW) -> Replies | None:
    """Read the replies to the questions; None when the sentinel is missing.

    Parameters
    ----------
    replies
        Everything the terminal sent.
    window
        The kernel's size of the window, used when the terminal does not tell its cells.
    """
    sentinel = SENTINEL.search(replies)
    if sentinel is None:
        return None
    registers = re.findall(rb"\x1b\[\?1;0;(\d{1,9})S", replies)
    largest = re.findall(rb"\x1b\[\?2;0;(\d{1,9});(\d{1,9})S", replies)
    version = re.search(rb"\x1bP>\|([^\x1b]*)\x1b\\", replies)
    return Replies(
        name=_printable(version[1]) if version else "",
        sixel=b"4" in sentinel[1].split(b";")[1:],
        kitty=b"\x1b_Gi=%d;OK\x1b\\" % KITTY_QUERY_ID in replies,
        cell_px=_cell_px(replies, window),
        color_registers=int(registers[-1]) or None if registers else None,
        max_picture_px=_positive(int(largest[-1][0]), int(largest[-1][1])) if largest else None,
        synchronized=re.search(rb"\x1b\[\?2026;[1-3]\$y", replies) is not None,
        true_color=bool(KEPT_COLOR.search(replies) or RGB_CAPABILITY.search(replies)),
        device=sentinel[1].decode("ascii"),
    )


def _cell_px(replies: bytes, window: Window) -> tuple[int, int] | None:
    cell = re.search(rb"\x1b\[6;(\d{1,5});(\d{1,5})t", replies)
    if cell and int(cell[1]) and int(cell[2]):
        return int(cell[2]), int(cell[1])
    text = re.search(rb"\x1b\[4;(\d{1,5});(\d{1,5})t", replies)
    if text and window.rows and window.columns:
        return _positive(int(text[2]) // window.columns, int(text[1]) // window.rows) or window.cell_px
    return window.cell_px


def _printable(name: bytes) -> str:
    return "".join(letter for letter in name.decode("ascii", "ignore") if letter.isprintable())[:40]


def _positive(width: int, height: int) -> tuple[int, int] | None:
    return (width, height) if width > 0 and height > 0 else None


def window_cell_px(terminal: int) -> tuple[int, int] | None:
    """Cell size in pixels from the kernel's window size, None where the terminal does not fill it in."""
    return _window(terminal).cell_px


def _window(terminal: int) -> Window:
    try:
        size = fcntl.ioctl(terminal, termios.TIOCGWINSZ, bytes(8))
    except OSError:
        return NO_WINDOW
    return Window(*struct.unpack("HHHH", size))
