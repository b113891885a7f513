"""Command lines of terminal emulators: one size in cells, one font, no ornaments, nothing that blinks."""

from __future__ import annotations

FONT = "DejaVu Sans Mono"


def xterm(columns: int, rows: int, font_size: float) -> list[str]:
    resources = {
        "faceName": FONT,
        "faceSize": font_size,
        "background": "black",
        "foreground": "gray90",
        "internalBorder": 0,
        "borderWidth": 0,
        "scrollBar": "false",
        "cursorBlink": "false",
        "maxGraphicSize": "4000x4000",
    }
    # -ti vt340: only a VT340 (or later) shows sixel graphics, and says so.
    arguments = ["xterm", "-ti", "vt340", "-class", "XTerm", "-name", "noctis-test"]
    for name, value in resources.items():
        arguments += ["-xrm", f"*{name}: {value}"]
    return [*arguments, "-geometry", f"{columns}x{rows}+0+0"]


def kitty(columns: int, rows: int, font_size: float) -> list[str]:
    settings = {
        "initial_window_width": f"{columns}c",
        "initial_window_height": f"{rows}c",
        "remember_window_size": "no",
        "font_family": FONT,
        "font_size": font_size,
        "background": "#000000",
        "window_padding_width": 0,
        "placement_strategy": "top-left",
        "confirm_os_window_close": 0,
        "update_check_interval": 0,
        "cursor_blink_interval": 0,
        "enable_audio_bell": "no",
        "resize_debounce_time": 0.0,
    }
    arguments = ["kitty", "--config", "NONE", "--class", "noctis-test"]
    for name, value in settings.items():
        arguments += ["-o", f"{name}={value}"]
    return arguments


def mlterm(columns: int, rows: int, font_size: float) -> list[str]:
    pixels = round(font_size * 4 / 3)
    colors = ["--bg=black", "--fg=gray90"]
    return ["mlterm", "-g", f"{columns}x{rows}", "--fontsize", str(pixels), "--sbmod=none", *colors]
