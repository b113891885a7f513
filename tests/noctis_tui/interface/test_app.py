from __future__ import annotations

from interface_apps import open_archive, running, settled, worklist_app
from textual.screen import ModalScreen, Screen
from textual.widgets import Static


class Counted(Static):
    """Counts how often the compositor asks for its lines."""

    rendered = 0

    def render_lines(self, crop):
        self.rendered += 1
        return super().render_lines(crop)


class Over(Screen[None]):
    def compose(self):
        yield Counted("an image")


class Dialog(ModalScreen[None]):
    def compose(self):
        yield Counted("a question")


async def rendered_while_the_one_below_changes(pilot, screen) -> int:
    below = pilot.app.screen
    await pilot.app.push_screen(screen)
    await settled(pilot)
    before = screen.query_one(Counted).rendered
    for _ in range(3):
        below.refresh()
        await settled(pilot)
    return screen.query_one(Counted).rendered - before


async def test_a_screen_is_not_painted_again_for_what_happens_below_it(tmp_path):
    with open_archive(tmp_path) as (archive, _):
        async with running(worklist_app(archive)) as pilot:
            assert await rendered_while_the_one_below_changes(pilot, Over()) == 0


async def test_a_dialog_lets_the_screen_below_change(tmp_path):
    with open_archive(tmp_path) as (archive, _):
        async with running(worklist_app(archive)) as pilot:
            assert await rendered_while_the_one_below_changes(pilot, Dialog()) > 0
