"""Key images as a Key Object Selection Document (PS3.3 A.35.4, PS3.16 TID 2010), through highdicom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from highdicom.ko import KeyObjectSelection, KeyObjectSelectionDocument
from highdicom.sr import ObserverContext, PersonObserverIdentifyingAttributes
from pydicom.sr.codedict import codes

from archive.errors import BadInput
from archive.reporting.document import KEY_SERIES, completed, new_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydicom.dataset import Dataset

    from archive.annotations.annotation import KeyImage
    from archive.reporting.document import Document
    from archive.reporting.measured import Material


def key_object_selection(material: Material, document: Document) -> Dataset:
    """Return a document that lists the key images, frames of multi-frame images included.

    Raises
    ------
    BadInput
        There is no key image, or one is not there any more.
    """
    if not material.key_images:
        raise BadInput("There is no key image to list.")
    images = completed(material.referenced([key.frame for key in material.key_images]))
    person = PersonObserverIdentifyingAttributes(name=document.person_name)
    selection = KeyObjectSelection(
        codes.DCM.OfInterest,
        images,
        observer_person_context=ObserverContext(codes.DCM.Person, person),
        description="; ".join(key.text for key in material.key_images if key.text) or None,
    )
    _name_frames(selection[0], material.key_images, material)
    ko = KeyObjectSelectionDocument(evidence=images, content=selection, **new_object(KEY_SERIES))
    document.finish(ko)
    ko.SeriesDescription = "Key images"
    return ko


def _name_frames(content: Dataset, key_images: Sequence[KeyImage], material: Material) -> None:
    """Say which frames are meant (PS3.3 C.18.4): highdicom references whole images."""
    for item in content.ContentSequence:
        for reference in item.get("ReferencedSOPSequence", ()):
            uid = str(reference.ReferencedSOPInstanceUID)
            if int(material.images[uid].get("NumberOfFrames") or 1) > 1:
                numbers = {key.frame.frame_number for key in key_images if key.frame.sop_instance_uid == uid}
                reference.ReferencedFrameNumber = sorted(numbers)
