"""The preferences screen: every setting is there, a change is written and taken up at once."""

from __future__ import annotations

import typing

import pytest
from interface_apps import arrive, open_archive, running, screen_text, settled, worklist_app

from archive.strict_toml import Table
from noctis_tui.interface.preferences.preset_dialog import PresetDialog
from noctis_tui.interface.preferences.presets_screen import PresetsScreen
from noctis_tui.interface.preferences.screen import PreferencesScreen
from noctis_tui.interface.preferences.settings import SETTINGS
from noctis_tui.interface.themes import NOCTIS
from noctis_tui.preferences import Preferences, PresetPreference, read_preferences


def _settings(table=Preferences, path=()):
    for name, field in table.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Table):
            yield from _settings(kind, (*path, name))
        elif not isinstance(field.get_default(call_default_factory=True), dict | list | tuple):
            yield (*path, name)  # tables and lists are for the file; presets have a screen of their own


@pytest.fixture
def archive(tmp_path):
    with open_archive(tmp_path / "archive") as (archive, lease):
        yield archive, lease


@pytest.fixture
def app(archive, tmp_path):
    app = worklist_app(archive[0])
    app.config = tmp_path / "config.toml"
    return app


async def _changed(pilot, app, holds):
    await settled(pilot, lambda: holds(app.preferences))


def test_every_setting_of_the_file_has_a_line():
    assert {setting.path for setting in SETTINGS} == {*_settings()}


def test_every_value_that_is_offered_may_be_written():
    for setting in SETTINGS:
        value = setting.value(Preferences())
        seen = {value}
        for _ in setting.choices():
            value = setting.turned(Preferences(), 1) if value is None else value
            seen.add(value)
        for choice in setting.choices():
            table = Preferences
            for name in setting.path[:-1]:
                table = typing.get_type_hints(table)[name]
            table.model_validate({setting.path[-1]: choice})


async def test_a_change_is_written_and_holds_at_once(app):
    async with running(app) as pilot:
        await pilot.press("comma")
        assert isinstance(app.screen, PreferencesScreen)
        await settled(pilot, lambda: "Colours" in screen_text(app))
        await pilot.press("l")
        await _changed(pilot, app, lambda now: now.theme == "noctis-contrast")
        assert app.theme == "noctis-contrast"
        assert read_preferences(app.config).theme == "noctis-contrast"
        await pilot.press("x")
        await _changed(pilot, app, lambda now: now.theme == "noctis")
        assert app.config.read_text() == ""


async def test_another_keymap_holds_at_once_and_help_shows_it(app):
    async with running(app) as pilot:
        await pilot.press("comma", "j", "j", "j", "l")
        await _changed(pilot, app, lambda now: now.keymap == "weasis")
        assert app.keymap.label("reading", "overlays") == "Space"
        assert app.keymap.label("reading", "invert") == "!"


async def test_what_the_file_refuses_is_said_and_changes_nothing(app):
    app.config.write_text("theme = \n")
    async with running(app) as pilot:
        await pilot.press("comma")
        await settled(pilot, lambda: "Colours" in screen_text(app))
        await pilot.press("l")
        await settled(pilot, lambda: "not valid TOML" in screen_text(app))
        assert app.preferences.theme == app.theme == "noctis"
        assert app.config.read_text() == "theme = \n"


async def test_keys_of_one_s_own_that_another_keymap_cannot_take_refuse_it(archive, tmp_path):
    app = worklist_app(archive[0], preferences=Preferences(keys={"reading": {"cine": "c"}}))
    app.config = tmp_path / "config.toml"
    app.config.write_text('[keys.reading]\ncien = "c"\n')
    async with running(app) as pilot:
        await pilot.press("comma", "j", "j", "l")
        await settled(pilot, lambda: "did you mean cine" in screen_text(app))
        assert app.preferences.keymap == "noctis"


async def test_without_a_file_a_change_holds_until_one_leaves(archive):
    app = worklist_app(archive[0])
    async with running(app) as pilot:
        await pilot.press("comma", "l")
        await _changed(pilot, app, lambda now: now.theme == "noctis-contrast")
        assert "there is no file" in screen_text(app)


async def test_presets_are_added_changed_removed_and_brought_back(app):
    app.config.write_text('# mine\n[[preset]]\nname = "Bone"\nmodality = "CT"\ncenter = 1\nwidth = 2\n')
    app.preferences = read_preferences(app.config)
    async with running(app) as pilot:
        await pilot.press("comma")
        await settled(pilot, lambda: "Presets of your own" in screen_text(app))
        await pilot.press(*"jjjjjjjj", "enter")
        assert isinstance(app.screen, PresetsScreen)
        await settled(pilot, lambda: "Bone" in screen_text(app))
        await pilot.press("a", *"Lung", "tab", *"CT", "tab", "tab", *"-600", "tab", *"1500", "enter")
        await _changed(pilot, app, lambda now: len(now.preset) == 2)
        lung = PresetPreference(name="Lung", modality="CT", center=-600, width=1500)
        assert app.preferences.preset[1] == lung
        await pilot.press("x")
        await _changed(pilot, app, lambda now: now.preset == (lung,))
        await pilot.press("u")
        await _changed(pilot, app, lambda now: len(now.preset) == 2)
        assert app.config.read_text().startswith("# mine")


async def test_a_preset_that_cannot_be_is_said_in_the_dialog(app):
    async with running(app) as pilot:
        app.push_screen(PresetsScreen())
        await settled(pilot, lambda: "no presets of your own" in screen_text(app))
        await pilot.press("a", *"Lung", "tab", "tab", "tab", *"x", "enter")
        await settled(pilot, lambda: "Centre: x is not a number" in screen_text(app))
        assert isinstance(app.screen, PresetDialog)
        await pilot.press("backspace", "1", "tab", "0", "enter")
        await settled(pilot, lambda: "width: Input should be greater than 0" in screen_text(app))
        await pilot.press("escape")
        assert not app.config.exists()


async def test_the_screens_below_are_drawn_in_the_colours_of_another_theme(archive, app):
    arrive(archive[0], archive[1], 1)
    async with running(app) as pilot:
        await settled(pilot, lambda: "Patient, 00001" in screen_text(app))
        await pilot.press("comma", "h")
        await _changed(pilot, app, lambda now: now.theme == "noctis-light")
        await pilot.press("q")
        await settled(pilot, lambda: "worklist" in screen_text(app))
        old = {NOCTIS.foreground, NOCTIS.accent, NOCTIS.variables["muted"], NOCTIS.variables["bright"]}
        shown = {
            segment.style.color.get_truecolor().hex.lower()
            for line in app.screen._compositor.render_strips()
            for segment in line
            if segment.style is not None and segment.style.color is not None and segment.text.strip()
        }
        assert not shown & old
