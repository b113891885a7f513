"""What is drawn in one archive leaves as objects and is the same in another, beside a receiver, too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pydicom
import pytest
from pydicom.data import get_testdata_file

from archive.annotating import PutAnnotation, PutKeyImage, PutLayer, annotations_of, edit
from archive.annotation_exchange import Exchanged, load_annotations
from archive.annotation_exchange import save_annotations as save
from archive.annotations.annotation import Annotation, FrameKey, KeyImage, Kind, Layer
from archive.annotations.measuring import measure
from archive.bringing_in import bring_in
from archive.errors import BadInput
from archive.index.targets import find_study
from archive.index.worklist import series_of
from archive.local_archive import LocalArchive
from archive.pixels.frames import ImageFile
from archive.reporting.measured import Appearance, Measured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CT = Path(get_testdata_file("CT_small.dcm"))
LOOKS = Appearance(words=lambda said: f"{said.value}")


def key() -> FrameKey:
    ds = pydicom.dcmread(CT, stop_before_pixels=True)
    return FrameKey(str(ds.StudyInstanceUID), str(ds.SeriesInstanceUID), str(ds.SOPInstanceUID))


STUDY = key().study_instance_uid


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[LocalArchive]:
    with LocalArchive.open(tmp_path / "archive") as opened:
        bring_in(opened, [CT])
        yield opened


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[LocalArchive]:
    with LocalArchive.open(tmp_path / "elsewhere") as opened:
        bring_in(opened, [CT])
        yield opened


def drawn(archive: LocalArchive) -> tuple[Annotation, ...]:
    made = (
        Annotation(
            str(uuid4()), key(), Kind.LENGTH, ((10, 10), (50, 60)), "=1+1", "Doubts", "reader", 1e9, 1e9
        ),
        Annotation(str(uuid4()), key(), Kind.ELLIPSE, ((30, 30), (60, 50)), "", "Doubts", "reader", 1e9, 1e9),
        Annotation(str(uuid4()), key(), Kind.TEXT, ((5, 6),), "see θ", "Measurements", "reader", 1e9, 1e9),
    )
    marks = [PutLayer(STUDY, Layer("Doubts", 5)), PutKeyImage(KeyImage(key(), "reader", 1e9))]
    edit(archive, [*(PutAnnotation(each) for each in made), *marks])
    return made


def save_annotations(archive: LocalArchive, study: str, author: str, *further: object) -> Exchanged:
    """Save what is kept, measured on the test's one image."""
    with ImageFile.open(CT) as image:
        stored, attributes = image.stored_values(0), image.frame_attributes(0)
    kept = annotations_of(archive.index, study).annotations
    measured = [
        Measured(
            each, measure(each.kind, each.points, stored, attributes) if each.kind is not Kind.TEXT else None
        )
        for each in kept
    ]
    return save(archive, study, measured, author, *further)  # type: ignore[arg-type] # the test's own


def shape(annotation: Annotation) -> tuple[object, ...]:
    return (
        annotation.uid,
        annotation.frame,
        annotation.kind,
        annotation.points,
        annotation.text,
        annotation.layer,
    )


def test_what_leaves_one_archive_is_the_same_in_another(
    archive: LocalArchive, elsewhere: LocalArchive, tmp_path: Path
) -> None:
    made = drawn(archive)
    out = tmp_path / "objects"
    saved = save_annotations(archive, STUDY, "Reader^R", LOOKS, out)
    assert (saved.objects, saved.annotations, saved.key_images) == (3, 3, 1)
    loaded = load_annotations(elsewhere, STUDY, sorted(out.iterdir()))
    assert (loaded.objects, loaded.annotations, loaded.key_images) == (3, 3, 1)
    back = annotations_of(elsewhere.index, STUDY)
    assert {shape(each) for each in back.annotations} == {shape(each) for each in made}
    assert {each.author for each in back.annotations} == {"Reader^R"}
    assert back.key_images[0].frame == key()


def test_loading_again_changes_nothing(archive: LocalArchive, tmp_path: Path) -> None:
    drawn(archive)
    before = annotations_of(archive.index, STUDY)
    save_annotations(archive, STUDY, "R", LOOKS, tmp_path / "objects")
    again = load_annotations(archive, STUDY, sorted((tmp_path / "objects").iterdir()))
    assert (again.annotations, again.key_images) == (0, 0)
    assert annotations_of(archive.index, STUDY) == before


def test_objects_become_series_of_the_study(archive: LocalArchive) -> None:
    drawn(archive)
    save_annotations(archive, STUDY, "R", LOOKS)
    series = series_of(archive.index, find_study(archive.index, STUDY).id)
    assert sorted(each.modality for each in series) == ["CT", "KO", "PR", "SR"]
    assert load_annotations(archive, STUDY).objects == 3


def test_nothing_to_save_is_said(archive: LocalArchive, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no annotation"):
        save_annotations(archive, STUDY, "R", LOOKS, tmp_path / "objects")
    assert not (tmp_path / "objects").exists()


def test_what_is_no_object_is_refused(archive: LocalArchive, tmp_path: Path) -> None:
    garbage = tmp_path / "garbage"
    garbage.write_bytes(b"\0" * 200)
    with pytest.raises(BadInput, match="cannot be read"):
        load_annotations(archive, STUDY, [garbage])


def test_images_that_the_archive_does_not_hold_are_left_out(archive: LocalArchive, tmp_path: Path) -> None:
    drawn(archive)
    save_annotations(archive, STUDY, "R", LOOKS, tmp_path / "objects")
    with LocalArchive.open(tmp_path / "other") as other:
        bring_in(other, [Path(get_testdata_file("MR_small.dcm"))])
        assert load_annotations(other, STUDY, sorted((tmp_path / "objects").iterdir())).annotations == 0


def test_frames_that_the_file_does_not_have_are_left_out(archive: LocalArchive, tmp_path: Path) -> None:
    made = Annotation(str(uuid4()), replace(key(), frame_number=2), Kind.LENGTH, ((1, 1), (5, 5)))
    beyond = [Measured(made), Measured(replace(made, uid=str(uuid4()), frame=key()))]
    saved = save(archive, STUDY, beyond, "R", LOOKS, tmp_path / "objects")
    assert saved.annotations == 1


def written(archive: LocalArchive, folder: Path) -> list[Path]:
    drawn(archive)
    save_annotations(archive, STUDY, "Reader^R", LOOKS, folder)
    return sorted(folder.iterdir())


def changed(path: Path, change: Callable[[pydicom.Dataset], object]) -> None:
    ds = pydicom.dcmread(path)
    change(ds)
    ds.save_as(path)


def first_graphic(ds: pydicom.Dataset) -> pydicom.Dataset:
    items = (item for item in ds.GraphicAnnotationSequence if "GraphicObjectSequence" in item)
    graphic: pydicom.Dataset = next(items).GraphicObjectSequence[0]
    return graphic


def test_long_names_are_cut(archive: LocalArchive, elsewhere: LocalArchive, tmp_path: Path) -> None:
    files = written(archive, tmp_path / "objects")
    state = next(file for file in files if "PR" in file.name)
    long = f"{'A' * 40}^{'B' * 40}"
    changed(state, lambda ds: setattr(ds, "ContentCreatorName", long))
    assert load_annotations(elsewhere, STUDY, files).annotations == 3
    assert {each.author for each in annotations_of(elsewhere.index, STUDY).annotations} == {long[:64]}


def test_a_graphic_that_makes_no_sense_costs_no_other(
    archive: LocalArchive, elsewhere: LocalArchive, tmp_path: Path
) -> None:
    files = written(archive, tmp_path / "objects")
    state = next(file for file in files if "PR" in file.name)

    def spoil(ds: pydicom.Dataset) -> None:
        first_graphic(ds).GraphicData = [-5e6, 1, 7, 2]

    changed(state, spoil)
    assert load_annotations(elsewhere, STUDY, [state]).annotations == 2


def test_an_annotation_of_another_study_costs_no_other(archive: LocalArchive, tmp_path: Path) -> None:
    files = written(archive, tmp_path / "objects")
    ds = pydicom.dcmread(CT)
    ds.StudyInstanceUID, ds.SOPInstanceUID = "1.2.77", "1.2.77.1"
    ds.save_as(tmp_path / "copy.dcm")
    bring_in(archive, [tmp_path / "copy.dcm"])

    def move(ds: pydicom.Dataset) -> None:
        ds.StudyInstanceUID = "1.2.77"
        for item in ds.GraphicAnnotationSequence:
            item.ReferencedImageSequence[0].ReferencedSOPInstanceUID = "1.2.77.1"
        first_graphic(ds).TrackingUID = f"2.25.{uuid4().int}"

    state = next(file for file in files if "PR" in file.name)
    changed(state, move)
    assert load_annotations(archive, "1.2.77", [state]).annotations == 1
    assert len(annotations_of(archive.index, STUDY).annotations) == 3


def test_objects_need_not_say_the_series_of_their_images(
    archive: LocalArchive, elsewhere: LocalArchive, tmp_path: Path
) -> None:
    files = [file for file in written(archive, tmp_path / "objects") if "PR" not in file.name]
    for file in files:
        changed(file, lambda ds: delattr(ds, "CurrentRequestedProcedureEvidenceSequence"))
    loaded = load_annotations(elsewhere, STUDY, files)
    assert (loaded.annotations, loaded.key_images) == (2, 1)
    assert {each.frame for each in annotations_of(elsewhere.index, STUDY).annotations} == {key()}


def test_many_points_come_in_parts(archive: LocalArchive, elsewhere: LocalArchive, tmp_path: Path) -> None:
    outline = tuple((1.0 + number % 100, 1.0 + number / 100) for number in range(4000))
    shapes = [Annotation(str(uuid4()), key(), Kind.POLYLINE, outline) for _ in range(26)]
    for shape in shapes:
        edit(archive, [PutAnnotation(shape)])
    save_annotations(archive, STUDY, "R", LOOKS, tmp_path / "objects")
    assert load_annotations(elsewhere, STUDY, sorted((tmp_path / "objects").iterdir())).annotations == 26


def test_an_image_that_is_gone_is_no_other_whose_uid_begins_so(archive: LocalArchive, tmp_path: Path) -> None:
    gone = replace(key(), sop_instance_uid=key().sop_instance_uid[:-1])
    measured = [Measured(Annotation(str(uuid4()), gone, Kind.LENGTH, ((1, 1), (5, 5))))]
    with pytest.raises(BadInput, match="no annotation"):
        save(archive, STUDY, measured, "R", LOOKS, tmp_path / "objects")
