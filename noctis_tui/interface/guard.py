"""The last line before the terminal: nothing that a peer sent leaves as a control sequence.

Every widget shows plain text, and `archive.dicom.text.visible` has already made hostile characters visible
where they were read. This guard stands behind all of that, on `textual.strip.Strip.render`, through which
every cell of every widget passes on its way to the terminal. It lets no C0 or C1 control, no bidirectional
control and no lone surrogate through, whatever forgot to look.
"""

from __future__ import annotations

import re
from functools import wraps
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

if TYPE_CHECKING:
    from rich.console import Console

HOSTILE = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # bidirectional, invisible
    "\U000e0000-\U000e007f"  # tags
    "\ud800-\udfff"  # lone surrogates, which no terminal encoding can carry
    "]"
)
"""A character that must not reach a terminal from text."""


def made_visible(text: str) -> str:
    """Replace every hostile character by one visible cell."""
    return HOSTILE.sub(_stand_in, text)


def _stand_in(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)  # the control picture: ESC is ␛
    return "␡" if code == 0x7F else "\N{REPLACEMENT CHARACTER}"


def guard_terminal() -> None:
    """Put the guard in place, once for the process."""
    render = Strip.render
    if getattr(render, "guards", False):
        return

    @wraps(render)
    def guarded(strip: Strip, console: Console) -> str:
        if not any(HOSTILE.search(segment.text) for segment in strip):
            return render(strip, console)
        clean = Strip([Segment(made_visible(text), style) for text, style, _ in strip])
        return render(clean.adjust_cell_length(strip.cell_length), console)

    guarded.guards = True  # type: ignore[attr-defined] # marks our own wrapper, so that it is put in place once
    Strip.render = guarded  # type: ignore[method-assign, assignment] # the one door to the terminal
