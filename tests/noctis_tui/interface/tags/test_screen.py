"""The tree of elements: everything in the file, folded, searched and copied, and nothing of it obeyed."""

from __future__ import annotations

from contextlib import asynccontextmanager

import data_sets as ds
from interface_apps import BLOCKS, arrive, open_archive, running, screen_text, settled, worklist_app

from noctis_tui.interface.app import NoctisApp
from noctis_tui.interface.tags.instances import Instances
from noctis_tui.interface.tags.screen import TagsScreen
from noctis_tui.interface.tags.value_screen import ValueScreen
from noctis_tui.preferences import Preferences


@asynccontextmanager
async def browsing(*files, size=(120, 24)):
    app = NoctisApp(None, BLOCKS, Preferences(), lambda: TagsScreen(Instances(files, 0, "Doe, Jane")))
    async with running(app, size) as pilot:
        await settled(pilot, lambda: len(app.screen.elements.outline) > 0)
        yield pilot, app.screen


def written(path, data_set):
    path.write_bytes(ds.part10(data_set))
    return path


def nested_file(path, comment=b"found me", name=b"Doe^Jane"):
    inner = ds.item(ds.element(0x00401002, b"LO", comment))
    outer = ds.item() + ds.item(ds.element(0x00081140, b"SQ", inner))
    data_set = ds.element(0x00081111, b"SQ", outer) + ds.element(0x00100010, b"PN", name)
    return written(path, ds.smallest() + data_set + ds.element(0x7FE00010, b"OW", bytes(4000)))


async def searched(pilot, text):
    await pilot.press("/", *text)
    screen = pilot.app.screen
    await settled(pilot, lambda: "match" in screen._state())
    await pilot.press("enter")


async def test_d_shows_every_element_and_the_search_goes_through_matches(tmp_path):
    with open_archive(tmp_path / "a") as (archive, lease):
        arrive(archive, lease, 1, PatientComments="\x1b[31m[red]attention", ImageComments="attention too")
        async with running(worklist_app(archive), (120, 20)) as pilot:
            await settled(pilot, lambda: pilot.app.screen.table.studies.total == 1)
            await pilot.press("d")
            await settled(pilot, lambda: isinstance(pilot.app.screen, TagsScreen))
            await settled(pilot, lambda: "elements" in screen_text(pilot.app))
            assert "(0002,0010)" in screen_text(pilot.app)
            await searched(pilot, "attention")
            await settled(pilot, lambda: "␛[31m[red]attention" in screen_text(pilot.app))
            assert "match 1 of 2" in screen_text(pilot.app)
            await pilot.press("n")
            assert "match 2 of 2" in screen_text(pilot.app)
            await pilot.press("n")
            assert "match 1 of 2" in screen_text(pilot.app)
            await pilot.press("escape", "escape")
            await settled(pilot, lambda: not isinstance(pilot.app.screen, TagsScreen))


async def test_sequences_are_folded_until_they_are_opened(tmp_path):
    async with browsing(nested_file(tmp_path / "a.dcm")) as (pilot, _screen):
        assert "▸ ReferencedStudySequence" not in screen_text(pilot.app)
        assert "▸ ReferencedPerformedProcedureStepSequence" in screen_text(pilot.app)
        assert "2 items" in screen_text(pilot.app)
        await searched(pilot, "ReferencedPerformed")
        await pilot.press("enter", "j", "j", "l", "j", "enter")
        assert "▾ Item 2" in screen_text(pilot.app)
        assert "▾ ReferencedImageSequence" in screen_text(pilot.app)
        await pilot.press("h", "h", "h", "h", "h", "h")
        assert "▸ ReferencedPerformedProcedureStepSequence" in screen_text(pilot.app)
        assert "ReferencedImageSequence" not in screen_text(pilot.app)
        await pilot.press("+")
        assert "found me" in screen_text(pilot.app)
        await pilot.press("-")
        assert "found me" not in screen_text(pilot.app)


async def test_a_match_that_is_folded_away_is_unfolded(tmp_path):
    async with browsing(nested_file(tmp_path / "a.dcm")) as (pilot, screen):
        for text in ("found me", "00401002", "0040,1002", "ReasonFor"):
            await searched(pilot, text)
            assert screen.elements.row.node.path == "(0008,1111)[2](0008,1140)[1](0040,1002)"
            await pilot.press("escape", "-")
        await searched(pilot, "PN")
        assert screen.elements.row.node.path == "(0010,0010)"
        assert "match 1 of 1" in screen_text(pilot.app)


async def test_the_next_instance_shows_the_same_element(tmp_path):
    first = nested_file(tmp_path / "a.dcm")
    second = nested_file(tmp_path / "b.dcm", b"me too", b"Doe^John")
    async with browsing(first, second) as (pilot, screen):
        await searched(pilot, "found me")
        path = screen.elements.row.node.path
        await pilot.press("escape", "J")
        await settled(pilot, lambda: "me too" in screen_text(pilot.app))
        assert (screen.elements.row.node.path, screen.instances.index) == (path, 1)
        await pilot.press("J", "K")
        await settled(pilot, lambda: "found me" in screen_text(pilot.app))
        assert screen.elements.row.node.path == path


async def test_values_and_paths_are_copied_with_nothing_that_a_shell_obeys(tmp_path):
    copied = []
    async with browsing(nested_file(tmp_path / "a.dcm", name=b"Doe\x1b^rm\n")) as (pilot, _screen):
        pilot.app.copy_to_clipboard = copied.append
        await searched(pilot, "PatientName")
        await pilot.press("y", "Y")
    assert copied == ["Doe␛^rm␊", "(0010,0010)"]


async def test_a_large_value_is_shown_to_its_end(tmp_path):
    async with browsing(nested_file(tmp_path / "a.dcm")) as (pilot, screen):
        await searched(pilot, "PixelData")
        await pilot.press("enter")
        await settled(pilot, lambda: isinstance(pilot.app.screen, ValueScreen))
        await pilot.press("G")
        await settled(pilot, lambda: "00000f90" in screen_text(pilot.app) or "2000" in screen_text(pilot.app))
        await pilot.press("q")
        await settled(pilot, lambda: pilot.app.screen is screen)


async def test_a_file_with_a_hundred_thousand_items_opens_folded(tmp_path):
    items = ds.item(ds.element(0x00081150, b"UI", b"1.2.9\0")) * 100_000
    file = written(tmp_path / "many.dcm", ds.smallest() + ds.element(0x00081199, b"SQ", items))
    async with browsing(file) as (pilot, screen):
        assert len(screen.elements.outline) < 20
        assert "100 000 items" in screen_text(pilot.app)
        await searched(pilot, "SQ")
        await pilot.press("enter", "G")
        assert "Item 100000" in screen_text(pilot.app)


async def test_what_is_no_dicom_and_what_is_cut_short_is_said(tmp_path):
    (tmp_path / "no.dcm").write_bytes(b"no DICOM at all" * 20)
    app = NoctisApp(None, BLOCKS, Preferences(), lambda: TagsScreen(Instances((tmp_path / "no.dcm",))))
    async with running(app, (80, 24)) as pilot:
        await settled(pilot, lambda: "This is not a DICOM file." in screen_text(app))
        await pilot.press("j", "enter", "y", "Y", "n", "+", "-", "h", "l")
    cut = tmp_path / "cut.dcm"
    cut.write_bytes(ds.part10(ds.smallest())[:-3])
    async with browsing(cut) as (pilot, _):
        assert "cut short" in screen_text(pilot.app)
        assert "(0020,000E)" in screen_text(pilot.app)


async def test_what_varies_within_the_series_leads_back_to_its_element(tmp_path):
    files = [nested_file(tmp_path / f"{number}.dcm", b"%d" % number) for number in range(3)]
    async with browsing(*files) as (pilot, screen):
        await pilot.press("v")
        await settled(pilot, lambda: "1 element varies within 3 instances" in screen_text(pilot.app))
        assert "ReasonForTheRequestedProcedure" in screen_text(pilot.app)
        await pilot.press("J", "J", "J", "enter")
        await settled(pilot, lambda: screen.instances.index == 2 and "(0040,1002)" in screen_text(pilot.app))
        await settled(
            pilot, lambda: screen.elements.row.node.path == "(0008,1111)[2](0008,1140)[1](0040,1002)"
        )
        assert screen.elements.outline.attribute(screen.elements.row).value == "2"


async def test_an_instance_is_compared_with_the_one_before(tmp_path):
    from noctis_tui.interface.diff.screen import DiffScreen

    files = [nested_file(tmp_path / f"{number}.dcm", b"%d" % number) for number in range(2)]
    async with browsing(*files) as (pilot, _):
        await pilot.press("J", "D")
        await settled(pilot, lambda: isinstance(pilot.app.screen, DiffScreen))
        await settled(pilot, lambda: "1 difference" in screen_text(pilot.app))
        assert "instance 1" in screen_text(pilot.app)
