"""What `config.toml` may say, read strictly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, field_validator

from archive.strict_toml import Table, read_toml
from noctis_tui.preferences.preset import PresetPreference  # noqa: TC001 - pydantic reads the annotation

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
    """Name of a theme: `noctis`, `noctis-contrast` or `noctis-light`."""
    graphics: Literal["auto", "sixel", "kitty", "blocks"] = "auto"
    """How pictures reach the terminal; `auto` asks the terminal."""
    moving_picture: Literal["small", "exact"] = "small"
    """What kitty is sent while pictures move: a tenth of the bytes, or all of the image's own pixels."""
    keymap: str = "noctis"
    """Whose keys: `noctis`, `weasis`, `horos`, `ohif` or an installed one; `[keys]` changes single keys."""
    overlay: Literal["all", "minimal", "none"] = "all"
    """How much is written over pictures when a study is opened."""
    cine_frames_per_second: float = Field(default=12, ge=1, le=60)
    """How fast images play that have no speed of their own."""
    frame_memory_mib: int = Field(default=512, ge=16)
    """How much memory decoded images may hold while a study is read."""
    volume_memory_mib: int = Field(default=4096, ge=16)
    """Volumes that are larger are kept in a file on the disk, which is slower."""
    notifications: NotificationPreferences = NotificationPreferences()
    diff: DiffPreferences = DiffPreferences()
    preset: tuple[PresetPreference, ...] = Field(default=(), strict=False)
    """Each `[[preset]]`: a window of your own."""
    hanging: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Name of a hanging layout -> its rule; `noctis_tui.reading.hanging` checks them."""
    keys: dict[str, dict[str, str | list[str]]] = Field(default_factory=dict)
    """Part of the keymap -> action -> its keys; the keymap checks them."""

    @field_validator("preset")
    @classmethod
    def _check_presets(cls, presets: tuple[PresetPreference, ...]) -> tuple[PresetPreference, ...]:
        identities = [preset.identity for preset in presets]
        twice = next((preset.name for preset in presets if identities.count(preset.identity) > 1), None)
        if twice is not None:
            raise ValueError(f"two presets for the same modality and body part are called {twice}")
        return presets


def read_preferences(path: Path) -> Preferences:
    """Read a person's TOML; a file that does not exist means the defaults; raises as `read_toml`."""
    return read_toml(path, Preferences)
