import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from derived_objects import (
    DOSE,
    STRUCTURE_SET,
    ct_data_sets,
    ct_files,
    dose,
    saved,
    segmentation,
    structure_set,
)
from interface_apps import screen_text
from viewing import files_in, reading, settled, take_in

from archive.index.worklist import studies
from archive.local_archive import LocalArchive
from noctis_tui.interface.viewer.derived import DerivedObjects
from noctis_tui.interface.viewer.presenting import Presenting
from noctis_tui.interface.viewer.shelf import Shelf


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A CT of four slices with a segmentation, structures and a dose of it."""
    made = tmp_path_factory.mktemp("objects")
    for file in ct_files():
        shutil.copy(file, made / f"{file.name}.dcm")
    source = ct_data_sets()[0]
    masks = np.zeros((4, 16, 16, 2), np.uint8)
    masks[:, 2:8, 2:8, 0] = masks[:, 9:14, 9:14, 1] = 1
    saved(segmentation(masks, labels=["Liver", "Spleen"], series_description="Organs"), made / "seg.dcm")
    x, y, z = (float(value) for value in source.ImagePositionPatient)
    points = [(x + 1, y + 1, z), (x + 4, y + 1, z), (x + 4, y + 4, z)]
    contours = structure_set(source, [(1, "CLOSED_PLANAR", points)])
    saved(contours, made / "rt.dcm", STRUCTURE_SET)
    grid = np.full((2, 8, 8), 50_000)
    saved(dose(source, grid, (x, y, z - 1), (0, 2)), made / "dose.dcm", DOSE)
    return made


@pytest.fixture
def archive(folder):
    with LocalArchive.temporary() as opened:
        take_in(opened, files_in(folder))
        yield opened


def study_of(archive):
    (study,) = studies(archive.index)
    return study


async def until(pilot, condition):
    for _ in range(400):
        await pilot.pause(0.01)
        if condition():
            return
    raise AssertionError("it did not happen")


async def test_one_key_shows_everything_and_takes_it_away(archive):
    async with reading(archive, study_of(archive)) as (pilot, screen):
        objects = screen.derived
        await until(pilot, lambda: len(objects.layers_of(screen.active)) == 3)
        await pilot.press("o")
        await until(pilot, lambda: len(objects._source.shown) == 3)
        await settled(pilot, screen)
        marks = objects._source.marks(screen.active.frame, screen.active.shown_ref, screen.active.state.view)
        assert {type(mark).__name__ for mark in marks} >= {"Wash", "Note", "Stroke"}
        await pilot.press("o")
        assert objects._source.shown == ()


async def test_the_list_names_the_parts_and_switches_them(archive):
    async with reading(archive, study_of(archive), size=(120, 36)) as (pilot, screen):
        objects = screen.derived
        await until(pilot, lambda: len(objects.layers_of(screen.active)) == 3)
        await pilot.press("O")
        await until(pilot, lambda: "Organs" in screen_text(pilot.app))
        names = [layer.header.name for layer in objects.layers_of(screen.active)]
        await pilot.press(*["j"] * names.index("Organs"), "space")
        await until(pilot, lambda: "Spleen" in screen_text(pilot.app))
        await pilot.press("j", "space")
        (layer,) = (layer for layer in objects.layers_of(screen.active) if layer.header.name == "Organs")
        assert layer.appearance.hidden == {1}
        opacity = layer.appearance.opacity
        await pilot.press("plus")
        assert layer.appearance.opacity > opacity
        await pilot.press("escape")
        await until(pilot, lambda: "Over these images" not in screen_text(pilot.app))


async def test_hiding_what_is_being_read_cancels_it(archive):
    async with reading(archive, study_of(archive)) as (pilot, screen):
        objects = screen.derived
        await until(pilot, lambda: len(objects.layers_of(screen.active)) == 3)
        layer = objects.layers_of(screen.active)[0]
        objects.switch(layer, on=True)
        token = layer.loading
        objects.switch(layer, on=False)
        assert token.cancelled
        assert layer.loading is None


async def test_a_broken_object_is_said_to_be(archive, folder):
    async with reading(archive, study_of(archive), size=(160, 36)) as (pilot, screen):
        objects = screen.derived
        await until(pilot, lambda: len(objects.layers_of(screen.active)) == 3)
        (layer,) = (layer for layer in objects.layers_of(screen.active) if layer.header.name == "Organs")
        (folder / "seg.dcm").rename(folder / "away.dcm")
        try:
            objects.switch(layer, on=True)
            await until(pilot, lambda: layer.failure)
        finally:
            (folder / "away.dcm").rename(folder / "seg.dcm")
        assert not layer.is_on
        await pilot.press("O")
        await until(pilot, lambda: "no such file" in screen_text(pilot.app))


async def test_without_objects_the_keys_say_so(tmp_path):
    with LocalArchive.temporary() as archive:
        take_in(archive, ct_files())
        async with reading(archive, study_of(archive), size=(120, 36)) as (pilot, _):
            await pilot.press("o")
            await pilot.press("O")
            await until(pilot, lambda: "Nothing in this study" in screen_text(pilot.app))
            await pilot.press("escape")


def test_two_studies_side_by_side_are_each_looked_through_once():
    entries = [
        SimpleNamespace(
            study=SimpleNamespace(id=number), series=SimpleNamespace(id=number, modality=modality)
        )
        for number in (1, 2)
        for modality in ("SEG", "PR")
    ]
    searches = []
    screen = SimpleNamespace(archive="one", shelf=Shelf(tuple(entries)), keymap=None, active=None)
    screen.run_worker = lambda work, **_: searches.append(work.close())
    panes = [SimpleNamespace(entry=entry, frame=None, number=0, shown_ref=None) for entry in entries[::2]]
    for part in (DerivedObjects(screen), Presenting(screen)):
        searches.clear()
        if isinstance(part, Presenting):
            part.attach([SimpleNamespace(number=0, mark_sources=())])
        else:
            part.layers_of = lambda _: ()
        for _ in range(3):
            for pane in panes:
                part.look(pane)
        assert len(searches) == 2
