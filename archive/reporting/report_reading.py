"""Shapes from measurement reports (PS3.16 TID 1500), and images from key object selections."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from archive.annotations.annotation import Annotation, Annotations, KeyImage, Kind
from archive.reporting import vocabulary
from archive.reporting.geometry import as_ellipse, kind_of_graphic, points_of
from archive.reporting.reading_back import code, content_items, frame_numbers, origin_of, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from archive.annotations.annotation import FrameKey
    from archive.reporting.reading_back import Origin

_GROUP: Final = ("125007", "DCM")
_TRACKING_IDENTIFIER, _TRACKING_UID, _METHOD = ("112039", "DCM"), ("112040", "DCM"), ("370129005", "SCT")
_NAME = "ConceptNameCodeSequence"
_POINTS_LIMIT: Final = 20_000

Graphic = tuple[str, "NDArray[np.float64]", "Dataset"]


def annotations_in_report(ds: Dataset) -> Annotations:
    """Return the shapes of every measurement group that lies on an image.

    A method of ours says what was drawn; other programs' points, lines and outlines become what is closest.
    """
    origin = origin_of(ds)
    groups = (item for item, _ in content_items(ds) if code(item, _NAME) == _GROUP)
    found = (_annotation(group, number, origin) for number, group in enumerate(groups))
    return Annotations(tuple(annotation for annotation in found if annotation is not None))


def key_images_in_selection(ds: Dataset) -> Annotations:
    """Return the images that a Key Object Selection Document lists, each frame by itself."""
    origin = origin_of(ds)
    frames = (
        frame
        for item, _ in content_items(ds)
        if item.get("ValueType") == "IMAGE"
        for reference in list(item.get("ReferencedSOPSequence") or ())
        for frame in _frames(reference, origin)
    )
    keys = tuple(KeyImage(frame, origin.author, origin.made_at) for frame in dict.fromkeys(frames))
    return Annotations(key_images=keys)


def _frames(reference: Dataset, origin: Origin) -> Iterator[FrameKey]:
    first = origin.frame(reference)
    for number in frame_numbers(reference):
        yield replace(first, frame_number=number)


def _annotation(group: Dataset, number: int, origin: Origin) -> Annotation | None:
    graphics = list(_graphics(group))
    if not graphics:
        return None
    kind, points = _shape(group, graphics)
    if kind is None:
        return None
    words = text(_child(group, _TRACKING_IDENTIFIER, "TextValue"))
    return Annotation(
        origin.uuid(str(_child(group, _TRACKING_UID, "UID") or ""), number),
        origin.frame(graphics[0][2]),
        kind,
        points,
        "" if words == kind.value else words,
        author=origin.author,
        created_at=origin.made_at,
        modified_at=origin.made_at,
    )


def _shape(group: Dataset, graphics: list[Graphic]) -> tuple[Kind | None, tuple[tuple[float, float], ...]]:
    drawn = [as_ellipse(graphic_type, points) for graphic_type, points, _ in graphics]
    kind = _method(group) or kind_of_graphic(graphics[0][0], graphics[0][1])
    if kind is None:
        return None, ()
    try:
        return kind, points_of(kind, drawn)
    except (IndexError, ValueError):
        return None, ()


def _method(group: Dataset) -> Kind | None:
    for item in list(group.get("ContentSequence") or ()):
        if code(item, _NAME) == _METHOD:
            return vocabulary.kind_of(*code(item, "ConceptCodeSequence"))
    return None


def _child(group: Dataset, name: tuple[str, str], keyword: str) -> object:
    for item in list(group.get("ContentSequence") or ()):
        if code(item, _NAME) == name:
            return item.get(keyword)
    return None


def _graphics(group: Dataset) -> Iterator[Graphic]:
    """Yield every shape on an image below a group, with the reference to that image."""
    for item, _ in content_items(group):
        if item.get("ValueType") != "SCOORD":
            continue
        reference = next(_references(item), None)
        data = np.asarray(item.get("GraphicData") or (), np.float64)
        usable = 2 <= data.size <= 2 * _POINTS_LIMIT and data.size % 2 == 0 and np.isfinite(data).all()
        if reference is not None and usable:
            yield str(item.get("GraphicType", "")), data.reshape(-1, 2), reference


def _references(item: Dataset) -> Iterator[Dataset]:
    for child in list(item.get("ContentSequence") or ()):
        yield from list(child.get("ReferencedSOPSequence") or ())[:1]
