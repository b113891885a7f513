"""Studies that hang themselves, in the application."""

import numpy as np
import pytest
from phantoms import write_image
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import DigitalMammographyXRayImageStorageForPresentation as Mammogram
from pydicom.uid import generate_uid
from viewing import files_in, reading, settled, take_in

from archive.errors import BadInput
from archive.local_archive import LocalArchive
from noctis_tui.graphics.terminal.detection import TerminalGraphics
from noctis_tui.interface.app import NoctisApp
from noctis_tui.preferences import Preferences
from noctis_tui.reading.grid import Grid

STORED = {"LMLO": ("P", "FL"), "RMLO": ("P", "FL"), "LCC": ("A", "R"), "RCC": ("A", "R")}
"""How the detector gave them: the right ones lie the wrong way round."""


def _mammograms(folder, *, one_series):
    folder.mkdir()
    common = {"StudyInstanceUID": generate_uid(), "SOPClassUID": Mammogram, "Modality": "MG"}
    if one_series:
        common["SeriesInstanceUID"] = generate_uid()
    for number, (name, stored) in enumerate(STORED.items(), 1):
        code = Dataset()
        code.CodeValue = {"CC": "399162004", "MLO": "399368009"}[name[1:]]
        code.CodingSchemeDesignator, code.CodeMeaning = "SCT", "view"
        write_image(
            folder / f"{name}.dcm",
            np.full((40, 30), 100 * number, np.uint16),
            ViewCodeSequence=Sequence([code]),
            ImageLaterality=name[0],
            PatientOrientation=list(stored),
            InstanceNumber=number,
            SeriesNumber=number,
            **common,
        )
    return files_in(folder)


@pytest.fixture
def archive():
    with LocalArchive.temporary() as temporary:
        yield temporary


async def _hung(pilot, screen, grid):
    for _ in range(400):
        if screen.grid == grid and all(pane.entry for pane in screen.shown_panes):
            await settled(pilot, screen)
            return
        await pilot.pause(0.01)
    raise AssertionError(f"the study never hung as {grid}")


@pytest.mark.parametrize("one_series", [False, True])
async def test_mammograms_hang_themselves_turned_as_they_should(archive, tmp_path, one_series):
    take_in(archive, _mammograms(tmp_path / "mg", one_series=one_series))
    async with reading(archive, size=(120, 40)) as (pilot, screen):
        await _hung(pilot, screen, Grid(2, 2))
        files = [pane.state.frame.path.stem for pane in screen.shown_panes]
        assert files == ["RCC", "LCC", "RMLO", "LMLO"]
        for pane, (right, bottom) in zip(screen.shown_panes, ("PL", "AR", "PF", "AF"), strict=True):
            from noctis_tui.imaging.patient_space import turned

            view = pane.state.view
            letters = turned(pane.frame.edge_letters, view.quarter_turns, view.mirrored)
            assert (letters.right[0], letters.bottom[0]) == (right, bottom)
        await pilot.press("r", "v", ".")
        assert screen.active.state.view == screen.active.state.view.reset()
        assert screen.active.state.view.hung == (
            screen.active.state.view.quarter_turns,
            screen.active.state.view.mirrored,
        )


async def test_a_reader_who_began_is_left_alone(archive, tmp_path):
    files = _mammograms(tmp_path / "mg", one_series=False)
    take_in(archive, files[:1])
    async with reading(archive, size=(120, 40)) as (pilot, screen):
        await pilot.press("i")
        take_in(archive, files)
        for _ in range(300):
            if len(screen.shelf) == 4:
                break
            await pilot.pause(0.01)
        await pilot.pause(0.2)
        assert screen.grid == Grid(1, 1)


async def test_a_study_that_still_arrives_hangs_when_there_is_enough(archive, tmp_path):
    files = _mammograms(tmp_path / "mg", one_series=False)
    take_in(archive, files[:1])
    async with reading(archive, size=(120, 40)) as (pilot, screen):
        assert screen.grid == Grid(1, 1)
        take_in(archive, files)
        await _hung(pilot, screen, Grid(2, 2))


async def test_the_chooser_offers_the_layouts_that_fit_below_the_grids(archive, tmp_path):
    take_in(archive, _mammograms(tmp_path / "mg", one_series=False))
    async with reading(archive, size=(120, 40)) as (pilot, screen):
        await _hung(pilot, screen, Grid(2, 2))
        await pilot.press("F", "1", "1")  # typed at once: nothing waits for the rules
        await _hung(pilot, screen, Grid(1, 1))
        await pilot.press("F")
        for _ in range(200):
            await pilot.pause(0.01)
            offered = [choice.detail for choice in pilot.app.screen._choices]
            if len(offered) > 9:
                break
        assert offered[9:] == ["Mammography: RCC LCC, RMLO LMLO"]
        assert pilot.app.screen.list.row.name == "1x1"
        await pilot.press(*"j" * 9, "enter")
        await _hung(pilot, screen, Grid(2, 2))


def test_a_config_with_a_wrong_rule_does_not_start(archive):
    preferences = Preferences(hanging={"mine": {"title": "x", "layot": "2x2"}})
    with pytest.raises(BadInput, match="did you mean layout"):
        NoctisApp(archive, TerminalGraphics("blocks", 1, 2, 0, "a test"), preferences, lambda: None)
