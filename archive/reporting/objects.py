"""All objects that a study's annotations make, and all annotations that objects hold."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from pydicom.uid import UID

from archive.annotations.annotation import Annotations
from archive.reporting.key_objects import key_object_selection
from archive.reporting.presentation_state import presentation_states
from archive.reporting.reading_back import merged
from archive.reporting.report_reading import annotations_in_report, key_images_in_selection
from archive.reporting.state_reading import annotations_in_state
from archive.reporting.structured_report import measurement_report, measures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydicom.dataset import Dataset

    from archive.reporting.document import Document
    from archive.reporting.measured import Appearance, Material
    from archive.reporting.state_reading import Colors

LOGGER = logging.getLogger(__name__)
REPORTS: Final = frozenset(UID(f"1.2.840.10008.5.1.4.1.1.88.{number}") for number in (11, 22, 33, 34, 35))
"""Basic Text, Enhanced, Comprehensive, Comprehensive 3D and Extensible SR."""
STATES: Final = frozenset(UID(f"1.2.840.10008.5.1.4.1.1.11.{number}") for number in (1, 2, 3))
"""Grayscale, Color and Pseudo-Color Softcopy Presentation States."""
KEY_OBJECTS: Final = UID("1.2.840.10008.5.1.4.1.1.88.59")


def objects_of(material: Material, document: Document, appearance: Appearance) -> Iterator[Dataset]:
    """Yield a report, presentation states and a key object selection, where there is something for them."""
    if any(measures(each) for each in material.measured):
        yield measurement_report(material, document)
    if material.measured:
        yield from presentation_states(material, document, appearance)
    if material.key_images:
        yield key_object_selection(material, document)


def holds_annotations(sop_class_uid: str) -> bool:
    """Tell whether objects of a SOP class may hold annotations or key images."""
    return sop_class_uid in REPORTS or sop_class_uid in STATES or sop_class_uid == KEY_OBJECTS


def annotations_in(objects: Iterable[Dataset], colors: Colors | None = None) -> Annotations:
    """Return what objects hold; presentation states know words and layers, so they come first.

    An object that makes no sense holds nothing; the log says so. `colors` are those of layers, by index.
    """
    parts: dict[bool, list[Annotations]] = {True: [], False: []}
    for ds in objects:
        try:
            uid = str(ds.get("SOPClassUID", ""))
            parts[uid in STATES].append(_annotations_in(ds, uid, colors))
        except Exception:
            LOGGER.exception("an object with annotations cannot be read")
    return merged([*parts[True], *parts[False]])


def _annotations_in(ds: Dataset, sop_class_uid: str, colors: Colors | None) -> Annotations:
    if sop_class_uid in STATES:
        return annotations_in_state(ds, colors)
    if sop_class_uid == KEY_OBJECTS:
        return key_images_in_selection(ds)
    return annotations_in_report(ds) if sop_class_uid in REPORTS else Annotations()
