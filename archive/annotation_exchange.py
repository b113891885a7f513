"""Annotations leave as DICOM objects, into the archive or a folder, and come back from them."""

from __future__ import annotations

import logging
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from archive.annotating import PutAnnotation, PutKeyImage, PutLayer, annotations_of, edit
from archive.annotations.edits import MAXIMUM_EDITED_POINTS, MAXIMUM_EDITS, check_edits
from archive.bringing_in import bring_in
from archive.errors import BadInput, NoctisError, NotFound
from archive.index.study_images import images_of_study
from archive.reporting.document import Document
from archive.reporting.gathering import gather
from archive.reporting.objects import annotations_in, holds_annotations, objects_of
from archive.reporting.opening import open_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydicom.dataset import Dataset

    from archive.annotating import Edit
    from archive.annotations.annotation import Annotations, FrameKey
    from archive.local_archive import LocalArchive
    from archive.reporting.measured import Appearance, Material, Measured

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Exchanged:
    """How much left, or came.

    Attributes
    ----------
    objects
        DICOM objects written, or read.
    annotations, key_images
        In them; of what was read, those that are new here.
    """

    objects: int
    annotations: int
    key_images: int


def save_annotations(
    archive: LocalArchive,
    study_instance_uid: str,
    measured: Sequence[Measured],
    author: str,
    appearance: Appearance,
    folder: Path | None = None,
) -> Exchanged:
    """Write a study's annotations as new objects of the study; not for the event loop.

    Parameters
    ----------
    measured
        Its annotations, with what they measure.
    author
        Who answers for them, as Person Name.
    appearance
        How they look in other programs.
    folder
        Where the files go; None for the archive itself, as a new series each.

    Raises
    ------
    BadInput
        There is nothing to write.
    NoctisError
        The archive or the folder does not take it.
    """
    material = gather(archive.index, study_instance_uid, measured)
    made = _objects(material, Document(author), appearance)
    if not made:
        raise BadInput("There is no annotation and no key image to write.")
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        _write(made, folder)
    else:
        with tempfile.TemporaryDirectory(prefix="noctis-") as name:
            _write(made, Path(name))
            bring_in(archive, [Path(name)])
    return Exchanged(len(made), len(material.measured), len(material.key_images))


def load_annotations(
    archive: LocalArchive,
    study_instance_uid: str,
    paths: Sequence[Path] = (),
    appearance: Appearance | None = None,
) -> Exchanged:
    """Take over what objects hold about images of a study; what is kept here already stays as it is.

    Parameters
    ----------
    paths
        Files to read; else every report, presentation state and key object selection of the study.
    appearance
        The colours that layers can have here.

    Raises
    ------
    BadInput
        A file is no DICOM object, or too large for one of these.
    NoctisError
        The archive does not take it.
    """
    objects = [open_object(path) for path in paths or list(_objects_of_study(archive, study_instance_uid))]
    found = annotations_in(objects, appearance.colors if appearance is not None else None)
    groups = _together(list(_edits(archive, study_instance_uid, found)))
    edits = [made for group in groups for made in _make(archive, group)]
    shapes = sum(isinstance(each, PutAnnotation) for each in edits)
    return Exchanged(len(objects), shapes, sum(isinstance(each, PutKeyImage) for each in edits))


def _objects(material: Material, document: Document, appearance: Appearance) -> list[Dataset]:
    try:
        return list(objects_of(material, document, appearance))
    except NoctisError:
        raise
    except Exception as error:  # what highdicom finds in headers; its words may be the patient's
        kind = type(error).__name__
        raise BadInput(f"The images' headers do not allow DICOM objects about them ({kind}).") from error


def _write(objects: Sequence[Dataset], folder: Path) -> None:
    for number, ds in enumerate(objects, 1):
        ds.save_as(folder / f"{number:03}_{ds.Modality}.dcm", enforce_file_format=True)


def _objects_of_study(archive: LocalArchive, study_instance_uid: str) -> Iterator[Path]:
    for _, instance in images_of_study(archive.index, study_instance_uid).values():
        if holds_annotations(instance.sop_class_uid):
            yield instance.path


def _edits(archive: LocalArchive, study_instance_uid: str, found: Annotations) -> Iterator[Edit]:
    kept = annotations_of(archive.index, study_instance_uid)
    known = {each.uid for each in kept.annotations}
    layers, marked = {each.name for each in kept.layers}, {each.frame for each in kept.key_images}
    images = images_of_study(archive.index, study_instance_uid)

    def here(frame: FrameKey) -> FrameKey | None:
        """Return a frame of this study as the archive knows it: objects need not say its series."""
        image = images.get(frame.sop_instance_uid)
        if image is None or frame.study_instance_uid != study_instance_uid:
            return None
        return replace(frame, series_instance_uid=image.series.series_instance_uid)

    new = [
        PutAnnotation(replace(each, frame=frame))
        for each in found.annotations
        if each.uid not in known and (frame := here(each.frame)) is not None
    ]
    new = [each for each in new if _may_be_made(each)]
    used = {each.annotation.layer for each in new} - layers
    styles = (PutLayer(study_instance_uid, layer) for layer in found.layers if layer.name in used)
    yield from (style for style in styles if _may_be_made(style))
    yield from new
    marks = (
        PutKeyImage(replace(key, frame=frame))
        for key in found.key_images
        if (frame := here(key.frame)) is not None and frame not in marked
    )
    yield from (mark for mark in marks if _may_be_made(mark))


def _may_be_made(edit: Edit) -> bool:
    """Tell whether an edit is one: what a peer wrote may be anything, and costs nothing else."""
    try:
        check_edits((edit,))
    except BadInput as error:
        log.info("an annotation of an object was left out: %s", error)
        return False
    return True


def _make(archive: LocalArchive, group: list[Edit]) -> list[Edit]:
    """Make edits; return those that the archive took. One that it refuses for what it is costs no other."""
    try:
        edit(archive, group)
    except (BadInput, NotFound) as error:
        if len(group) == 1:
            log.info("an annotation of an object was left out: %s", error)
            return []
        half = len(group) // 2
        return [*_make(archive, group[:half]), *_make(archive, group[half:])]
    return group


def _together(edits: Sequence[Edit]) -> Iterator[list[Edit]]:
    """Yield edits in as few groups as the archive takes."""
    group: list[Edit] = []
    points = 0
    for each in edits:
        more = len(each.annotation.points) if isinstance(each, PutAnnotation) else 0
        if group and (len(group) == MAXIMUM_EDITS or points + more > MAXIMUM_EDITED_POINTS):
            yield group
            group, points = [], 0
        group.append(each)
        points += more
    if group:
        yield group
