"""Personal preferences: strict, with the nearest key offered."""

from __future__ import annotations

import re

import pytest

from archive.errors import BadInput
from noctis_tui.preferences import Preferences, read_preferences


def test_no_file_means_the_defaults(tmp_path):
    assert read_preferences(tmp_path / "none.toml") == Preferences()


def test_what_a_person_wrote_is_read(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text('theme = "noctis-light"\ngraphics = "sixel"\n[keys.worklist]\nread = ["enter", "r"]\n')
    preferences = read_preferences(file)
    assert preferences.theme == "noctis-light"
    assert preferences.graphics == "sixel"
    assert preferences.keys == {"worklist": {"read": ["enter", "r"]}}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('them = "noctis"', "them is not a setting; did you mean theme?"),
        ("graphics = 3", "graphics:"),
        ("theme = ", "is not valid TOML"),
        ("xyzzy = 1", "xyzzy is not a setting."),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_sentence(tmp_path, text, sentence):
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(BadInput, match=re.escape(sentence)):
        read_preferences(file)


def test_presets_are_read_and_their_mistakes_named_by_their_place(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text('[[preset]]\nname = "Bone"\ncenter = 400\nwidth = 1800.5\nmodality = "CT"\n')
    (preset,) = read_preferences(file).preset
    assert (preset.name, preset.center, preset.width, preset.function) == ("Bone", 400, 1800.5, "LINEAR")
    assert preset.fits("ct", "anything")
    assert not preset.fits("MR", "")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("widht = 3", "preset.1.widht is not a setting; did you mean width?"),
        ("width = 0", "preset.1.width: Input should be greater than 0"),
        ("width = nan", "preset.1.width:"),
        ('width = 3\nfunction = "LINEER"', "preset.1.function: Input should be 'LINEAR'"),
        ("width = 3\n[[preset]]\nname='BONE'\ncenter=1\nwidth=1", "two presets"),
    ],
)
def test_presets_are_strict(tmp_path, line, sentence):
    file = tmp_path / "config.toml"
    file.write_text(f'[[preset]]\nname = "Bone"\ncenter = 400\n{line}\n')
    with pytest.raises(BadInput, match=re.escape(sentence)):
        read_preferences(file)
