"""The application: preferences reach it, errors leave the terminal clean, every bound key does something."""

from __future__ import annotations

import re

import pytest
from interface_apps import open_archive, running, screen_text, worklist_app

from archive.errors import BadInput
from noctis_tui.interface.app import InterfaceFailed, NoctisApp
from noctis_tui.interface.dialogs.choice import ChoiceDialog
from noctis_tui.interface.keymap import Keymap, builtin_layer
from noctis_tui.interface.receiver.admit_dialog import AdmitDialog
from noctis_tui.interface.receiver.association_dialog import AssociationDialog
from noctis_tui.interface.receiver.screen import ReceiverScreen
from noctis_tui.interface.registry import every_action
from noctis_tui.interface.tags.screen import TagsScreen
from noctis_tui.interface.viewer.layout_actions import CHOOSER_CONTEXT
from noctis_tui.interface.viewer.layout_chooser import LayoutDialog
from noctis_tui.interface.viewer.screen import ViewerScreen
from noctis_tui.interface.worklist.screen import WorklistScreen
from noctis_tui.preferences import Preferences

SCREENS = {
    screen.CONTEXT: screen
    for screen in (
        *(WorklistScreen, ViewerScreen, TagsScreen, ReceiverScreen, AssociationDialog, AdmitDialog),
        ChoiceDialog,
    )
} | {CHOOSER_CONTEXT: LayoutDialog}


def test_every_action_has_somebody_who_performs_it():
    for action in every_action():
        if not action.mode:
            context = action.context.partition("_")[0]
            owners = [SCREENS[context]] if context in SCREENS else [*SCREENS.values(), NoctisApp]
            parts = ViewerScreen(None).parts if context == ViewerScreen.CONTEXT else ()
            assert any(hasattr(owner, action.handler) for owner in (*owners, *parts, NoctisApp)), action


def test_every_key_of_the_contract_that_is_bound_asks_for_what_it_says():
    keymap = Keymap(every_action(), [builtin_layer()])
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
