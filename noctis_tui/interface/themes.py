"""The colours of the reading room: near-black, muted greys, one accent."""

from __future__ import annotations

from textual.theme import Theme

NOCTIS = Theme(
    name="noctis",
    dark=True,
    primary="#6ea8c8",
    secondary="#8a949e",
    accent="#6ea8c8",
    foreground="#c6ccd2",
    background="#0b0d0f",
    surface="#101316",
    panel="#171b1f",
    success="#7fae86",
    warning="#d0a75f",
    error="#cf7a74",
    variables={
        "muted": "#7b858f",
        "faint": "#4b535b",
        "rule": "#23292f",
        "cursor": "#1f3442",
        "cursor-blur": "#1a1f24",
        "bright": "#eef1f4",
        "scrollbar": "#2a3037",
        "scrollbar-hover": "#3a424a",
        "scrollbar-active": "#6ea8c8",
        "scrollbar-background": "#0b0d0f",
        "scrollbar-background-hover": "#0b0d0f",
        "scrollbar-background-active": "#0b0d0f",
        "scrollbar-corner-color": "#0b0d0f",
        "input-cursor-background": "#c6ccd2",
        "input-selection-background": "#6ea8c8 35%",
    },
)
NOCTIS_LIGHT = Theme(
    name="noctis-light",
    dark=False,
    primary="#1f6285",
    secondary="#5a646e",
    accent="#1f6285",
    foreground="#23292f",
    background="#f4f5f6",
    surface="#fbfbfb",
    panel="#e8eaec",
    success="#2f7040",
    warning="#8a6212",
    error="#a63a32",
    variables={
        "muted": "#5f6973",
        "faint": "#9aa3ab",
        "rule": "#d3d8dc",
        "cursor": "#cbdfea",
        "cursor-blur": "#e2e6e9",
        "bright": "#0b0d0f",
    },
)
