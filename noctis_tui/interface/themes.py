"""The colours of the reading room: near-black, muted greys, one accent; one by day, one with more contrast.

Whatever is text in one of these colours has a contrast of at least 4.5 : 1 (WCAG 2.2, 1.4.3) on each of the
grounds that it may stand on, in the high-contrast theme 7 : 1 (1.4.6). `TEXT` and `GROUNDS` name them.
"""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

TEXT: Final = ("foreground", "accent", "success", "warning", "error", "bright", "muted")
"""Colours of text, on every ground; `faint` is for what may be overlooked, and never on a cursor."""
GROUNDS: Final = ("background", "surface", "panel", "cursor", "cursor-blur")


def _scrollbars(ground: str, bar: str, hover: str, accent: str) -> dict[str, str]:
    return {
        "scrollbar": bar,
        "scrollbar-hover": hover,
        "scrollbar-active": accent,
        "scrollbar-background": ground,
        "scrollbar-background-hover": ground,
        "scrollbar-background-active": ground,
        "scrollbar-corner-color": ground,
    }


NOCTIS = Theme(
    name="noctis",
    dark=True,
    primary="#6ea8c8",
    secondary="#98a2ac",
    accent="#6ea8c8",
    foreground="#c6ccd2",
    background="#0b0d0f",
    surface="#101316",
    panel="#171b1f",
    success="#7fae86",
    warning="#d0a75f",
    error="#d88882",
    variables={
        "muted": "#929ca6",
        "faint": "#7a848e",
        "rule": "#23292f",
        "cursor": "#1f3442",
        "cursor-blur": "#1a1f24",
        "bright": "#eef1f4",
        "input-cursor-background": "#c6ccd2",
        "input-cursor-foreground": "#0b0d0f",
        "input-selection-background": "#6ea8c8 35%",
        **_scrollbars("#0b0d0f", "#2a3037", "#3a424a", "#6ea8c8"),
    },
)
NOCTIS_CONTRAST = Theme(
    name="noctis-contrast",
    dark=True,
    primary="#ffd23f",
    secondary="#d8d8d8",
    accent="#ffd23f",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#141414",
    success="#7dff9a",
    warning="#ffb866",
    error="#ffaaa5",
    variables={
        "muted": "#d8d8d8",
        "faint": "#bdbdbd",
        "rule": "#8a8a8a",
        "cursor": "#002b4d",
        "cursor-blur": "#2a2a2a",
        "bright": "#ffffff",
        "input-cursor-background": "#ffffff",
        "input-cursor-foreground": "#000000",
        "input-selection-background": "#ffd23f 40%",
        **_scrollbars("#000000", "#8a8a8a", "#bdbdbd", "#ffd23f"),
    },
)
NOCTIS_LIGHT = Theme(
    name="noctis-light",
    dark=False,
    primary="#1f6285",
    secondary="#4c5660",
    accent="#1a5b7d",
    foreground="#23292f",
    background="#f4f5f6",
    surface="#fbfbfb",
    panel="#e8eaec",
    success="#28633a",
    warning="#75510c",
    error="#9c342c",
    variables={
        "muted": "#525c66",
        "faint": "#5f6973",
        "rule": "#c3c9ce",
        "cursor": "#cbdfea",
        "cursor-blur": "#e2e6e9",
        "bright": "#0b0d0f",
        "input-cursor-background": "#23292f",
        "input-cursor-foreground": "#fbfbfb",
        "input-selection-background": "#1a5b7d 30%",
        **_scrollbars("#f4f5f6", "#c3c9ce", "#9aa3ab", "#1a5b7d"),
    },
)
THEMES: Final = (NOCTIS, NOCTIS_CONTRAST, NOCTIS_LIGHT)
"""The themes that ship with Noctis, the default first."""
