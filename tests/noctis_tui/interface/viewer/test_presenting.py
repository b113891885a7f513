import shutil

import pytest
from derived_objects import ct_data_sets, ct_files, saved
from viewing import files_in, reading, settled, take_in

from archive.index.worklist import studies
from archive.local_archive import LocalArchive


def state(folder, label, number, **attributes):
    import highdicom as hd
    from pydicom.uid import generate_uid

    made = hd.pr.GrayscaleSoftcopyPresentationState(
        ct_data_sets(), generate_uid(), number, generate_uid(), 1, "Noctis", "a test", "1", "1", label,
        voi_lut_transformations=[hd.pr.SoftcopyVOILUTTransformation(window_center=7, window_width=70)],
    )  # fmt: skip
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    saved(made, folder / f"{label}.dcm")


@pytest.fixture
def archive(tmp_path):
    for file in ct_files():
        shutil.copy(file, tmp_path / f"{file.name}.dcm")
    state(tmp_path, "FIRST", 400)
    state(tmp_path, "TURNED", 401, ImageRotation=90, ImageHorizontalFlip="N")
    with LocalArchive.temporary() as opened:
        take_in(opened, files_in(tmp_path))
        yield opened


async def test_states_are_applied_one_after_the_other_and_taken_away(archive):
    (study,) = studies(archive.index)
    async with reading(archive, study) as (pilot, screen):
        pane, presenting = screen.active, screen.presenting
        for _ in range(200):
            await pilot.pause(0.01)
            if len(presenting.states_of(pane)) == 2:
                break
        before = pane.state.view
        await pilot.press("s")
        await settled(pilot, screen)
        assert pane.frame.attributes.windows[0].center == 7
        shown = pane.frame
        await pilot.press("i")
        await settled(pilot, screen)
        assert pane.frame is shown  # what was worked out for it is not worked out again
        await pilot.press("i", "j")
        await settled(pilot, screen)
        assert pane.frame.attributes.windows[0].center == 7
        await pilot.press("s")
        assert pane.state.view.quarter_turns == 1
        await pilot.press("s")
        await settled(pilot, screen)
        assert pane.state.view == before
        assert pane.frame.attributes.windows[0].center != 7


async def test_without_states_the_key_says_so():
    with LocalArchive.temporary() as archive:
        take_in(archive, ct_files())
        (study,) = studies(archive.index)
        async with reading(archive, study) as (pilot, screen):
            before = screen.active.state.view
            await pilot.press("s")
            assert screen.active.state.view == before
