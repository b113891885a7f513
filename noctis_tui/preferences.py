"""A person's own taste: theme, keys and graphics, in `config.toml`, read strictly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from archive.strict_toml import Table, read_toml

if TYPE_CHECKING:
    from pathlib import Path


class NotificationPreferences(Table):
    """How a person hears that studies have arrived."""

    toasts: bool = True
    """Whether the interface says so in a corner."""
    terminal: Literal["off", "auto", "osc9", "osc777", "osc99"] = "off"
    """How the terminal is asked to notify; `auto` takes what the terminal is known to understand."""
    patient_data: bool = False
    """Whether the terminal's notification names patient and study: a desktop may keep it and show it."""


class DiffPreferences(Table):
    """What does not count when instances are compared."""

    ignore: list[str] = Field(default_factory=list)
    """Keywords, tags, or the groups uids, dates, private and pixels."""


class Preferences(Table):
    """Everything that a personal `config.toml` may say."""

    theme: str = "noctis"
    """Name of a theme: `noctis`, `noctis-light` or one of Textual's."""
    graphics: Literal["auto", "sixel", "kitty", "blocks"] = "auto"
    """How pictures reach the terminal; `auto` asks the terminal."""
    frame_memory_mib: int = Field(default=512, ge=16)
    """How much memory decoded images may hold while a study is read."""
    notifications: NotificationPreferences = NotificationPreferences()
    diff: DiffPreferences = DiffPreferences()
    keys: dict[str, dict[str, str | list[str]]] = Field(default_factory=dict)
    """Part of the keymap -> action -> its keys; the keymap checks them."""


def read_preferences(path: Path) -> Preferences:
    """Read a person's TOML; a file that does not exist means the defaults; raises as `read_toml`."""
    return read_toml(path, Preferences)
