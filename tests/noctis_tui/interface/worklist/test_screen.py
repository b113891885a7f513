"""The worklist as a person meets it: live rows under a cursor that stays, filters, orders, sizes."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from interface_apps import NoReception, arrive, open_archive, running, screen_text, settled, worklist_app

from archive.reindexing import rebuild
from noctis_tui.interface.messages import ArchiveFailed
from noctis_tui.interface.receiver.child import Stopped
from noctis_tui.interface.receiver.status_line import Vitals


def day(days_ago: int) -> str:
    return f"{datetime.now() - timedelta(days=days_ago):%Y%m%d}"


@pytest.fixture
def archive_and_lease(tmp_path):
    with open_archive(tmp_path / "archive") as held:
        yield held


async def shows(pilot, total: int) -> None:
    await settled(pilot, lambda: pilot.app.screen.table.studies.total == total)


def uids(app) -> list[str]:
    return [row.study_instance_uid for row in app.screen.table.studies]


def screen_row(table) -> int:
    return table.cursor_row - table.scroll_offset.y


async def test_an_empty_archive_says_how_images_get_in(archive_and_lease):
    archive, _ = archive_and_lease
    async with running(worklist_app(archive)) as pilot:
        text = screen_text(pilot.app)
        assert "storescu -aec NOCTIS_SCP 127.0.0.1 11112 +sd +r" in text
        assert f"noctis --archive {archive.root} import" in text


async def test_a_study_appears_and_grows_while_it_arrives(archive_and_lease):
    archive, lease = archive_and_lease
    async with running(worklist_app(archive)) as pilot:
        arrive(archive, lease, 1)
        await shows(pilot, 1)
        assert "Patient, 00001" in screen_text(pilot.app)
        assert "1 receiving" in screen_text(pilot.app)
        arrive(archive, lease, 1, instances=4)
        await settled(pilot, lambda: pilot.app.screen.table.study.instance_count == 5)
        assert "5 images" in screen_text(pilot.app)


async def test_a_study_becomes_quiet_by_itself(tmp_path):
    root = tmp_path / "archive"
    root.mkdir()
    (root / "noctis.toml").write_text("[worklist]\nquiet_seconds = 0.5\n")
    with open_archive(root) as (archive, lease):
        async with running(worklist_app(archive)) as pilot:
            arrive(archive, lease, 1)
            await shows(pilot, 1)
            await settled(pilot, lambda: pilot.app.screen.table.studies.receiving == 0)
            assert "1 receiving" not in screen_text(pilot.app)


async def test_the_cursor_stays_on_its_study_and_its_row_while_others_arrive(archive_and_lease):
    archive, lease = archive_and_lease
    arrive(archive, lease, *range(100, 160))
    async with running(worklist_app(archive), (100, 30)) as pilot:
        await shows(pilot, 60)
        table = pilot.app.screen.table
        await pilot.press(*"jjjjj")
        chosen, row = table.study.study_instance_uid, screen_row(table)
        for wave in range(3):
            arrive(archive, lease, *range(200 + 10 * wave, 207 + 10 * wave))
            arrive(archive, lease, 120, 130)
            await shows(pilot, 60 + 7 * (wave + 1))
            assert table.study.study_instance_uid == chosen
            assert screen_row(table) == row
        await pilot.press("j")
        assert table.study.study_instance_uid == uids(pilot.app)[27]


async def test_an_untouched_worklist_shows_arrivals_on_top(archive_and_lease):
    archive, lease = archive_and_lease
    arrive(archive, lease, 1, 2)
    async with running(worklist_app(archive)) as pilot:
        await shows(pilot, 2)
        table = pilot.app.screen.table
        arrive(archive, lease, 3)
        await shows(pilot, 3)
        assert table.study.study_instance_uid == "1.2.2"
        assert table.scroll_offset.y == 0
        assert uids(pilot.app)[0] == "1.2.3"


async def test_following_keeps_the_cursor_on_what_arrived_last_until_it_is_moved(archive_and_lease):
    archive, lease = archive_and_lease
    arrive(archive, lease, *range(1, 50))
    async with running(worklist_app(archive), (100, 30)) as pilot:
        await shows(pilot, 49)
        await pilot.press("G", "F")
        table = pilot.app.screen.table
        assert table.study.study_instance_uid == "1.2.49"
        assert "following" in screen_text(pilot.app)
        arrive(archive, lease, 60)
        await settled(pilot, lambda: table.study.study_instance_uid == "1.2.60")
        await pilot.press("j")
        arrive(archive, lease, 61)
        await shows(pilot, 51)
        assert table.study.study_instance_uid == "1.2.49"


async def test_typing_narrows_and_escape_shows_all_again(archive_and_lease):
    archive, lease = archive_and_lease
    arrive(archive, lease, 1, PatientName="Müller^Jörg", SpecificCharacterSet="ISO_IR 100")
    arrive(archive, lease, 2, PatientName="Doe^Jane", StudyDescription="Knee left")
    async with running(worklist_app(archive)) as pilot:
        await shows(pilot, 2)
        await pilot.press("/", *"muller")
        await shows(pilot, 1)
        assert "Müller, Jörg" in screen_text(pilot.app)
        assert "Doe" not in screen_text(pilot.app)
        await pilot.press("escape")
        await shows(pilot, 2)
        await pilot.press("/", *"knee", "enter")
        await shows(pilot, 1)
        assert "/knee" in screen_text(pilot.app)
        await pilot.press("j")  # the keys are the table's again
        await pilot.press("escape")
        await shows(pilot, 2)


async def test_nothing_matches_says_so(archive_and_lease):
    archive, lease = archive_and_lease
    arrive(archive, lease, 1)
    async with running(worklist_app(archive)) as pilot:
        await shows(pilot, 1)
        await pilot.press("/", *"%_*zz", "enter")
        await shows(pilot, 0)
        assert "No study matches" in screen_text(pilot.app)
        await pilot.press("escape")
        await shows(pilot, 1)


async def test_a_narrowed_worklist_stays_narrow_while_others_arrive(archive_and_lease):
    archive, lease = archive_and_lease
    arrive(archive, lease, 1, Modality="MR")
    async with running(worklist_app(archive)) as pilot:
        await shows(pilot, 1)
        await pilot.press("5")
        arrive(archive, lease, 2, 3, Modality="CT")
        arrive(archive, lease, 4, Modality="MR")
        await shows(pilot, 2)
        assert uids(pilot.app) == ["1.2.4", "1.2.1"]


async def test_quick_filters_combine_days_and_modalities(archive_and_lease):
    archive, lease = archive_and_lease
    for number, (modality, ago) in enumerate([("CT", 0), ("CT", 3), ("MR", 0), ("US", 20), ("CT", 90)], 1):
        arrive(archive, lease, number, Modality=modality, StudyDate=day(ago))
    async with running(worklist_app(archive)) as pilot:
        for keys, expected in [("1", 2), ("2", 3), ("3", 4), ("34", 2), ("345", 3), ("14", 1), ("6", 1)]:
            await pilot.press(*keys)
            await shows(pilot, expected)
            await pilot.press("0")
            await shows(pilot, 5)


async def test_sorting_goes_through_the_columns_and_back(archive_and_lease):
    archive, lease = archive_and_lease
    for number, name in enumerate(["Charlie", "alpha", "Bravo"], 1):
        arrive(archive, lease, number, PatientName=name)
    async with running(worklist_app(archive)) as pilot:
        await shows(pilot, 3)
        assert uids(pilot.app) == ["1.2.3", "1.2.2", "1.2.1"]
        await pilot.press("o")
        await settled(pilot, lambda: uids(pilot.app) == ["1.2.2", "1.2.3", "1.2.1"])
        assert "Patient ▲" in screen_text(pilot.app)
        await pilot.press("O")
        await settled(pilot, lambda: uids(pilot.app) == ["1.2.1", "1.2.3", "1.2.2"])
        assert "Patient ▼" in screen_text(pilot.app)


async def test_the_cursor_keeps_its_study_through_another_order(archive_and_lease):
    archive, lease = archive_and_lease
    arrive(archive, lease, *range(1, 80))
    async with running(worklist_app(archive), (100, 30)) as pilot:
        await shows(pilot, 79)
        await pilot.press("j", "j", "j")
        chosen = pilot.app.screen.table.study
        await pilot.press("o")
        await settled(pilot, lambda: uids(pilot.app)[0] == "1.2.1")
        table = pilot.app.screen.table
        assert table.study == chosen
        assert 0 <= screen_row(table) < table.page_rows


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60), (60, 16), (40, 10)])
async def test_every_line_fits_every_size(archive_and_lease, size):
    archive, lease = archive_and_lease
    arrive(
        archive, lease, 1, PatientName="Yamada^Tarou=山田^太郎", SpecificCharacterSet=["", "ISO 2022 IR 87"]
    )
    arrive(archive, lease, 2, PatientName="山田^太郎" * 6, SpecificCharacterSet="ISO_IR 192")
    async with running(worklist_app(archive, note="Demo: a note. " * 20), size) as pilot:
        await shows(pilot, 2)
        lines = pilot.app.screen._compositor.render_strips()
        assert {line.cell_length for line in lines} == {size[0]}
        assert "Patient" in screen_text(pilot.app)
        if size[1] >= 24:
            assert "quit" in screen_text(pilot.app)


async def test_markup_and_controls_in_a_name_are_text(archive_and_lease):
    archive, lease = archive_and_lease
    arrive(archive, lease, 1, PatientName="[/b][@click]Doe^J", StudyDescription="\x1b]0;x\x07[red]")
    async with running(worklist_app(archive), (200, 60)) as pilot:
        await shows(pilot, 1)
        text = screen_text(pilot.app)
        assert "[/b][@click]Doe, J" in text
        assert "\x1b" not in text


async def test_help_lists_every_bound_key_and_goes_away(archive_and_lease):
    archive, _ = archive_and_lease
    async with running(worklist_app(archive), (120, 50)) as pilot:
        await pilot.press("?")
        await pilot.pause()
        text = screen_text(pilot.app)
        for title in ("Follow arrivals", "Copy the Study Instance UID", "Leave Noctis", "Ctrl+D"):
            assert title in text
        await pilot.press("q")
        await pilot.pause()
        assert "quit" in screen_text(pilot.app)
        await pilot.press("?", "escape")
        await pilot.pause()
        assert "quit" in screen_text(pilot.app)


async def test_the_palette_finds_actions_by_name(archive_and_lease):
    archive, lease = archive_and_lease
    arrive(archive, lease, 1, 2)
    async with running(worklist_app(archive)) as pilot:
        await shows(pilot, 2)
        await pilot.press("ctrl+p")
        await pilot.pause(0.2)
        await pilot.press(*"last study")
        await pilot.pause(0.5)
        await pilot.press("enter")
        await settled(pilot, lambda: pilot.app.screen.table.cursor_row == 1)


async def test_y_copies_the_uid(archive_and_lease):
    archive, lease = archive_and_lease
    arrive(archive, lease, 7)
    async with running(worklist_app(archive)) as pilot:
        await shows(pilot, 1)
        await pilot.press("y")
        assert pilot.app.clipboard == "1.2.7"


async def test_q_leaves(archive_and_lease):
    archive, _ = archive_and_lease
    app = worklist_app(archive)
    async with running(app) as pilot:
        await pilot.press("q")
        await pilot.pause()
        assert not app.is_running or app._exit


async def test_tab_shows_the_series_even_on_a_low_screen(archive_and_lease):
    archive, lease = archive_and_lease
    arrive(archive, lease, 1, series="1", SeriesDescription="First one")
    arrive(archive, lease, 1, series="2", SeriesDescription="Other one")
    async with running(worklist_app(archive), (80, 24)) as pilot:
        await shows(pilot, 1)
        assert "First one" not in screen_text(pilot.app)
        await pilot.press("tab")
        await settled(pilot, lambda: "Other one" in screen_text(pilot.app))
        await pilot.press("right")
        assert pilot.app.screen.details.strip.picked.series_description == "Other one"
        await pilot.press("escape")
        await settled(pilot, lambda: "Other one" not in screen_text(pilot.app))
        assert pilot.app.screen.table.has_focus


async def test_a_card_never_shows_the_picture_of_another_series(archive_and_lease):
    archive, lease = archive_and_lease
    arrive(archive, lease, 1, 2)
    async with running(worklist_app(archive)) as pilot:
        await shows(pilot, 2)
        card = pilot.app.screen.details.strip.cards[0]
        await settled(pilot, lambda: card.drawn_for is not None)
        first = card.series_id
        await pilot.press("j")
        await settled(pilot, lambda: card.series_id != first and card.drawn_for is not None)
        assert card.drawn_for[0] == card.series_id


async def test_an_archive_that_cannot_be_read_is_said_and_what_was_read_stays(archive_and_lease):
    archive, lease = archive_and_lease
    arrive(archive, lease, 1)
    app = worklist_app(archive)
    async with running(app) as pilot:
        await shows(pilot, 1)
        app.screen.post_message(ArchiveFailed("The index is \x1b[31mlocked."))
        await settled(pilot, lambda: "The index is ␛[31mlocked." in screen_text(app))
        assert "Patient, 00001" in screen_text(app)


async def test_a_read_only_archive_says_so(archive_and_lease):
    archive, lease = archive_and_lease
    arrive(archive, lease, 1)
    reception = NoReception()
    reception.vitals = Vitals(Stopped("The archive cannot be written to."), None, None, writable=False)
    async with running(worklist_app(archive, reception)) as pilot:
        await shows(pilot, 1)
        assert "This archive is read-only." in screen_text(pilot.app)
        assert "Patient, 00001" in screen_text(pilot.app)


async def test_a_lost_index_is_told_and_the_rebuilt_one_shown_without_a_key(archive_and_lease):
    archive, lease = archive_and_lease
    arrive(archive, lease, 1, 2, 3)
    async with running(worklist_app(archive)) as pilot:
        await shows(pilot, 3)
        archive.index.close_writer()
        for path in archive.root.glob("index.sqlite*"):
            path.unlink()
        await settled(pilot, lambda: "There is no index to read." in screen_text(pilot.app))
        assert len(uids(pilot.app)) == 3  # what was read stays
        await asyncio.to_thread(rebuild, archive, lease)
        await settled(pilot, lambda: "There is no index to read." not in screen_text(pilot.app))
        assert sorted(uids(pilot.app)) == ["1.2.1", "1.2.2", "1.2.3"]
        arrive(archive, lease, 4)
        await shows(pilot, 4)


async def test_an_index_that_is_made_again_takes_the_old_ones_place_on_the_screen(archive_and_lease):
    archive, lease = archive_and_lease
    arrive(archive, lease, 1, 2)
    async with running(worklist_app(archive)) as pilot:
        await shows(pilot, 2)
        arrive(archive, lease, 3)
        await asyncio.to_thread(rebuild, archive, lease)
        arrive(archive, lease, 1, 4)
        await shows(pilot, 4)
        assert sorted(uids(pilot.app)) == ["1.2.1", "1.2.2", "1.2.3", "1.2.4"]
