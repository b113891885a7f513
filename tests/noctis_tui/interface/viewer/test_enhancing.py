"""Enhancement and histogram by key: on the active pane, shown in the footer while it is chosen."""

import time

import numpy as np
import pytest
from interface_apps import screen_text, settled
from phantoms import write_image
from viewing import reading, take_in

from archive.local_archive import LocalArchive
from noctis_tui.graphics.wire.drafting import SLOW_SECONDS
from noctis_tui.imaging.enhancing.enhancement import Enhancement, EnhancementKind
from noctis_tui.reading.rendering import render


@pytest.fixture
def archive(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 2000, (64, 64)).astype(np.int16)
    file = write_image(tmp_path / "image.dcm", pixels)
    with LocalArchive.open(tmp_path / "archive") as archive:
        take_in(archive, [file])
        yield archive


async def test_one_key_goes_round_and_another_shows_the_histogram(archive):
    async with reading(archive) as (pilot, screen):
        view = lambda: screen.active.state.view  # noqa: E731 - what the pane shows now
        await pilot.press("E")
        assert view().enhancement == Enhancement(EnhancementKind.SHARPEN, 50)
        await pilot.press("E", "E", "E", "E", "E")
        assert view().enhancement is None
        await pilot.press("h")
        assert view().histogram
        await pilot.press("h")
        assert not view().histogram


async def test_the_tool_chooses_kind_and_strength(archive):
    async with reading(archive, size=(120, 30)) as (pilot, screen):
        await pilot.press("ctrl+e", "k", "h", "h")
        assert screen.active.state.view.enhancement == Enhancement(EnhancementKind.EQUALIZE, 80)
        await pilot.press("k", "l")
        assert screen.active.state.view.enhancement == Enhancement(EnhancementKind.CLAHE, 60)
        await pilot.pause(0.3)
        assert "ENHANCE" in screen_text(pilot.app)
        await pilot.press("x")
        assert screen.active.state.view.enhancement is None
        await pilot.press("escape", "j")
        assert screen.mode == ""


async def test_what_takes_long_is_left_out_while_images_go_by(archive, monkeypatch):
    drafts = []

    def slowly(frame, view, *args, **options):
        drafts.append(options["draft"])
        time.sleep(0 if options["draft"] else 2 * SLOW_SECONDS)
        return render(frame, view, *args, **options)

    monkeypatch.setattr("noctis_tui.interface.viewer.pane.render", slowly)
    monkeypatch.setattr("noctis_tui.graphics.wire.rest.REST_SECONDS", 60)
    async with reading(archive) as (pilot, screen):
        screen.active.redraw()
        await settled(pilot, lambda: drafts)
        drafts.clear()
        for key in "E+++":
            seen = len(drafts)
            await pilot.press(key)
            await settled(pilot, lambda seen=seen: len(drafts) > seen)
        assert set(drafts) == {True}
