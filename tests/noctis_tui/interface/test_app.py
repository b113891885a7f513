"""The application: preferences reach it, errors leave the terminal clean, every bound key does something."""

from __future__ import annotations

import re
from importlib import import_module
from pkgutil import walk_packages

import pytest
from interface_apps import open_archive, running, screen_text, worklist_app
from textual.command import CommandList

from archive.errors import BadInput
from noctis_tui import interface
from noctis_tui.interface.app import InterfaceFailed
from noctis_tui.interface.keymap import Keymap
from noctis_tui.interface.keymap_profiles import layers_of
from noctis_tui.interface.palette import Palette
from noctis_tui.interface.registry import every_action
from noctis_tui.preferences import Preferences


def every_class():
    """Every class of the interface: screens, dialogs, and the parts that screens are put together from."""
    for found in walk_packages(interface.__path__, f"{interface.__name__}."):
        if not found.ispkg:
            module = import_module(found.name)
            yield from (thing for thing in vars(module).values() if isinstance(thing, type))


def test_every_action_has_somebody_who_performs_it():
    performers = [*every_class()]
    for action in every_action():
        assert action.mode or any(hasattr(owner, action.handler) for owner in performers), action


def test_every_key_of_the_contract_that_is_bound_asks_for_what_it_says():
    keymap = Keymap(every_action(), layers_of("noctis"))
    contract = {
        "read": "Enter",
        "tags": "d",
        "copy_uid": "y",
        "follow": "F",
        "associations": "l",
        "filter": "/",
        "cursor_down": "j",
        "cursor_up": "k",
        "first": "g",
        "last": "G",
        "half_page_down": "Ctrl+D",
        "half_page_up": "Ctrl+U",
        "quick_filter_0": "0",
        "quick_filter_9": "9",
    }
    assert {name: keymap.label("worklist", name) for name in contract} == contract


async def test_a_person_s_keys_reach_the_worklist_and_its_hints(tmp_path):
    preferences = Preferences(keys={"worklist": {"filter": "ctrl+f"}})
    with open_archive(tmp_path / "a") as (archive, _):
        async with running(worklist_app(archive, preferences=preferences)) as pilot:
            assert "Ctrl+F filter" in screen_text(pilot.app)
            await pilot.press("ctrl+f")
            assert pilot.app.screen.focused.id == "filter"


@pytest.mark.parametrize(
    ("preferences", "sentence"),
    [
        (Preferences(theme="nocti"), "there is no theme nocti; did you mean noctis?"),
        (Preferences(keys={"worklist": {"reed": "x"}}), "did you mean read?"),
    ],
)
def test_preferences_that_cannot_be_meant_are_refused(tmp_path, preferences, sentence):
    with open_archive(tmp_path / "a") as (archive, _), pytest.raises(BadInput, match=re.escape(sentence)):
        worklist_app(archive, preferences=preferences)


async def _run_until(app, fail) -> None:
    async with app.run_test() as pilot:
        app.call_later(fail)
        await pilot.pause(0.2)


async def test_an_error_of_our_own_is_one_sentence_and_its_traceback_is_in_the_log(tmp_path):
    with open_archive(tmp_path / "a") as (archive, _):
        app = worklist_app(archive)

        def fail() -> None:
            raise RuntimeError("\x1b]0;PWNED\x07")

        with pytest.raises(RuntimeError, match="PWNED"):
            await _run_until(app, fail)
        assert "ended on an error of its own" in app.failure
        log = (archive.layout.log / "interface.log").read_text()
        assert "RuntimeError: ␛]0;PWNED␇" in log
        app.run = lambda: None
        with pytest.raises(InterfaceFailed, match=r"interface\.log"):
            app.run_until_left()


async def test_a_palette_that_is_closed_while_it_looks_for_commands_ends_nothing(tmp_path):
    with open_archive(tmp_path / "a") as (archive, _):
        async with running(worklist_app(archive)) as pilot:
            await pilot.press("ctrl+p")
            palette = pilot.app.screen
            assert isinstance(palette, Palette)
            commands = palette.query_one(CommandList)
            for _ in range(100):
                await pilot.pause(0.02)
                if commands.option_count:
                    break
            await pilot.press("escape")
            await pilot.pause()
            palette._refresh_command_list(commands, [], clear_current=True)
            assert pilot.app.is_running


async def test_a_palette_is_left_once_however_often_it_is_told_to(tmp_path):
    with open_archive(tmp_path / "a") as (archive, _):
        async with running(worklist_app(archive)) as pilot:
            await pilot.press("ctrl+p")
            palette = pilot.app.screen
            palette.dismiss()
            palette.dismiss()
            await pilot.pause()
            assert len(pilot.app.screen_stack) == 1


async def test_preferences_that_change_while_a_screen_opens_reach_it_all_the_same(tmp_path):
    with open_archive(tmp_path / "a") as (archive, _):
        async with running(worklist_app(archive)) as pilot:
            pilot.app.action_help()
            pilot.app.apply(Preferences(keys={"help": {"filter": "ctrl+f"}}))
            await pilot.pause()
            assert "Ctrl+F find" in screen_text(pilot.app)
