"""Any bytes at all as a person's preferences: taken, or refused in one sentence; then changed, read again."""

from __future__ import annotations

from contextlib import suppress

from fuzzing.written import file_of

from archive.errors import NoctisError
from noctis_tui.interface import keymaps
from noctis_tui.interface.keymap_profiles import keymap_of
from noctis_tui.preferences import read_preferences
from noctis_tui.preferences.editing import change_setting
from noctis_tui.reading.hanging import checked_hangings


def seeds():
    """Give preferences of every kind, and keymaps."""
    yield b'theme = "noctis"\ngraphics = "auto"\ncine_frames_per_second = 12.5\nkeymap = "weasis"\n'
    yield b'[[preset]]\nname = "Lung"\nmodality = "CT"\ncenter = -600\nwidth = 1500\n# mine\n'
    yield b'[keys.viewer]\nnext_image = ["j", "down", "ctrl+d"]\n[keys.worklist]\nquit = "q"\n'
    yield b'[notifications]\ntoasts = false\n[diff]\nignore = ["uids", "PatientName"]\n'
    yield b'[hanging.mg]\ntitle = "Two"\nmodality = ["MG"]\nlayout = "1x2"\npanes = [{}]\n'
    yield b"a = [" * 60
    bound = [line for line in keymaps.noctis().splitlines() if " = " in line]
    yield "\n".join(["[keys.viewer]", *bound[-5:]]).encode()


def check(data):
    """Read, ask for keys and layouts, and change a setting; fail when anything but a sentence comes."""
    path = file_of(data, "config.toml")
    try:
        preferences = read_preferences(path)
    except NoctisError:
        return
    with suppress(NoctisError):
        keymap_of(preferences)
    with suppress(NoctisError):
        checked_hangings(preferences.hanging, "This file")
    with suppress(NoctisError):
        assert change_setting(path, ("notifications", "toasts"), value=False).notifications.toasts is False
        assert read_preferences(path).notifications.toasts is False
