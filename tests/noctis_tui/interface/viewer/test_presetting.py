"""Presets by name, and a window kept as one: from the reader's own file into the picture and back."""

import numpy as np
import pytest
from interface_apps import screen_text
from phantoms import write_image
from viewing import reading, take_in

from archive.local_archive import LocalArchive
from archive.pixels.voi_lut import Window
from noctis_tui.preferences import PresetPreference, read_preferences


@pytest.fixture
def archive(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 2000, (64, 64)).astype(np.int16)
    file = write_image(tmp_path / "image.dcm", pixels, BodyPartExamined="CHEST")
    with LocalArchive.open(tmp_path / "archive") as archive:
        take_in(archive, [file])
        yield archive


async def _until(pilot, holds):
    for _ in range(200):
        await pilot.pause(0.02)
        if holds():
            return
    raise AssertionError("it did not happen in time")


async def test_presets_are_chosen_by_name(archive):
    async with reading(archive, size=(100, 30)) as (pilot, screen):
        await pilot.press("ctrl+w")
        await _until(pilot, lambda: "Mediastinum" in screen_text(pilot.app))
        await pilot.press("j", "enter")
        await _until(pilot, lambda: screen.active.state.view.window_name == "Lung")


async def test_a_window_is_kept_and_is_the_first_from_then_on(archive, tmp_path):
    async with reading(archive, size=(100, 30)) as (pilot, screen):
        pilot.app.config = tmp_path / "config.toml"
        screen.change(screen.active.state.view.with_window(Window(-450, 1350)))
        await pilot.press("ctrl+k")
        await _until(pilot, lambda: "Keep a preset" in screen_text(pilot.app))
        await pilot.press(*"Airways", "enter")
        kept = PresetPreference(name="Airways", modality="CT", body_part="CHEST", center=-450, width=1350)
        await _until(pilot, lambda: pilot.app.preferences.preset == (kept,))
        assert read_preferences(pilot.app.config).preset == (kept,)
        await _until(pilot, lambda: pilot.app.screen is screen)
        await pilot.press("~", "1")
        assert screen.active.state.view.window_name == "Airways"
