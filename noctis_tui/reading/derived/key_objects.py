"""Key Object Selection documents: which images someone marked (PS3.3 A.35.4, PS3.16 TID 2010)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.dicom import keywords as kw
from archive.errors import NotAnImage
from noctis_tui.reading.derived.opening import Words, opened_object

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archive.dicom.data_set import DataSet

KEY_OBJECT_SELECTION = "1.2.840.10008.5.1.4.1.1.88.59"
ITEMS_LIMIT = 10_000
_CONTENT, _VALUE_TYPE, _CONCEPT, _TEXT_VALUE = 0x0040A730, 0x0040A040, 0x0040A043, 0x0040A160
_REFERENCED_SOP, _SOP_INSTANCE, _FRAME = 0x00081199, 0x00081155, 0x00081160
_CODE_VALUE, _DESCRIPTION_CODE = 0x00080100, "113012"


@dataclass(frozen=True, slots=True)
class KeyImages:
    """A selection; texts are safe to show.

    Attributes
    ----------
    title
        Why they were selected, such as "Of Interest".
    description
        What its author wrote.
    images
        SOP Instance UID and frame numbers from 1, none for the instance as a whole.
    """

    title: str
    description: str
    images: tuple[tuple[str, tuple[int, ...]], ...]


def key_images_in(path: Path) -> KeyImages:
    """Read which images a Key Object Selection names.

    Raises
    ------
    NoctisError
        It is none, or it is damaged.
    """
    with opened_object(path) as ds:
        if ds.text(kw.SOP_CLASS_UID) != KEY_OBJECT_SELECTION:
            raise NotAnImage("This is no Key Object Selection.")
        words = Words(ds)
        content = ds.items(_CONTENT, ITEMS_LIMIT)
        texts = (words.whole(item, _TEXT_VALUE) for item in content if _is_description(item))
        return KeyImages(
            words.meaning(ds, _CONCEPT) or "Key images",
            next(filter(None, texts), ""),
            tuple(image for item in content if _is_image(item) for image in _images(item)),
        )


def _is_description(item: DataSet) -> bool:
    concept = item.first_item(_CONCEPT)
    is_text = item.text(_VALUE_TYPE).upper() == "TEXT"
    return is_text and concept is not None and concept.text(_CODE_VALUE) == _DESCRIPTION_CODE


def _is_image(item: DataSet) -> bool:
    return item.text(_VALUE_TYPE).upper() in {"IMAGE", "COMPOSITE"}


def _images(item: DataSet) -> Iterator[tuple[str, tuple[int, ...]]]:
    for reference in item.items(_REFERENCED_SOP, 64):
        uid = reference.text(_SOP_INSTANCE)
        frames = tuple(int(number) for number in reference.numbers(_FRAME, b"IS") if 0 < number < 1 << 31)
        if uid:
            yield uid, frames
