from pathlib import Path

import pytest
from derived_objects import items, saved
from interface_apps import screen_text
from pydicom.data import get_testdata_file
from viewing import reading, settled, take_in

from archive.index.worklist import studies
from archive.local_archive import LocalArchive
from noctis_tui.interface.viewer.page_view import folded

BASIC_TEXT = "1.2.840.10008.5.1.4.1.1.88.11"


@pytest.fixture
def archive(tmp_path):
    """A report of a hundred lines."""
    name = [items(CodeValue="1", CodingSchemeDesignator="99", CodeMeaning="Line")]
    content = [
        items(ValueType="TEXT", ConceptNameCodeSequence=name, TextValue=f"number {place}")
        for place in range(100)
    ]
    ds = items(PatientName="Doe^Jane", PatientID="7", StudyInstanceUID="1.2.3", Modality="SR")
    ds.ValueType, ds.ContentSequence = "CONTAINER", content
    with LocalArchive.temporary() as opened:
        take_in(opened, [saved(ds, tmp_path / "sr.dcm", BASIC_TEXT)])
        yield opened


async def test_a_report_scrolls_by_the_keys_of_images(archive):
    (study,) = studies(archive.index)
    async with reading(archive, study) as (pilot, screen):
        page = screen.active.page
        assert page.display
        await pilot.pause(0.1)
        assert "Line: number 1" in screen_text(pilot.app)
        await pilot.press("j", "j", "k")
        assert page.scroll_offset.y == 1
        await pilot.press("J")
        assert page.scroll_offset.y == 11
        await pilot.press("ctrl+d")
        assert page.scroll_offset.y == 11 + page.page_rows
        await pilot.press("G")
        await pilot.pause()
        assert "Line: number 99" in screen_text(pilot.app)
        await pilot.press("j", "g")
        assert page.scroll_offset.y == 0


async def test_the_footer_tells_the_keys_of_a_text_and_tools_say_that_there_is_no_picture(archive):
    (study,) = studies(archive.index)
    async with reading(archive, study, size=(120, 30)) as (pilot, screen):
        await pilot.pause(0.1)
        footer = screen_text(pilot.app).splitlines()[-1]
        assert "jk scroll" in footer
        assert "Ctrl+D page" in footer
        assert "window" not in footer
        said = []
        screen.say = said.append
        for key in ("h", "d", "w", "p", "i", "asterisk", "r", "1"):
            await pilot.press(key)
            assert said.pop().startswith("This is text: ")
            assert not said
            assert screen.mode == ""
        await pilot.press("n", "M")
        assert screen.mode == "reading_list"
        await pilot.press("escape", "I")
        assert screen.app.screen is not screen


async def test_an_ecg_is_paged_like_a_clip():
    with LocalArchive.temporary() as archive:
        take_in(archive, [Path(get_testdata_file("waveform_ecg.dcm"))])
        (study,) = studies(archive.index)
        async with reading(archive, study) as (pilot, screen):
            assert len(screen.active.state.stack) == 2
            assert screen.active.frame.is_color
            await pilot.press("j")
            await settled(pilot, screen)
            assert screen.active.state.frame_index == 1
            assert screen.active.frame is not None


@pytest.mark.parametrize(
    ("text", "width", "wanted"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("a\n\nb", 9, ["a", "", "b"]),
        ("漢字漢字", 5, ["漢字", "漢字"]),
        ("", 5, [""]),
    ],
)
def test_long_lines_are_folded(text, width, wanted):
    assert folded(text, width) == wanted
