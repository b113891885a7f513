import pytest
from viewing import files_in, reading, settled, take_in

from archive.local_archive import LocalArchive

NAMES = ("mr_head_sag_prone_HFP", "mr_oblique_hitachi", "rgb_series", "mr_rescale_per_slice")


@pytest.fixture
def archive(shared_data):
    with LocalArchive.temporary() as temporary:
        take_in(temporary, files_in(*(shared_data / "volumes" / name for name in NAMES)))
        yield temporary


async def _press(pilot, screen, *keys):
    await pilot.press(*keys)
    await pilot.pause()
    await settled(pilot, screen)


def _strip(screen):
    return screen.query_one("#viewer-strip")


async def _chosen(pilot, screen, series_id):
    for _ in range(200):
        if _strip(screen).chosen.id == series_id:
            return
        await pilot.pause(0.01)
    raise AssertionError("the strip never pointed at the series")


async def test_the_strip_comes_and_goes_and_follows_the_series_keys(archive):
    async with reading(archive, size=(160, 48)) as (pilot, screen):
        assert not screen.query("#viewer-strip")
        height = screen.active.size.height
        await _press(pilot, screen, "S")
        strip = _strip(screen)
        assert len(strip.in_sight) == len(screen.shelf)
        assert strip.with_pictures
        assert screen.active.size.height == height - 8
        await _press(pilot, screen, "right", "right")
        await _chosen(pilot, screen, screen.shelf.entries[2].series.id)
        for _ in range(300):
            if all(card.drawn_for for card, _ in strip.in_sight):
                break
            await pilot.pause(0.01)
        assert all(card.drawn_for for card, _ in strip.in_sight)
        await _press(pilot, screen, "S")
        assert not strip.display
        assert screen.active.size.height == height


async def test_a_click_turns_the_active_pane(archive):
    async with reading(archive, size=(160, 48)) as (pilot, screen):
        await _press(pilot, screen, "S", "F", "1", "2", "tab")
        card, series = _strip(screen).in_sight[3]
        await pilot.click(card.caption)
        await pilot.pause()
        await settled(pilot, screen)
        assert screen.panes[1].entry.series.id == series.id
        assert screen.panes[0].entry.series.id == screen.shelf.entries[0].series.id
        marked = [str(card.caption.content)[0] == "▪" for card, _ in _strip(screen).in_sight]
        assert marked.count(True) == 2


async def test_where_the_height_does_not_allow_pictures_there_are_words(archive):
    async with reading(archive, size=(80, 24)) as (pilot, screen):
        await _press(pilot, screen, "S")
        strip = _strip(screen)
        assert strip.size.height == 2
        assert not strip.with_pictures
        assert "MR" in str(strip.in_sight[0][0].caption.content)
        await pilot.resize_terminal(120, 50)
        await pilot.pause()
        assert strip.with_pictures
        assert strip.size.height == 8
