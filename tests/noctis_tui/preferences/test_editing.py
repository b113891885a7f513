"""Changing `config.toml`: comments and order stay, nothing invalid is ever written."""

from __future__ import annotations

import threading

import pytest

from archive.errors import BadInput
from noctis_tui.preferences import Preferences, PresetPreference, read_preferences
from noctis_tui.preferences.editing import change_setting, put_preset, remove_preset, with_setting

BONE = PresetPreference(name="Bone", modality="CT", center=400, width=1800)
LIVER = PresetPreference(name="Liver", modality="CT", body_part="ABDOMEN", center=70, width=150)
MINE = """# mine
theme = "noctis" # for the night

[keys.worklist]
read = "x"  # as I am used to
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "noctis" / "config.toml"


def _write(file, text):
    file.parent.mkdir()
    file.write_text(text)


def test_a_file_that_is_not_there_is_made_for_its_owner_alone(file):
    change_setting(file, ("theme",), "noctis-light")
    assert file.read_text() == 'theme = "noctis-light"\n'
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_comments_and_order_stay(file):
    _write(file, MINE)
    change_setting(file, ("theme",), "noctis-contrast")
    changed = change_setting(file, ("notifications", "toasts"), value=False)
    assert changed == read_preferences(file)
    assert changed.notifications.toasts is False
    expected = MINE.replace('"noctis"', '"noctis-contrast"') + "\n[notifications]\ntoasts = false\n"
    assert file.read_text() == expected


def test_without_a_value_the_default_holds_again(file):
    _write(file, MINE)
    assert change_setting(file, ("theme",), None).theme == "noctis"
    assert "theme" not in file.read_text()
    before = file.read_text()
    change_setting(file, ("notifications", "toasts"), None)
    assert file.read_text() == before


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (("overlay",), "sideways", "overlay: Input should be 'all'"),
        (("frame_memory_mib",), 1, "frame_memory_mib: Input should be greater"),
        (("frame_memory_mib",), "much", "frame_memory_mib: Input should be a valid integer"),
        (("colour",), "red", "colour is not a setting"),
    ],
)
def test_what_cannot_be_is_refused_and_the_file_stays(file, path, value, sentence):
    _write(file, MINE)
    with pytest.raises(BadInput, match=sentence):
        change_setting(file, path, value)
    assert file.read_text() == MINE


def test_a_file_that_does_not_read_is_left_alone(file):
    _write(file, "theme = \n")
    with pytest.raises(BadInput, match="not valid TOML"):
        change_setting(file, ("theme",), "noctis")
    assert file.read_text() == "theme = \n"


def test_a_link_stays_a_link(file, tmp_path):
    target = tmp_path / "dotfiles.toml"
    target.write_text(MINE)
    file.parent.mkdir()
    file.symlink_to(target)
    change_setting(file, ("overlay",), "none")
    assert file.is_symlink()
    assert 'overlay = "none"' in target.read_text()


def test_presets_are_added_changed_and_removed(file):
    _write(file, MINE)
    put_preset(file, BONE)
    assert put_preset(file, LIVER).preset == (BONE, LIVER)
    harder = BONE.model_copy(update={"width": 3000.0})
    assert put_preset(file, harder, replaces=BONE).preset == (harder, LIVER)
    assert remove_preset(file, BONE).preset == (LIVER,)
    assert remove_preset(file, LIVER).preset == ()
    assert file.read_text().strip() == MINE.strip()


def test_a_comment_beside_a_preset_stays_when_another_value_changes(file):
    _write(file, '[[preset]]\nname = "Bone"\nmodality = "CT"\ncenter = 400 # measured\nwidth = 1800\n')
    put_preset(file, BONE.model_copy(update={"width": 2000.0}), replaces=BONE)
    assert "center = 400 # measured" in file.read_text()


def test_a_second_preset_of_a_name_is_refused(file):
    put_preset(file, BONE)
    with pytest.raises(BadInput, match="two presets for the same modality and body part are called Bone"):
        put_preset(file, BONE.model_copy(update={"name": "BONE"}))
    assert read_preferences(file).preset == (BONE,)


def test_presets_in_one_line_are_left_to_the_person(file):
    _write(file, 'preset = [{name = "A", center = 1, width = 2}]\n')
    with pytest.raises(BadInput, match="write a \\[\\[preset\\]\\] for each"):
        put_preset(file, BONE)


def test_changes_at_the_same_time_are_all_kept(file):
    names = [f"P{number}" for number in range(12)]
    presets = [BONE.model_copy(update={"name": name}) for name in names]
    threads = [threading.Thread(target=put_preset, args=(file, preset)) for preset in presets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(preset.name for preset in read_preferences(file).preset) == sorted(names)


def test_a_change_can_be_tried_without_a_file():
    before = Preferences()
    assert with_setting(before, ("notifications", "toasts"), value=False).notifications.toasts is False
    assert with_setting(before, ("overlay",), None) == before
    with pytest.raises(BadInput):
        with_setting(before, ("overlay",), 3)
