"""What there is to hang: the pictures of a study, with what rules ask about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.errors import NoctisError
from archive.pixels.frames import ImageFile
from noctis_tui.imaging.patient_space import (
    EdgeLetters,
    is_orientation,
    letters_of_orientation,
    letters_of_patient_orientation,
    normal_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from archive.dicom.data_set import DataSet
    from archive.index.worklist import InstanceRow, SeriesRow
    from noctis_tui.imaging.patient_space import Orientation

FEW_IMAGES = 8
"""Series with no more images may hold several views: each image is hung by itself."""
MOST_FILES = 64
"""No more files are opened to hang a study."""
_GROUPS = frozenset({0x0008, 0x0018, 0x0020, 0x0054})
_INTENT, _CODE_VALUE = 0x00080068, 0x00080100
_VIEW_POSITION, _VIEW_CODES = 0x00185101, 0x00540220
_PATIENT_ORIENTATION, _LATERALITY, _IMAGE_LATERALITY = 0x00200020, 0x00200060, 0x00200062
_VIEWS = {
    **dict.fromkeys(("R-10242", "399162004"), "CC"),
    **dict.fromkeys(("R-10226", "399368009"), "MLO"),
    **dict.fromkeys(("R-10228", "399260004"), "ML"),
    **dict.fromkeys(("R-10224", "399352003"), "LM"),
}
"""View codes of mammography (PS3.16 CID 4014), SRT and SNOMED CT."""

NO_LETTERS = EdgeLetters()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One picture that may be hung: a series, or one image of a series with few.

    Attributes
    ----------
    series_id, sop_instance_uid
        What to show; an empty UID for the series from its beginning.
    view, laterality, plane, letters
        As far as the file was asked and says so.
    """

    series_id: int
    modality: str
    description: str = ""
    body_part: str = ""
    sop_instance_uid: str = ""
    view: str = ""
    laterality: str = ""
    plane: str = ""
    letters: EdgeLetters = NO_LETTERS
    for_processing: bool = False


def candidates_of(
    series: Iterable[SeriesRow],
    instances_of: Callable[[int], Sequence[InstanceRow]],
    *,
    ask_images: bool,
) -> list[Candidate]:
    """Return what may be hung, in reading order; raw images come last. Off the event loop.

    Parameters
    ----------
    series
        Those with pictures.
    instances_of
        Reads the instances of a series.
    ask_images
        Whether the files are opened (at most `MOST_FILES`); else only the index is asked.
    """
    found: list[Candidate] = []
    asked = 0
    for row in series:
        if not ask_images or asked >= MOST_FILES:
            found.append(_of_series(row))
            continue
        images = [instance for instance in instances_of(row.id) if instance.rows]
        few = len(images) <= FEW_IMAGES
        chosen = images if few else images[len(images) // 2 :][:1]
        asked += len(chosen)
        found.extend(_of_image(row, image, by_itself=few and len(images) > 1) for image in chosen)
    return sorted(found, key=lambda candidate: candidate.for_processing)


def _of_series(row: SeriesRow) -> Candidate:
    return Candidate(row.id, row.modality, row.series_description, row.body_part_examined)


def _of_image(row: SeriesRow, image: InstanceRow, *, by_itself: bool) -> Candidate:
    uid = image.sop_instance_uid if by_itself else ""
    about = row.id, row.modality, row.series_description, row.body_part_examined, uid
    return next(_read(image.path, about), Candidate(*about))


def _read(path: Path, about: tuple[int, str, str, str, str]) -> Iterator[Candidate]:
    try:
        with ImageFile.open(path) as image:
            ds, attributes = image.data_set(_GROUPS), image.frame_attributes(0)
            orientation = attributes.image_orientation_patient
            known = orientation if orientation and is_orientation(orientation) else None
            yield Candidate(
                *about,
                view=_view(ds),
                laterality=(ds.text(_IMAGE_LATERALITY) or ds.text(_LATERALITY))[:1].upper(),
                plane=plane_name(known) if known else "",
                letters=letters_of_orientation(known) if known else _letters(ds),
                for_processing=ds.text(_INTENT).upper() == "FOR PROCESSING",
            )
    except (NoctisError, OSError):
        return


def _view(ds: DataSet) -> str:
    item = ds.first_item(_VIEW_CODES)
    coded = _VIEWS.get(item.text(_CODE_VALUE), "") if item is not None else ""
    return coded or ds.text(_VIEW_POSITION).upper()


def _letters(ds: DataSet) -> EdgeLetters:
    row, column = (*ds.texts(_PATIENT_ORIENTATION), "", "")[:2]
    return letters_of_patient_orientation(row, column)


def plane_name(orientation: Orientation) -> str:
    """Return the plane that a slice lies in, about.

    >>> plane_name((1.0, 0.0, 0.0, 0.0, 0.0, -1.0))
    'coronal'
    """
    normal = normal_of(orientation)
    axis = max(range(3), key=lambda candidate: abs(normal[candidate]))
    return ("sagittal", "coronal", "axial")[axis]
