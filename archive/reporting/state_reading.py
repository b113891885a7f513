"""Annotations from presentation states: graphics and texts in layers, ours by their tracking IDs."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import dist
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from archive.annotations.annotation import Annotation, Annotations, Kind, Layer
from archive.reporting.geometry import as_ellipse, kind_of_graphic, points_of
from archive.reporting.reading_back import ITEMS_LIMIT, name, origin_of, text
from archive.reporting.vocabulary import named_kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from archive.annotations.annotation import FrameKey, Point
    from archive.reporting.reading_back import Origin

_POINTS_LIMIT = 20_000
_COLOR = Layer("").color_index
Colors: TypeAlias = "Mapping[int, tuple[int, int, int]]"


@dataclass
class _Found:
    """One annotation while its graphics and texts are gathered."""

    frame: FrameKey
    layer: str
    kind: Kind | None = None
    graphics: list[NDArray[np.float64]] = field(default_factory=list)
    words: str = ""
    anchor: tuple[float, float] | None = None


def annotations_in_state(ds: Dataset, colors: Colors | None = None) -> Annotations:
    """Return what a presentation state draws in image points; what is placed on the display is left out.

    Parameters
    ----------
    colors
        Color index of a layer -> RGB: a layer takes the one that is nearest to its recommended color.
    """
    origin = origin_of(ds)
    names = {
        str(layer.get("GraphicLayer", "")): layer for layer in list(ds.get("GraphicLayerSequence") or ())
    }
    layers = {code: name(layer.get("GraphicLayerDescription")) or name(code) for code, layer in names.items()}
    looks = {layers[code]: _nearest(layer, colors or {}) for code, layer in names.items()}
    found: dict[str, _Found] = {}
    for item in list(ds.get("GraphicAnnotationSequence") or ())[:ITEMS_LIMIT]:
        layer = layers.get(str(item.get("GraphicLayer", "")), "Annotations")
        _gather(item, layer, origin, found)
    made = tuple(
        annotation
        for uuid, each in found.items()
        if (annotation := _annotation(uuid, each, origin)) is not None
    )
    used = dict.fromkeys(annotation.layer for annotation in made)
    return Annotations(made, tuple(Layer(layer, looks.get(layer, _COLOR)) for layer in used))


def _nearest(layer: Dataset, colors: Colors) -> int:
    from highdicom.color import CIELabColor  # noqa: PLC0415 - half a second that tests of reading do not need

    wanted = list(layer.get("GraphicLayerRecommendedDisplayCIELabValue") or ())
    if len(wanted) != 3 or not colors:
        return _COLOR
    return min(colors, key=lambda index: dist(CIELabColor.from_rgb(*colors[index]).value, wanted))


def _gather(item: Dataset, layer: str, origin: Origin, found: dict[str, _Found]) -> None:
    for reference in list(item.get("ReferencedImageSequence") or ())[:64]:
        frame = origin.frame(reference)
        place = f"{frame.sop_instance_uid} {frame.frame_number}"
        for number, drawn in enumerate(_graphics(item)):
            uuid = origin.uuid(str(drawn.get("TrackingUID", "")), f"{place} graphic {layer} {number}")
            _add_graphic(found.setdefault(uuid, _Found(frame, layer)), drawn)
        for number, words in enumerate(list(item.get("TextObjectSequence") or ())[:ITEMS_LIMIT]):
            uuid = origin.uuid(str(words.get("TrackingUID", "")), f"{place} text {layer} {number}")
            _add_text(found.setdefault(uuid, _Found(frame, layer)), words)


def _graphics(item: Dataset) -> Iterator[Dataset]:
    for drawn in list(item.get("GraphicObjectSequence") or ())[:ITEMS_LIMIT]:
        if drawn.get("GraphicAnnotationUnits") == "PIXEL":
            yield drawn


def _add_graphic(found: _Found, drawn: Dataset) -> None:
    data = np.asarray(drawn.get("GraphicData") or (), np.float64)
    if not 2 <= data.size <= 2 * _POINTS_LIMIT or data.size % 2 or not np.isfinite(data).all():
        return
    graphic_type, points = str(drawn.get("GraphicType", "")), data.reshape(-1, 2)
    own = named_kind(str(drawn.get("TrackingID", "")))
    found.kind = own or kind_of_graphic(graphic_type, points)
    try:
        found.graphics.append(as_ellipse(graphic_type, points))
    except IndexError:
        found.kind = None


def _add_text(found: _Found, words: Dataset) -> None:
    purpose = str(words.get("TrackingID", ""))
    anchor = words.get("AnchorPoint") or words.get("BoundingBoxTopLeftHandCorner")
    units = words.get("AnchorPointAnnotationUnits") or words.get("BoundingBoxAnnotationUnits")
    if purpose.endswith(" value") or units != "PIXEL" or anchor is None or len(anchor) != 2:
        return
    found.words = text(words.get("UnformattedTextValue"))
    found.anchor = (float(anchor[0]) - 0.5, float(anchor[1]) - 0.5)


def _shape(found: _Found) -> tuple[Kind | None, tuple[Point, ...]]:
    if not found.graphics or found.kind is None:
        return Kind.TEXT, (found.anchor,) if found.anchor is not None and found.words else ()
    try:
        return found.kind, points_of(found.kind, found.graphics)
    except (IndexError, ValueError):
        return None, ()


def _annotation(uuid: str, found: _Found, origin: Origin) -> Annotation | None:
    kind, points = _shape(found)
    if kind is None or not points:
        return None
    return Annotation(
        uuid,
        found.frame,
        kind,
        points,
        found.words,
        found.layer,
        origin.author,
        origin.made_at,
        origin.made_at,
    )
