"""A person's own taste: keys, presets, theme; read from and written to their `config.toml`."""

from noctis_tui.preferences.model import NotificationPreferences, Preferences, read_preferences
from noctis_tui.preferences.preset import PresetPreference

__all__ = ["NotificationPreferences", "Preferences", "PresetPreference", "read_preferences"]
