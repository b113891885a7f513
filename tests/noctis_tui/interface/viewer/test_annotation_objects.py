"""Ctrl+O writes what is drawn as DICOM objects of the study; Ctrl+G takes it over again."""

import numpy as np
import phantoms
import pytest
from interface_apps import settled as quiet
from viewing import files_in, reading, take_in

from archive.annotating import DeleteAnnotation, PutAnnotation, annotations_of, edit
from archive.annotations.annotation import Annotation, FrameKey, Kind
from archive.index.worklist import series_of, studies
from archive.local_archive import LocalArchive

UUID = "7d9f0a52-3df2-4c0e-9b3c-7a2f0d7e1c11"


@pytest.fixture
def archive(tmp_path):
    phantoms.write_image(
        tmp_path / "image.dcm",
        np.zeros((16, 16), "int16"),
        StudyInstanceUID="1.2",
        SeriesInstanceUID="1.2.3",
        SOPInstanceUID="1.2.3.4",
        PixelSpacing=[1, 1],
    )
    with LocalArchive.open(tmp_path / "archive") as opened:
        take_in(opened, files_in(tmp_path / "image.dcm"))
        yield opened


def _modalities(archive):
    (study,) = studies(archive.index)
    return sorted(series.modality for series in series_of(archive.index, study.id))


async def test_what_is_drawn_leaves_and_comes_back(archive):
    drawn = Annotation(UUID, FrameKey("1.2", "1.2.3", "1.2.3.4"), Kind.LENGTH, ((1, 1), (4, 5)), author="me")
    edit(archive, [PutAnnotation(drawn)])
    async with reading(archive, size=(100, 30)) as (pilot, _):
        await pilot.press("ctrl+o")
        await quiet(pilot, lambda: _modalities(archive) == ["CT", "PR", "SR"])
        edit(archive, [DeleteAnnotation("1.2", UUID)])
        await pilot.press("ctrl+g")
        await quiet(pilot, lambda: bool(annotations_of(archive.index, "1.2").annotations))
    (back,) = annotations_of(archive.index, "1.2").annotations
    assert (back.uid, back.kind, back.points) == (UUID, Kind.LENGTH, ((1, 1), (4, 5)))


async def test_nothing_drawn_is_said(archive):
    async with reading(archive, size=(100, 30)) as (pilot, screen):
        said = []
        screen.say = said.append
        await pilot.press("ctrl+o")
        await quiet(pilot, lambda: bool(said))
        assert said == ["There is no annotation and no key image to write."]
        await pilot.press("ctrl+g")
        await quiet(pilot, lambda: len(said) == 2)
        assert "has no report" in said[1]
    assert _modalities(archive) == ["CT"]


async def test_beside_files_nothing_is_exchanged(tmp_path):
    phantoms.write_image(tmp_path / "image.dcm", np.zeros((16, 16), "int16"))
    with LocalArchive.temporary() as archive:
        take_in(archive, files_in(tmp_path / "image.dcm"))
        async with reading(archive, size=(100, 30)) as (pilot, screen):
            said = []
            screen.say = said.append
            await pilot.press("ctrl+o")
            await quiet(pilot, lambda: bool(said))
    assert "import the study" in said[0]
