"""The list of elements: everything in the file, searched, and nothing of it obeyed."""

from __future__ import annotations

from interface_apps import arrive, open_archive, running, screen_text, settled, worklist_app

from noctis_tui.interface.tags.screen import TagsScreen


async def test_d_shows_every_element_and_the_search_goes_through_matches(tmp_path):
    with open_archive(tmp_path / "a") as (archive, lease):
        arrive(archive, lease, 1, PatientComments="\x1b[31m[red]attention", ImageComments="attention too")
        async with running(worklist_app(archive), (120, 20)) as pilot:
            await settled(pilot, lambda: pilot.app.screen.table.studies.total == 1)
            await pilot.press("d")
            await settled(pilot, lambda: isinstance(pilot.app.screen, TagsScreen))
            await settled(pilot, lambda: "elements" in screen_text(pilot.app))
            assert "(0002,0010)" in screen_text(pilot.app)
            await pilot.press("/", *"attention", "enter")
            await settled(pilot, lambda: "␛[31m[red]attention" in screen_text(pilot.app))
            assert "2 matches" in screen_text(pilot.app)
            first = pilot.app.screen._list.cursor
            await pilot.press("n")
            assert pilot.app.screen._list.cursor > first
            await pilot.press("n")
            assert pilot.app.screen._list.cursor == first
            await pilot.press("escape", "escape")
            await settled(pilot, lambda: not isinstance(pilot.app.screen, TagsScreen))
