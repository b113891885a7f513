"""Terminals by name: which protocol each draws best, and the line that gives it pictures.

What a terminal answers decides (DA1, the kitty query); the table only chooses between two protocols that both
answer, and knows what to say when neither does. Replies were recorded from xterm 379 and 398, kitty 0.26 and
0.41, mlterm 3.9, foot 1.21 and Konsole 22.12; the others are as their projects document them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACEHOLDERS_SINCE = (0, 28)
"""kitty draws Unicode placeholders from this version on; older ones show boxes."""


@dataclass(frozen=True, slots=True)
class KnownTerminal:
    """One row of the table.

    Attributes
    ----------
    title
        What people call it.
    answers
        How its answer to XTVERSION begins, in lower case; empty when it does not answer that.
    variable
        Environment variable (and the beginning of its value) by which a terminal without XTVERSION is known.
    prefers
        Protocols it draws well, best first.
    true_color
        Whether every version with an XTVERSION answer takes 24-bit colours.
    remedy
        What gives it pictures when it reports none.
    """

    title: str
    answers: str = ""
    variable: tuple[str, str] = ("", "")
    prefers: tuple[Literal["kitty", "sixel"], ...] = ()
    true_color: bool = True
    remedy: str = ""


_ANOTHER = "kitty, foot, WezTerm, Konsole, xterm and others show pictures; this terminal cannot"

KNOWN_TERMINALS = (
    KnownTerminal(
        "xterm",
        "xterm(",
        prefers=("sixel",),
        true_color=False,  # patch 331 and later do, unless directColor is off
        remedy="XTerm*decTerminalID: vt340   (in ~/.Xresources, or start xterm -ti vt340)",
    ),
    KnownTerminal("kitty", "kitty(", prefers=("kitty",)),
    KnownTerminal("Ghostty", "ghostty", prefers=("kitty",)),
    KnownTerminal("foot", "foot(", prefers=("sixel",), remedy="[tweak] sixel=yes   (in foot.ini)"),
    KnownTerminal(
        # It answers the kitty query too, but draws no placements over each other and forgets some deletions.
        "Konsole",
        "konsole",
        ("KONSOLE_VERSION", ""),
        prefers=("sixel", "kitty"),
        remedy="Konsole 22.04 or newer shows pictures",
    ),
    KnownTerminal("WezTerm", "wezterm", prefers=("sixel", "kitty")),
    KnownTerminal(
        "iTerm2", "iterm2", prefers=("sixel", "kitty"), remedy="iTerm2 3.3 or newer shows pictures"
    ),
    KnownTerminal("Contour", "contour", prefers=("sixel",)),
    KnownTerminal("mintty", "mintty", prefers=("sixel",)),
    KnownTerminal(
        "VS Code",
        "xterm.js(",
        prefers=("sixel", "kitty"),
        remedy='"terminal.integrated.enableImages": true   (in settings.json)',
    ),
    KnownTerminal("mlterm", variable=("MLTERM", ""), prefers=("sixel",), true_color=False),
    KnownTerminal(
        "Windows Terminal",
        variable=("WT_SESSION", ""),
        prefers=("sixel",),
        remedy="Windows Terminal 1.22 or newer shows pictures",
    ),
    KnownTerminal("a VTE terminal (GNOME Terminal and others)", "vte(", prefers=("sixel",), remedy=_ANOTHER),
    KnownTerminal("Alacritty", variable=("ALACRITTY_WINDOW_ID", ""), remedy=_ANOTHER),
    KnownTerminal(
        "Apple's Terminal",
        variable=("TERM_PROGRAM", "Apple_Terminal"),
        true_color=False,
        remedy="iTerm2, kitty, WezTerm and Ghostty show pictures; Apple's Terminal cannot",
    ),
)


def known_terminal(answer: str, environment: Mapping[str, str]) -> KnownTerminal | None:
    """Return the row of a terminal by its XTVERSION answer, else (it gave none) by a variable it sets."""
    if answer:
        named = (row for row in KNOWN_TERMINALS if row.answers and answer.lower().startswith(row.answers))
        return next(named, None)
    return next((row for row in KNOWN_TERMINALS if _is_set(row.variable, environment)), None)


def _is_set(variable: tuple[str, str], environment: Mapping[str, str]) -> bool:
    name, value = variable
    return bool(name) and environment.get(name, "").startswith(value) and bool(environment.get(name))


def version_of(answer: str) -> tuple[int, ...]:
    """Return the numbers of the version in an XTVERSION answer: `kitty(0.41.1)` is 0, 41, 1."""
    found = re.search(r"\d+(?:\.\d+)*", answer)
    return tuple(int(number[:9]) for number in found[0].split(".")) if found else ()


def draws_placeholders(answer: str) -> bool:
    """Whether a terminal with that XTVERSION answer draws the kitty protocol's Unicode placeholders."""
    name = answer.lower()
    return name.startswith("ghostty") or (
        name.startswith("kitty(") and version_of(name) >= PLACEHOLDERS_SINCE
    )
