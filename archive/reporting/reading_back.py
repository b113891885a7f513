"""Annotations and key images from DICOM objects: ours as they were, others' as far as they have an equal.

Objects are hostile input: nesting, counts and texts have limits, and what makes no sense is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from uuid import NAMESPACE_OID, uuid5

from pydicom.multival import MultiValue

from archive.annotations.annotation import Annotation, Annotations, FrameKey, KeyImage, Layer
from archive.annotations.edits import MAXIMUM_NAME, MAXIMUM_TEXT
from archive.reporting.document import uuid_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pydicom.dataset import Dataset

ITEMS_LIMIT: Final = 20_000
"""Content items, or graphics, that are looked at in one object."""
DEPTH_LIMIT: Final = 16
TEXT_LIMIT: Final = MAXIMUM_TEXT


@dataclass(frozen=True, slots=True)
class Origin:
    """What an object says about everything in it.

    Attributes
    ----------
    study_instance_uid, sop_instance_uid
        Of the object.
    author
        Who made it.
    made_at
        Unix seconds; 0 when it does not say.
    series_of
        SOP Instance UID of an image -> its Series Instance UID.
    """

    study_instance_uid: str
    sop_instance_uid: str
    author: str
    made_at: float
    series_of: Mapping[str, str]

    def frame(self, reference: Dataset) -> FrameKey:
        """Return the frame that an item of a Referenced SOP or Image Sequence means, the first of several."""
        uid = str(reference.get("ReferencedSOPInstanceUID", ""))
        first, *_ = frame_numbers(reference)
        return FrameKey(self.study_instance_uid, self.series_of.get(uid, ""), uid, first)

    def uuid(self, tracking_uid: str, place: object) -> str:
        """Return the UUID of an annotation: its own, or one that the same object always gives."""
        own = uuid_of(tracking_uid) if tracking_uid else None
        return own or str(uuid5(NAMESPACE_OID, f"{tracking_uid or self.sop_instance_uid} {place}"))


def origin_of(ds: Dataset) -> Origin:
    """Return what an object says about everything in it."""
    return Origin(
        str(ds.get("StudyInstanceUID", "")),
        str(ds.get("SOPInstanceUID", "")),
        _author(ds),
        _made_at(ds),
        dict(_series_of(ds)),
    )


def merged(parts: Iterable[Annotations]) -> Annotations:
    """Return several objects' annotations together; the first that names one decides what it is."""
    annotations: dict[str, Annotation] = {}
    layers: dict[str, Layer] = {}
    keys: dict[FrameKey, KeyImage] = {}
    for part in parts:
        for annotation in part.annotations:
            known = annotations.setdefault(annotation.uid, annotation)
            annotations[annotation.uid] = replace(known, text=known.text or annotation.text)
        layers.update({layer.name: layer for layer in part.layers if layer.name not in layers})
        for key in part.key_images:
            keys.setdefault(key.frame, key)
    used = {annotation.layer for annotation in annotations.values()}
    kept = tuple(layer for layer in layers.values() if layer.name in used)
    return Annotations(tuple(annotations.values()), kept, tuple(keys.values()))


def content_items(ds: Dataset) -> Iterator[tuple[Dataset, Sequence[Dataset]]]:
    """Yield every content item of a tree with the items above it, depth first, within the limits."""
    seen = 0
    waiting: list[tuple[Dataset, tuple[Dataset, ...]]] = [(ds, ())]
    while waiting and seen < ITEMS_LIMIT:
        item, above = waiting.pop()
        seen += 1
        yield item, above
        if len(above) < DEPTH_LIMIT:
            children = list(item.get("ContentSequence") or ())[: ITEMS_LIMIT - seen]
            waiting += [(child, (*above, item)) for child in reversed(children)]


def frame_numbers(reference: Dataset) -> tuple[int, ...]:
    """Return which frames an item of a Referenced SOP or Image Sequence means, the first if it says none."""
    said = reference.get("ReferencedFrameNumber")
    several = said if isinstance(said, MultiValue) else [said]
    whole = (int(number) for number in several[:ITEMS_LIMIT] if isinstance(number, int) and number > 0)
    return tuple(whole) or (1,)


def text(value: object) -> str:
    """Return a text of a peer's, cut to a length that the index takes."""
    return str(value or "")[:TEXT_LIMIT].strip()


def name(value: object) -> str:
    """Return the name of a person or a layer, cut in the same way."""
    return str(value or "").strip()[:MAXIMUM_NAME].strip()


def code(item: Dataset, keyword: str) -> tuple[str, str]:
    """Return value and scheme of a coded attribute, empty when there is none."""
    sequence = item.get(keyword)
    if not sequence:
        return "", ""
    return str(sequence[0].get("CodeValue", "")), str(sequence[0].get("CodingSchemeDesignator", ""))


def _author(ds: Dataset) -> str:
    for creator in (ds.get("ContentCreatorName"), *_observers(ds)):
        if creator:
            return name(creator).rstrip("^")
    return ""


def _observers(ds: Dataset) -> Iterator[object]:
    for item in list(ds.get("ContentSequence") or ())[:64]:
        if code(item, "ConceptNameCodeSequence") == ("121008", "DCM"):
            yield item.get("PersonName")


def _made_at(ds: Dataset) -> float:
    date = str(ds.get("ContentDate") or ds.get("PresentationCreationDate") or "")
    time = str(ds.get("ContentTime") or ds.get("PresentationCreationTime") or "")
    try:
        read = datetime.strptime(date + time[:6], "%Y%m%d%H%M%S").replace(tzinfo=None)  # noqa: DTZ007 - DICOM's local time
    except ValueError:
        return 0.0
    return read.astimezone(UTC).timestamp()


def _series_of(ds: Dataset) -> Iterator[tuple[str, str]]:
    for study in list(ds.get("CurrentRequestedProcedureEvidenceSequence") or ())[:64]:
        yield from _in_series(study.get("ReferencedSeriesSequence"), "ReferencedSOPSequence")
    yield from _in_series(ds.get("ReferencedSeriesSequence"), "ReferencedImageSequence")


def _in_series(sequence: Iterable[Dataset] | None, keyword: str) -> Iterator[tuple[str, str]]:
    for series in list(sequence or ())[:ITEMS_LIMIT]:
        uid = str(series.get("SeriesInstanceUID", ""))
        for reference in list(series.get(keyword) or ())[:ITEMS_LIMIT]:
            yield str(reference.get("ReferencedSOPInstanceUID", "")), uid
