"""10,000 studies: only what is on screen is drawn or read ahead, and every order agrees with the index's."""

from __future__ import annotations

import pytest
from interface_apps import arrive, open_archive, running, screen_text, settled, worklist_app
from synthetic_index import fill

from archive.index.sorting import Sort
from archive.index.worklist import studies
from archive.local_archive import LocalArchive
from noctis_tui.interface.worklist.loading import FIRST_PAGE, Question

STUDIES = 10_000


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    root = tmp_path_factory.mktemp("many") / "archive"
    with LocalArchive.open(root) as archive:
        fill(archive, STUDIES)
    return root


async def shows_all(pilot) -> None:
    await settled(pilot, lambda: pilot.app.screen.table.studies.total >= STUDIES)


async def test_only_the_first_page_is_read_and_only_the_screen_is_drawn(many):
    with open_archive(many) as (archive, _):
        async with running(worklist_app(archive)) as pilot:
            await shows_all(pilot)
            table = pilot.app.screen.table
            assert len(table.studies) <= FIRST_PAGE + 1000
            assert table.virtual_size.height == STUDIES
            assert "10 000 studies" in screen_text(pilot.app)
            assert len(pilot.app.screen.query("*")) < 80


async def test_the_end_is_one_key_away_and_the_start_too(many):
    with open_archive(many) as (archive, _):
        async with running(worklist_app(archive)) as pilot:
            await shows_all(pilot)
            table = pilot.app.screen.table
            await pilot.press("G")
            await settled(pilot, lambda: table.cursor_row == STUDIES - 1)
            assert table.study == studies(archive.index, descending=False, limit=1)[0]
            await pilot.press("k", "g")
            await settled(pilot, lambda: table.cursor_row == 0)
            assert table.study == studies(archive.index, limit=1)[0]


async def test_rows_come_before_the_eye_gets_there(many):
    with open_archive(many) as (archive, _):
        async with running(worklist_app(archive), (80, 24)) as pilot:
            await shows_all(pilot)
            table = pilot.app.screen.table
            table.scroll_to(y=5000, animate=False, force=True)
            await settled(pilot, lambda: len(table.studies) > 5000 + table.page_rows)
            assert "·" not in screen_text(pilot.app)


async def test_arrivals_do_not_move_the_cursor_in_the_middle_of_many(many):
    with open_archive(many) as (archive, lease):
        async with running(worklist_app(archive)) as pilot:
            await shows_all(pilot)
            table = pilot.app.screen.table
            total = table.studies.total
            for _ in range(12):
                await pilot.press("ctrl+d")
            chosen, row = table.study, table.cursor_row - table.scroll_offset.y
            arrive(archive, lease, *range(900_000 + total, 900_005 + total))
            await settled(pilot, lambda: table.studies.total == total + 5)
            assert table.study == chosen
            assert table.cursor_row - table.scroll_offset.y == row


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("descending", [True, False])
def test_rows_in_memory_are_ordered_as_the_index_orders_them(many, sort, descending):
    with LocalArchive.open(many) as archive:
        found = studies(archive.index, sort=sort, descending=descending, limit=1000)
    shown = Question(sort=sort, descending=descending).empty_list()
    shown.extend(found, complete=True)
    assert [shown.index_of(row.id) for row in found] == list(range(len(found)))
