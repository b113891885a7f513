"""The keymaps that ship with Noctis: TOML, each returned by a function as an entry point of others would."""

from __future__ import annotations

from importlib.resources import files


def _text(name: str) -> str:
    return (files(__name__) / f"{name}.toml").read_text(encoding="utf-8")


def noctis() -> str:
    """Return the keys that every other keymap begins with."""
    return _text("noctis")


def weasis() -> str:
    """Return what differs for those who know Weasis."""
    return _text("weasis")


def horos() -> str:
    """Return what differs for those who know Horos or OsiriX."""
    return _text("horos")


def ohif() -> str:
    """Return what differs for those who know the OHIF Viewer."""
    return _text("ohif")
