import pytest
from textual.widgets import Static
from viewing import reading, settled, take_in

from archive.local_archive import LocalArchive
from archive.pixels.suv_type import SuvType


@pytest.fixture
def archive():
    with LocalArchive.temporary() as temporary:
        yield temporary


def _footer(screen):
    return str(screen.query_one("#viewer-footer", Static).content)


async def test_the_key_goes_round_and_says_what_is_missing(archive, shared_data):
    take_in(archive, [shared_data / "single/pt_acrin_flt_029.dcm"])
    async with reading(archive, size=(140, 30)) as (pilot, screen):
        said = []
        screen.say = said.append
        await pilot.press("p")
        await settled(pilot, screen)
        assert "Bq/ml · SUVbw" in _footer(screen)
        for _ in range(4):
            await pilot.press("U")
            await settled(pilot, screen)
        assert said == [
            "SUVlbm cannot be calculated: Patient's Size is missing.",
            "SUVbsa cannot be calculated: Patient's Size is missing.",
            "No SUV.",
            "SUVbw in g/ml",
        ]
        assert screen.active.state.view.suv_type is SuvType.BODY_WEIGHT
        await pilot.press("U", "U", "U")
        await settled(pilot, screen)
        assert "SUV" not in _footer(screen)


async def test_other_images_have_none(archive, shared_data):
    take_in(archive, [shared_data / "single/seg_ref_ct.dcm"])
    async with reading(archive) as (pilot, screen):
        said = []
        screen.say = said.append
        await pilot.press("U")
        assert said == ["Only PET images have standardized uptake values."]
