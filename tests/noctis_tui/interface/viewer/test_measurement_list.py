import time
from pathlib import Path

import pytest
from interface_apps import screen_text
from pydicom import dcmread
from pydicom.data import get_testdata_file
from viewing import reading, settled, take_in

from archive.annotating import annotations_of
from archive.local_archive import LocalArchive
from noctis_tui.interface.viewer.layer_panel import LayerPanel
from noctis_tui.interface.viewer.measurement_panel import MeasurementPanel
from noctis_tui.interface.viewer.measuring_actions import LAYERS, LIST, WORDS


@pytest.fixture
def archive(tmp_path):
    """Three slices of one series."""
    files = []
    for number in (1, 2, 3):
        ds = dcmread(Path(get_testdata_file("CT_small.dcm")))
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.{number}"
        ds.InstanceNumber = number
        ds.ImagePositionPatient = [-158, -179, 5.0 * number]
        files.append(tmp_path / f"{number}.dcm")
        ds.save_as(files[-1])
    with LocalArchive.temporary() as temporary:
        take_in(temporary, files)
        yield temporary


async def press(pilot, screen, *keys):
    await pilot.press(*keys)
    await settled(pilot, screen)


async def until(pilot, condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await pilot.pause(0.05)


async def draw(pilot, screen):
    """A length on the first image, a box on the third."""
    await press(pilot, screen, "d", "enter", "L", "enter", "escape")
    await press(pilot, screen, "G", "b", "enter", "L", "J", "enter", "escape")


def values(screen):
    return [row.value_text for row in screen.query_one(MeasurementPanel).list._rows]


async def test_the_list_measures_what_is_on_other_images_and_goes_there(archive):
    async with reading(archive, size=(120, 36)) as (pilot, screen):
        await draw(pilot, screen)
        await press(pilot, screen, "M")
        await until(pilot, lambda: screen.query(MeasurementPanel) and all([*values(screen), values(screen)]))
        assert values(screen)[0] == "6.61 mm"
        assert "HU" in values(screen)[1]
        text = screen_text(pilot.app)
        assert "Measurements  2" in text
        assert "Se 1 Im 1" in text
        await press(pilot, screen, "enter")
        await until(pilot, lambda: screen.active.state.frame_index == 0)
        await press(pilot, screen, "j", "enter")
        await until(pilot, lambda: screen.active.state.frame_index == 2)
        assert "█" in screen_text(pilot.app)
        assert "pixels" in screen_text(pilot.app)
        await press(pilot, screen, "x")
        await until(pilot, lambda: len(values(screen)) == 1)
        await press(pilot, screen, "escape")
        assert screen.mode == ""
        assert not screen.query(MeasurementPanel)


async def test_an_empty_list_says_so(archive):
    async with reading(archive) as (pilot, screen):
        await press(pilot, screen, "M")
        assert screen.mode == LIST
        await until(pilot, lambda: "No measurements yet" in screen_text(pilot.app))


async def test_measurements_are_copied_as_lines_of_columns(archive):
    async with reading(archive) as (pilot, screen):
        await draw(pilot, screen)
        await press(pilot, screen, "C")
        await until(pilot, lambda: pilot.app.clipboard)
        first, second = pilot.app.clipboard.splitlines()
        assert first == "Se 1 Im 1\tLength\t6.61 mm"
        assert second.startswith("Se 1 Im 3\tBox\t")


async def test_nothing_to_copy_says_so(archive, monkeypatch):
    async with reading(archive) as (pilot, screen):
        said = []
        monkeypatch.setattr(screen, "say", said.append)
        await press(pilot, screen, "C", "n", "x", "u")
        assert said == [
            "There is nothing measured in this study.",
            "There is no mark on this image.",
            "Choose a mark first, with n or the mouse.",
            "There is nothing to undo.",
        ]


async def test_layers_are_added_hidden_coloured_and_dashed(archive):
    async with reading(archive) as (pilot, screen):
        await draw(pilot, screen)
        await press(pilot, screen, "number_sign")
        assert screen.mode == LAYERS
        await press(pilot, screen, "+", "S", "u", "r", "g", "enter")
        assert screen.mode == LAYERS
        editing = screen.measuring.editing
        assert editing.layer == "Surg"
        await until(pilot, lambda: "Surg" in screen_text(pilot.app))
        await press(pilot, screen, "k", "space", "c", "minus")
        layer = screen.measuring.editing.layers["Measurements"]
        assert (layer.visible, layer.dashed, layer.color_index) == (False, True, 4)
        assert screen.measuring.editing.on(screen.measuring.frame_key()) == ()
        await press(pilot, screen, "enter", "escape")
        assert screen.measuring.editing.layer == "Measurements"
        assert screen.measuring.editing.layers["Measurements"].visible
        assert not screen.query(LayerPanel)


async def test_words_have_the_keys_at_once_after_a_panel_closes(archive):
    async with reading(archive) as (pilot, screen):
        await press(pilot, screen, "M")
        await pilot.press("escape", "T", "enter", "G", "r")
        await pilot.pause(0.3)
        assert screen.mode == WORDS
        assert screen.focused is screen.query_one("#words")
        await press(pilot, screen, "enter")
        assert screen.measuring.editing.kept.annotations[0].text == "Gr"


async def test_letters_that_come_before_the_line_has_the_keys_go_to_it(archive):
    async with reading(archive) as (pilot, screen):
        await press(pilot, screen, "T", "enter")
        screen.set_focus(None)
        await press(pilot, screen, "G")
        assert screen.query_one("#words").value == "G"
        assert screen.active.state.frame_index == 0


async def test_pet_is_listed_and_copied_in_the_suv_of_the_picture(shared_data):
    with LocalArchive.temporary() as archive:
        take_in(archive, [shared_data / "single/pt_acrin_flt_029.dcm"])
        async with reading(archive, size=(120, 36)) as (pilot, screen):
            await press(pilot, screen, "b", "enter", "L", "J", "enter", "escape", "M")
            await until(pilot, lambda: "SUVbw" in screen_text(pilot.app))
            await press(pilot, screen, "C")
            await until(pilot, lambda: pilot.app.clipboard)
            assert "g/ml SUVbw" in pilot.app.clipboard
            await press(pilot, screen, "U", "U", "U")
            await until(pilot, lambda: "Bq/ml" in values(screen)[0])
            assert "SUV" not in values(screen)[0]


async def test_key_images_are_listed_gone_to_and_unmarked(archive):
    async with reading(archive, size=(120, 36)) as (pilot, screen):
        await draw(pilot, screen)
        await press(pilot, screen, "asterisk", "g", "M")
        await until(pilot, lambda: screen.query(MeasurementPanel) and len(values(screen)) == 3)
        assert "Measurements  2 · 1 key image" in screen_text(pilot.app)
        await press(pilot, screen, "j", "enter")
        await until(pilot, lambda: screen.active.state.frame_index == 2)
        assert "Key image" in screen_text(pilot.app)
        await press(pilot, screen, "x")
        await until(pilot, lambda: len(values(screen)) == 2)
        assert not screen.measuring.editing.kept.key_images
        await press(pilot, screen, "u")
        await until(pilot, lambda: len(values(screen)) == 3)
        await press(pilot, screen, "C")
        await until(pilot, lambda: pilot.app.clipboard)
        assert len(pilot.app.clipboard.splitlines()) == 2


async def test_keys_go_from_key_image_to_key_image(archive):
    async with reading(archive) as (pilot, screen):
        said = []
        screen.say = said.append
        await press(pilot, screen, "]", "k")
        await until(pilot, lambda: said)
        assert said == ["No image of this study is a key image; * makes one."]
        await press(pilot, screen, "asterisk", "G", "asterisk", "k")
        places = []
        for bracket in "]][[":
            said.clear()
            await press(pilot, screen, bracket, "k")
            await until(pilot, lambda: said)
            places.append((screen.active.state.frame_index, *said))
        first, last = (0, "Key image 1 of 2"), (2, "Key image 2 of 2")
        assert places == [last, first, last, first]


async def test_layers_are_renamed_and_deleted_and_come_back(archive):
    async with reading(archive, size=(120, 36)) as (pilot, screen):
        await press(pilot, screen, "number_sign", "+", "S", "u", "r", "g", "enter", "escape")
        await draw(pilot, screen)
        await press(pilot, screen, "number_sign", "j", "r", "e", "r", "y", "enter")
        assert screen.mode == LAYERS
        assert set(screen.measuring.editing.layers) == {"Measurements", "Surgery"}
        said = []
        screen.say = said.append
        await press(pilot, screen, "x")
        assert said == ["Deleted the layer Surgery and its 2 marks; u brings it back."]
        assert not screen.measuring.editing.kept.annotations
        await until(pilot, lambda: not screen.measuring.editing.dirty)
        uid = screen.active.entry.study.study_instance_uid
        assert [layer.name for layer in annotations_of(archive.index, uid).layers] == ["Measurements"]
        await press(pilot, screen, "x")
        assert said[1].startswith("Every study has the layer Measurements")
        await press(pilot, screen, "u")
        await until(pilot, lambda: not screen.measuring.editing.dirty)
        kept = annotations_of(archive.index, uid)
        assert [annotation.layer for annotation in kept.annotations] == ["Surgery", "Surgery"]
        assert "Surgery" in screen_text(pilot.app)
