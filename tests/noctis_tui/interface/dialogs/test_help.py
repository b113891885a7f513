"""Help shows the keys as they are bound now, and finds one by a word or by the key itself."""

from __future__ import annotations

import pytest
from interface_apps import open_archive, running, screen_text, settled, worklist_app

from noctis_tui.interface.dialogs.help import HelpScreen
from noctis_tui.preferences import Preferences


@pytest.fixture
def archive(tmp_path):
    with open_archive(tmp_path / "archive") as (archive, _):
        yield archive


async def test_it_shows_what_is_bound_now(archive):
    app = worklist_app(archive, preferences=Preferences(keys={"worklist": {"follow": "f9"}}))
    async with running(app) as pilot:
        await pilot.press("question_mark")
        await settled(pilot, lambda: "Follow arrivals" in screen_text(app))
        (line,) = [line for line in screen_text(app).splitlines() if "Follow arrivals" in line]
        assert "F9" in line


async def test_a_word_or_a_key_finds_it_and_escape_shows_all_again(archive):
    app = worklist_app(archive)
    async with running(app) as pilot:
        await pilot.press("question_mark")
        await settled(pilot, lambda: "Follow arrivals" in screen_text(app))
        await pilot.press("slash", *"copy")
        await settled(pilot, lambda: "Follow arrivals" not in screen_text(app))
        assert "Copy the Study Instance UID" in screen_text(app)
        await pilot.press(*(["backspace"] * 4), "F")
        await settled(pilot, lambda: "Follow arrivals" in screen_text(app))
        await pilot.press(*"xyz")
        await settled(pilot, lambda: "Nothing here is called so." in screen_text(app))
        await pilot.press("escape")
        await settled(pilot, lambda: "Sort by the next column" in screen_text(app))
        await pilot.press("escape")
        await settled(pilot, lambda: not isinstance(app.screen, HelpScreen))
