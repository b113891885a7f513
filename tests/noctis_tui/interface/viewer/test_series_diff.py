"""From two series in view to what differs between their elements."""

import pytest
from interface_apps import screen_text
from phantoms import AXIAL, write_oriented
from pydicom.uid import generate_uid
from viewing import files_in, reading, settled, take_in

from archive.local_archive import LocalArchive
from noctis_tui.interface.diff.screen import DiffScreen


@pytest.fixture
def archive(tmp_path):
    """Two series of one study, whose kernels differ."""
    common = {"StudyInstanceUID": generate_uid(), "Modality": "CT"}
    for number, kernel in ((1, "SHARP"), (2, "SOFT")):
        about = {"SeriesNumber": number, "ConvolutionKernel": kernel, "SeriesDescription": kernel.lower()}
        write_oriented(
            tmp_path / str(number),
            AXIAL,
            (0, 0, 0),
            slices=2,
            step_mm=5,
            size=16,
            spacing_mm=1,
            **common,
            **about,
        )
    with LocalArchive.temporary() as temporary:
        take_in(temporary, files_in(tmp_path))
        yield temporary


async def _compared(pilot):
    for _ in range(200):
        await pilot.pause(0.05)
        if isinstance(pilot.app.screen, DiffScreen) and not pilot.app.screen.said:
            return screen_text(pilot.app)
    raise AssertionError("nothing was compared")


async def test_a_series_is_marked_and_compared_with_the_next_one(archive):
    async with reading(archive, size=(120, 36)) as (pilot, screen):
        said = []
        screen.say = said.append
        await pilot.press("D")
        assert said == ["Series 1 sharp is marked; D on another series tells what differs."]
        await pilot.press("D")
        assert said[1:] == ["This series is no longer marked."]
        await pilot.press("D", "right")
        await settled(pilot, screen)
        await pilot.press("D")
        text = await _compared(pilot)
        assert "Series 1 sharp" in text
        assert "ConvolutionKernel" in text.replace(" ", "")


async def test_two_series_in_view_are_compared_at_once(archive):
    async with reading(archive, size=(120, 36)) as (pilot, screen):
        await pilot.press("F", "1", "2")
        await settled(pilot, screen)
        await pilot.press("D")
        assert "SHARP" in await _compared(pilot)
