"""Kitty's Unicode placeholders: pictures that stand in ordinary cells, which a multiplexer moves and covers.

(Kitty graphics protocol, "Unicode placeholders".) A cell holds U+10EEEE with marks for its row and column in
the picture; its colour names the picture. 256 colours and a third mark are used: 24-bit ones do not pass
through every tmux.
"""

from __future__ import annotations

import os
from functools import lru_cache

PLACEHOLDER = "\U0010eeee"

_MARK_RANGES = (
    "305 30D-30E 310 312 33D-33F 346 34A-34C 350-352 357 35B 363-36F 483-487 592-595 597-599 59C-5A1 "
    "5A8-5A9 5AB-5AC 5AF 5C4 610-617 657-65B 65D-65E 6D6-6DC 6DF-6E2 6E4 6E7-6E8 6EB-6EC 730 732-733 "
    "735-736 73A 73D 73F-741 743 745 747 749-74A 7EB-7F1 7F3 816-819 81B-823 825-827 829-82D 951 "
    "953-954 F82-F83 F86-F87 135D-135F 17DD 193A 1A17 1A75-1A7C 1B6B 1B6D-1B73 1CD0-1CD2 1CDA-1CDB 1CE0 "
    "1DC0-1DC1 1DC3-1DC9 1DCB-1DCC 1DD1-1DE6 1DFE 20D0-20D1 20D4-20D7 20DB-20DC 20E1 20E7 20E9 20F0 "
    "2CEF-2CF1 2DE0-2DFF A66F A67C-A67D A6F0-A6F1 A8E0-A8F1 AAB0 AAB2-AAB3 AAB7-AAB8 AABE-AABF AAC1 "
    "FE20-FE26 10A0F 10A38 1D185-1D189 1D1AA-1D1AD 1D242-1D244"
)
"""Combining marks above, without decompositions, of Unicode 6.0.0, in order: the protocol's digits."""


def _marks() -> tuple[str, ...]:
    ends = [part.partition("-") for part in _MARK_RANGES.split()]
    return tuple(
        chr(code) for first, _, last in ends for code in range(int(first, 16), int(last or first, 16) + 1)
    )


MARKS = _marks()

FIRST_COLOR = 16
"""Below it are colours that terminals write in another way."""


def placeholder_id(number: int) -> int:
    """Return the id of a picture's pixels whose cells take 256 colours; `number` is the view's own.

    The high byte is this process's, so that two programs beside each other seldom share one.
    """
    return (os.getpid() % 255 + 1) << 24 | FIRST_COLOR + number % (256 - FIRST_COLOR)


@lru_cache(maxsize=1024)
def placeholder_cells(image_id: int, row: int, first: int, end: int) -> str:
    """Return the text of one row's cells, from column `first` up to `end`, with its colours.

    A cell behind the last digit (column 297) takes its column from the cell to its left; what has a row
    behind it is blank.
    """
    if row >= len(MARKS):
        return f"\x1b[0;48;5;16m{' ' * (end - first)}\x1b[0m"
    place, tag = MARKS[row], MARKS[image_id >> 24]
    cells = (
        f"{PLACEHOLDER}{place}{MARKS[column]}{tag}" if column < len(MARKS) else PLACEHOLDER
        for column in range(first, end)
    )
    return f"\x1b[0;38;5;{image_id & 0xFF};48;5;16m{''.join(cells)}\x1b[0m"
