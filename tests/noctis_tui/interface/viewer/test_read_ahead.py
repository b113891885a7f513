"""What is loaded before it is asked for, and that the pictures in view go first."""

from __future__ import annotations

import pytest
from viewing import files_in, reading, settled, take_in

from archive.local_archive import LocalArchive
from noctis_tui.interface.viewer.pane import Pane

NAMES = ("ct_head_phantom_5mm", "mr_oblique_hitachi", "mr_liver_haste_coronal")


@pytest.fixture
def archive(shared_data):
    """An archive with three series of a few slices each."""
    with LocalArchive.temporary() as temporary:
        for name in NAMES:
            take_in(temporary, files_in(shared_data / "volumes" / name)[:5])
        yield temporary


async def _until(pilot, condition):
    for _ in range(500):
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError("waited in vain")


def _is_loaded(screen, frame):
    return frame in screen._source._cache


async def test_the_series_beside_are_loaded_before_they_are_turned_to(archive):
    async with reading(archive) as (pilot, screen):
        screen.action_go_to_series(1)
        await settled(pilot, screen)
        await _until(pilot, lambda: len(screen._ahead.aims) >= 2)
        ahead = [aim.stack.frames[aim.frame_index] for aim in screen._ahead.aims]
        await _until(pilot, lambda: all(_is_loaded(screen, frame) for frame in ahead))
        awaited = []
        screen._source._tell = awaited.append
        screen.action_go_to_series(1)
        await settled(pilot, screen)
        assert screen.active.state.frame in ahead
        assert awaited == []  # nothing had to come for the picture


async def test_a_series_is_read_ahead_from_the_image_that_it_was_left_at(archive):
    async with reading(archive) as (pilot, screen):
        screen.go_to(screen.active, 3)
        await settled(pilot, screen)
        left = screen.active.state.frame
        screen.action_go_to_series(1)
        await settled(pilot, screen)
        await _until(pilot, lambda: screen._ahead.aims)
        assert left in [aim.stack.frames[aim.frame_index] for aim in screen._ahead.aims]


async def test_the_first_picture_is_drawn_before_anything_else_is_loaded(archive):
    async with reading(archive) as (pilot, screen):
        entry = screen.shelf.entries[-1]
        wanted = []
        aim = screen._source._loader.aim
        screen._source._loader.aim = lambda aims, ahead=(): wanted.append((list(aims), list(ahead)))
        screen._source._cache.clear()
        screen._ahead.waits = lambda panes: not all(pane.is_seen for pane in panes)  # without losing patience
        await screen.show_series(screen.active, entry)
        assert not screen.active.is_seen
        assert all(len(each.stack) == 1 for each in wanted[-1][0])
        assert wanted[-1][1] == []
        screen._source._loader.aim = aim
        del screen._ahead.waits
        screen.want()
        await _until(pilot, lambda: screen.active.is_seen)
        await _until(
            pilot, lambda: all(_is_loaded(screen, frame) for frame in screen.active.state.stack.frames)
        )


async def test_what_nobody_sees_is_waited_for_a_moment_only(archive, monkeypatch):
    monkeypatch.setattr(Pane, "is_seen", property(lambda _: False, lambda *_: None), raising=False)
    monkeypatch.setattr("noctis_tui.interface.viewer.read_ahead.PATIENCE_SECONDS", 0.01)
    async with reading(archive) as (pilot, screen):
        await screen.show_series(screen.active, screen.shelf.entries[-1])
        await _until(
            pilot, lambda: all(_is_loaded(screen, frame) for frame in screen.active.state.stack.frames)
        )
