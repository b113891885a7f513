"""TARGET of the commands that show pictures: the ordered frames of a path, or of a UID in the archive."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archive.dicom.text import visible
from archive.errors import BadInput, NoctisError, NotAnImage, NotFound
from noctis_tui.reading.stack import Stack, stack_of_instances

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from archive.index.database import Index
    from archive.index.worklist import InstanceRow, SeriesRow, StudyRow
    from noctis_tui.reading.stack import StackInstance

FILES_LIMIT = 100_000
"""A folder with more files than this is not one series; an archive is the way to read it."""


@dataclass(frozen=True, slots=True)
class _Image:
    """One image as ordering needs it, with the frames that its file really holds."""

    path: Path
    sop_instance_uid: str
    instance_number: int | None
    number_of_frames: int
    position_mm: float | None


@dataclass(frozen=True, slots=True)
class _Document:
    """A file without pixels, as ordering needs it."""

    path: Path
    sop_class_uid: str
    sop_instance_uid: str = ""
    instance_number: int | None = None
    number_of_frames: int = 1
    position_mm: float | None = None


def frames_of_target(target: str, archive: Path, *, largest: bool = False) -> Stack:
    """Return the frames of a file, a folder's largest series, or what a UID or its prefix names.

    A path wins over a UID and touches no archive. Of a study, the first series with pictures is taken, or the
    `largest` one.

    Raises
    ------
    NotFound
        Neither a file nor anything in the archive answers to the target.
    NotAnImage
        What answers has no pictures.
    """
    path = Path(target)
    images: Sequence[StackInstance]
    if exists(path):
        images = _images_in(path) if path.is_dir() else [_image_or_document(path)]
    else:
        images = _images_in_archive(target, archive, largest=largest)
    if not images:
        raise NotAnImage(f"{visible(target, 120)} has no pictures.")
    return stack_of_instances(images)


def exists(path: Path) -> bool:
    """Tell whether a target names a file or folder."""
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that is too long, or holds what no name can
        return False


def _image_of(path: Path) -> _Image:
    from archive.pixels.frames import ImageFile

    with ImageFile.open(path) as image:
        attributes, frame = image.attributes, image.frame_attributes(0)
        position = _along_normal(frame.image_position_patient, frame.image_orientation_patient)
        return _Image(
            path, attributes.sop_instance_uid, attributes.instance_number, image.frame_count, position
        )


def _image_or_document(path: Path) -> _Document | _Image:
    """Return an image, or for what is none a document: reading it will say whether it is one."""
    try:
        return _image_of(path)
    except NotAnImage:
        from archive.dicom.header import read_header

        try:
            return _Document(path, read_header(path).sop_class_uid)
        except NoctisError:
            return _Document(path, "")


def _along_normal(position: tuple[float, ...] | None, orientation: tuple[float, ...] | None) -> float | None:
    if position is None or orientation is None:
        return None
    (a, b, c), (d, e, f) = orientation[:3], orientation[3:]
    normal = (b * f - c * e, c * d - a * f, a * e - b * d)
    return sum(along * unit for along, unit in zip(position, normal, strict=True))


def _images_in(folder: Path) -> list[_Image]:
    """Return the images of the folder's largest series; what is not an image is passed over."""
    from archive.pixels.frames import ImageFile

    series: defaultdict[str, list[_Image]] = defaultdict(list)
    for path in _files_below(folder):
        try:
            with ImageFile.open(path) as image:
                uid = image.attributes.series_instance_uid
            series[uid].append(_image_of(path))
        except NoctisError:
            continue
    return max(series.values(), key=_frames_in, default=[])


def _frames_in(images: Iterable[StackInstance]) -> int:
    return sum(image.number_of_frames for image in images)


def _files_below(folder: Path) -> Iterator[Path]:
    count = 0
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            count += 1
            if count > FILES_LIMIT:
                raise BadInput(f"The folder holds more than {FILES_LIMIT} files; import it instead.")
            yield Path(place, name)


def _images_in_archive(target: str, archive: Path, *, largest: bool) -> list[StackInstance]:
    from archive.audit.access import record_access
    from archive.index.targets import resolve, study_uid_of
    from archive.reindexing import open_archive

    require_archive(archive, target)
    with open_archive(archive) as opened:
        found = resolve(opened.index, target)
        record_access(opened, study_uid_of(opened.index, found))
        rows = _instances(opened.index, found, largest=largest)
        return [_held(row) for row in rows if row.rows] or list(rows)


def require_archive(archive: Path, target: str) -> None:
    """Raise NotFound where there is no archive to look for a UID in."""
    if not (archive / "instances").is_dir():
        raise NotFound(f"There is no file {visible(target, 120)}, and no archive to look for such a UID in.")


def _instances(
    index: Index, row: StudyRow | SeriesRow | InstanceRow, *, largest: bool = False
) -> list[InstanceRow]:
    from archive.index.worklist import InstanceRow, SeriesRow, instances_of, series_of

    if isinstance(row, InstanceRow):
        return [row]
    if isinstance(row, SeriesRow):
        return instances_of(index, row.id)
    every = series_of(index, row.id)
    pictures = ([row for row in instances_of(index, series.id) if row.rows] for series in every)
    found = max(pictures, key=_frames_in, default=[]) if largest else next(filter(None, pictures), [])
    return found or (instances_of(index, every[0].id) if every else [])


def _held(row: InstanceRow) -> StackInstance:
    """Return the row, or for a clip the image with the frames that its file holds: headers may lie."""
    return _image_of(row.path) if row.number_of_frames > 1 else row
