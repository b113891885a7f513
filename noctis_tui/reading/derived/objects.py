"""Which objects of a study refer to which series, and what opens them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.dicom import keywords as kw
from archive.errors import NoctisError
from noctis_tui.reading.derived.opening import Words, opened_object
from noctis_tui.reading.derived.references import REFERENCED_FRAME_OF_REFERENCE, referenced_series

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from archive.dicom.data_set import DataSet
    from archive.progress import CancelToken
    from noctis_tui.reading.derived.part import DerivedObject

log = logging.getLogger(__name__)
OBJECTS_LIMIT = 200
"""More objects of one study are not looked at."""

SEGMENTATION_CLASSES = frozenset({"1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"})
STRUCTURE_SET_CLASS = "1.2.840.10008.5.1.4.1.1.481.3"
DOSE_CLASS = "1.2.840.10008.5.1.4.1.1.481.2"
DRAWN_CLASSES = SEGMENTATION_CLASSES | {STRUCTURE_SET_CLASS, DOSE_CLASS}
"""What is drawn over images."""

_FRAME_OF_REFERENCE_OF_ROI, _STRUCTURE_SETS = 0x30060024, 0x30060020
_LABEL = 0x30060002
_KINDS = {STRUCTURE_SET_CLASS: "Structures", DOSE_CLASS: "Dose"}


@dataclass(frozen=True, slots=True)
class ObjectHeader:
    """What an object refers to, read without its contents; texts are safe to show.

    Attributes
    ----------
    series_instance_uids
        Series that it names.
    frame_of_reference_uids
        Frames of Reference that it lies in.
    """

    path: Path
    sop_class_uid: str
    kind: str
    name: str
    series_instance_uids: frozenset[str]
    frame_of_reference_uids: frozenset[str]

    def refers_to(self, series_instance_uid: str, frame_of_reference_uid: str) -> bool:
        """Tell whether it names a series, or lies in its Frame of Reference."""
        if series_instance_uid in self.series_instance_uids:
            return True
        return bool(frame_of_reference_uid) and frame_of_reference_uid in self.frame_of_reference_uids


def read_headers(paths: Iterable[Path], token: CancelToken) -> Iterator[ObjectHeader]:
    """Yield the headers of those files that are drawn over images; what cannot be read is passed over.

    Raises
    ------
    Cancelled
        The token was set.
    """
    for count, path in enumerate(paths):
        token.check()
        if count >= OBJECTS_LIMIT:
            return
        try:
            header = read_object_header(path)
        except (NoctisError, OSError):
            continue
        except Exception:
            log.exception("reading the header of an object failed")
            continue
        if header.sop_class_uid in DRAWN_CLASSES:
            yield header


def read_object_header(path: Path) -> ObjectHeader:
    """Read what an object refers to.

    Raises
    ------
    NoctisError
        The file is not DICOM, is damaged, or passes a limit.
    """
    with opened_object(path) as ds:
        words = Words(ds)
        sop_class = ds.text(kw.SOP_CLASS_UID)
        kind = _KINDS.get(sop_class, "Segmentation")
        names = (words.text(ds, tag) for tag in (kw.SERIES_DESCRIPTION, _LABEL))
        return ObjectHeader(
            path,
            sop_class,
            kind,
            next(filter(None, names), kind),
            frozenset(referenced_series(ds)),
            frozenset(_frames_of_reference(ds)),
        )


def open_object(header: ObjectHeader, token: CancelToken) -> DerivedObject:
    """Read an object; to be called off the event loop.

    Raises
    ------
    NoctisError
        It cannot be read; the sentence says why.
    Cancelled
        The token was set.
    """
    if header.sop_class_uid == STRUCTURE_SET_CLASS:
        from noctis_tui.reading.derived.contours import StructureSet  # noqa: PLC0415 - only what is needed

        return StructureSet.open(header.path, token)
    if header.sop_class_uid == DOSE_CLASS:
        from noctis_tui.reading.derived.dose import Dose  # noqa: PLC0415 - the same

        return Dose.open(header.path, token)
    from noctis_tui.reading.derived.segmentation import Segmentation  # noqa: PLC0415 - the same

    return Segmentation.open(header.path, token)


def _frames_of_reference(ds: DataSet) -> Iterator[str]:
    yield from filter(None, [ds.text(kw.FRAME_OF_REFERENCE_UID)])
    for item in ds.items(REFERENCED_FRAME_OF_REFERENCE, 64):
        yield from filter(None, [item.text(kw.FRAME_OF_REFERENCE_UID)])
    for item in ds.items(_STRUCTURE_SETS, 64):
        yield from filter(None, [item.text(_FRAME_OF_REFERENCE_OF_ROI)])
