"""This study on the left, another one of the patient on the right."""

import asyncio
import subprocess
import sys

import numpy as np
import phantoms
import pytest
from phantoms import AXIAL, CORONAL, write_oriented
from pydicom.uid import generate_uid
from viewing import files_in, reading, settled, take_in

from archive.bringing_in import bring_in
from archive.index.changes import wake_followers
from archive.index.worklist import instances_of, series_of, studies
from archive.local_archive import LocalArchive
from noctis_tui.interface.dialogs.choice import ChoiceDialog
from noctis_tui.reading.grid import Grid
from noctis_tui.reading.linking import Tie
from noctis_tui.reading.stack_view import StackView

SIZE = {"size": 16, "spacing_mm": 16.0}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("studies")
    for date, planes, name in (
        ("20260310", ("ax", "cor"), "Phantom^Multi"),
        ("20240112", ("cor", "ax"), "Phantom^Multi"),
        ("20210801", ("ax",), "Other^Name"),
    ):
        study = {"StudyInstanceUID": generate_uid(), "FrameOfReferenceUID": generate_uid()}
        about = {
            "StudyDate": date,
            "PatientID": "PH-7",
            "PatientName": name,
            "Modality": "MR",
            **study,
            **SIZE,
        }
        for number, plane in enumerate(planes, 1):
            orientation = AXIAL if plane == "ax" else CORONAL
            count = 10 if date == "20260310" else 19
            place = folder / date / plane
            first = (-120.0, -120.0, 200.0)
            description = {"SeriesNumber": number, "SeriesDescription": f"T1 {plane}"}
            write_oriented(place, orientation, first, slices=count, step_mm=5, **description, **about)
    return files_in(folder)


@pytest.fixture
def archive(files):
    with LocalArchive.temporary() as temporary:
        take_in(temporary, files)
        yield temporary


def _study(archive, date):
    return next(study for study in studies(archive.index) if study.study_date == date)


async def until(pilot, holds):
    for _ in range(500):
        if holds():
            return
        await pilot.pause(0.01)
    assert holds()


async def _compare(pilot, screen, *keys):
    await pilot.press("&")
    for _ in range(200):
        await pilot.pause(0.01)
        if isinstance(pilot.app.screen, ChoiceDialog):
            break
    await pilot.press(*keys, "enter")
    for _ in range(300):
        await pilot.pause(0.01)
        if screen.grid == Grid(1, 2) and screen.panes[1].begun is not None:
            break
    await settled(pilot, screen)


async def test_the_prior_comes_into_view_where_this_study_is(archive):
    async with reading(archive, _study(archive, "20260310"), size=(160, 40)) as (pilot, screen):
        await pilot.press(*["j"] * 6)
        await settled(pilot, screen)
        await _compare(pilot, screen)
        for _ in range(200):
            await pilot.pause(0.01)
            if screen.panes[1].state.frame_index:
                break
        assert screen.panes[0].state.frame_index == 6
        assert screen.panes[1].state.frame_index == 12  # two thirds of the way in both


async def test_the_prior_stands_on_the_right_with_its_date_and_the_like_series(archive):
    async with reading(archive, _study(archive, "20260310"), size=(160, 40)) as (pilot, screen):
        await _compare(pilot, screen)
        left, right = screen.shown_panes
        assert (left.entry.study.study_date, right.entry.study.study_date) == ("20260310", "20240112")
        assert right.entry.series.series_description == left.entry.series.series_description == "T1 ax"
        assert "CURRENT 2026-03-10" in str(left._title.content)
        assert "PRIOR 2024-01-12" in str(right._title.content)
        await until(
            pilot, lambda: "2 y 1 m before" in str(right._title.content)
        )  # not before it has its width
        assert right.tie == Tie.SHARE
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        title = str(right._title.content)
        assert "PRIOR 2024-01-12" in title
        assert "T1 ax" in title  # the date and the series come before how long ago it was


async def test_they_scroll_together_and_another_series_brings_its_like(archive):
    async with reading(archive, _study(archive, "20260310"), size=(160, 40)) as (pilot, screen):
        await _compare(pilot, screen)
        left, right = screen.shown_panes
        await pilot.press("j", "j", "j")
        await settled(pilot, screen)
        assert (left.state.frame_index, right.state.frame_index) == (3, 6)
        await pilot.press("right")
        for _ in range(200):
            await pilot.pause(0.01)
            if right.begun.series.series_description == "T1 cor":
                break
        assert left.begun.series.series_description == right.begun.series.series_description == "T1 cor"
        await pilot.press("right")
        await pilot.pause(0.1)
        assert left.entry.study.study_date == "20260310"  # the keys keep to the study of the pane


async def test_another_name_is_a_warning_before_and_after(archive):
    async with reading(archive, _study(archive, "20260310"), size=(160, 40)) as (pilot, screen):
        await pilot.press("&")
        await pilot.pause(0.3)
        warnings = [choice.warning for choice in pilot.app.screen._choices]
        assert warnings == ["", "other name"]
        await pilot.press("escape")
        await _compare(pilot, screen, "j")
        assert any("another name" in toast.message for toast in pilot.app._notifications)


async def test_a_later_study_is_called_later_and_the_comparison_ends(archive):
    async with reading(archive, _study(archive, "20240112"), size=(160, 40)) as (pilot, screen):
        await _compare(pilot, screen)
        assert "LATER 2026-03-10" in str(screen.panes[1]._title.content)
        await pilot.press("&")
        await pilot.pause(0.3)
        await pilot.press("enter")
        await pilot.pause(0.3)
        assert screen.grid == Grid(1, 1)
        assert {entry.study.study_date for entry in screen.shelf.entries} == {"20240112"}
        assert screen.panes[0].marks == ()


async def test_who_has_no_other_study_is_told(archive, tmp_path):
    write_oriented(tmp_path / "one", AXIAL, (0, 0, 0), slices=1, step_mm=1, PatientID="ALONE", **SIZE)
    take_in(archive, files_in(tmp_path / "one"))
    alone = next(study for study in studies(archive.index) if study.patient_id == "ALONE")
    async with reading(archive, alone) as (pilot, _):
        await pilot.press("&")
        await pilot.pause(0.3)
        assert any("no other study of patient ALONE" in t.message for t in pilot.app._notifications)


async def test_nothing_is_drawn_on_a_frame_of_the_series_before(archive):
    study = _study(archive, "20260310")
    async with reading(archive, study) as (_, screen):
        pane, here = screen.active, screen.measuring.frame_key()
        other = next(entry for entry in screen.shelf.entries if entry != pane.entry)
        pane.entry = other  # it was turned to, and its images are still looked for
        assert screen.measuring.frame_key() == here
        stack = await screen._read_stack(other)
        pane.begin(other, StackView(stack))  # they are known, and the first is still being decoded
        assert screen.measuring.frame_key() is None


async def test_an_index_made_again_shows_no_other_patient(tmp_path):
    """The first of three studies loses its file: ids move up by one, and two is another patient's."""
    files = [
        phantoms.write_image(
            tmp_path / f"{number}.dcm",
            np.zeros((8, 8), np.int16),
            StudyInstanceUID=f"1.2.{number}",
            SeriesInstanceUID=f"1.2.{number}.1",
            SOPInstanceUID=f"1.2.{number}.1.1",
            PatientID=f"P-{number}",
        )
        for number in (1, 2, 3)
    ]
    with LocalArchive.open(tmp_path / "archive") as kept:
        for file in files:
            bring_in(kept, [file])
        rows = {study.study_instance_uid: study for study in studies(kept.index)}
        async with reading(kept, rows["1.2.2"]) as (pilot, screen):
            (lost,) = instances_of(kept.index, series_of(kept.index, rows["1.2.1"].id)[0].id)
            lost.path.unlink()
            await asyncio.to_thread(_reindexed, tmp_path / "archive")
            wake_followers(kept.layout.run)
            for _ in range(500):
                await pilot.pause(0.01)
                if screen.active.entry is None or screen.active.entry.study.id != rows["1.2.2"].id:
                    break
            entry = screen.active.entry
            assert entry is not None
            assert (entry.study.patient_id, entry.study.id) == ("P-2", rows["1.2.1"].id)
            assert {each.study.patient_id for each in screen.shelf.entries} == {"P-2"}
            await settled(pilot, screen)
            assert screen.active.frame.image.sop_instance_uid == "1.2.2.1.1"


def _reindexed(root):
    command = [sys.executable, "-m", "noctis_tui", "--archive", str(root), "reindex"]
    subprocess.run(command, check=True, capture_output=True)
