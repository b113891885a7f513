"""Annotations as graphics of a Softcopy Presentation State (PS3.3 A.33), through highdicom."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from highdicom import PresentationLUTTransformation
from highdicom.color import CIELabColor
from highdicom.pr import (
    ColorSoftcopyPresentationState,
    GraphicAnnotation,
    GraphicLayer,
    GraphicObject,
    GrayscaleSoftcopyPresentationState,
    TextObject,
)

from archive.annotations.annotation import Kind, Layer
from archive.errors import BadInput
from archive.reporting.document import (
    MANUFACTURER,
    STATE_SERIES,
    completed,
    new_object,
    software_version,
    uid_of,
)
from archive.reporting.geometry import graphic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydicom.dataset import Dataset

    from archive.annotations.annotation import FrameKey, Point
    from archive.reporting.document import Document
    from archive.reporting.measured import Appearance, Material, Measured

_TEXT_LENGTH = 1024
_DEVICE_CLASS, _INPUT_CLASSES = slice(12, 16), frozenset({b"scnr", b"spac"})
"""Of an ICC profile: where its header says what it is of."""


def presentation_states(material: Material, document: Document, appearance: Appearance) -> list[Dataset]:
    """Return what shows the annotations elsewhere: a state for all images that one can be about.

    Tracking IDs say what was drawn and tracking UIDs are the annotations' own, so that they come back.

    Raises
    ------
    BadInput
        There are no annotations, or an image is not there any more.
    """
    if not material.measured:
        raise BadInput("There is no annotation to present.")
    alike: dict[_Look, list[Measured]] = defaultdict(list)
    for each in material.measured:
        alike[_look_of(material.image(each.annotation.frame))].append(each)
    return [_state(look, group, material, document, appearance) for look, group in alike.items()]


class _Look(NamedTuple):
    """What all images of a state have in common: its greys stand in the place of theirs (PS3.4 N.2)."""

    rows: int
    columns: int
    is_color: bool
    is_inverse: bool
    greys: tuple[str, ...]


def _look_of(header: Dataset) -> _Look:
    is_color = bool(
        header.get("SamplesPerPixel", 1) == 3 or header.get("PhotometricInterpretation") == "PALETTE COLOR"
    )
    shape = str(header.get("PresentationLUTShape", "")).upper()
    inverse = shape == "INVERSE" or (not shape and header.get("PhotometricInterpretation") == "MONOCHROME1")
    greys = tuple(str(header.get(f"Rescale{name}", "")) for name in ("Slope", "Intercept", "Type"))
    if "ModalityLUTSequence" in header:
        greys = (str(header.SOPInstanceUID),)
    return _Look(header.Rows, header.Columns, is_color, inverse, () if is_color else greys)


def _state(
    look: _Look,
    measured: Sequence[Measured],
    material: Material,
    document: Document,
    appearance: Appearance,
) -> Dataset:
    layers = _layers(measured, material, appearance)
    images = completed(material.referenced([each.annotation.frame for each in measured]))
    made: type[Any] = ColorSoftcopyPresentationState if look.is_color else GrayscaleSoftcopyPresentationState
    state: Dataset = made(
        referenced_images=images,
        manufacturer_model_name=MANUFACTURER,
        software_versions=software_version(),
        device_serial_number="0",
        content_label="ANNOTATIONS",
        content_description="Annotations",
        content_creator_name=document.person_name,
        graphic_annotations=list(_annotations(measured, material, layers, appearance)),
        graphic_layers=list(layers.values()),
        **_last_stage(look, images),
        **new_object(STATE_SERIES),
    )
    document.finish(state, "PresentationCreation")
    state.SeriesDescription = "Annotations"
    return state


def _last_stage(look: _Look, images: Sequence[Dataset]) -> dict[str, Any]:
    """Return what the state ends with: a profile of the colors, or whether low values are bright."""
    if look.is_color:
        profiles = (bytes(image.get("ICCProfile") or b"") for image in images)
        own = next((profile for profile in profiles if profile[_DEVICE_CLASS] in _INPUT_CLASSES), None)
        return {"icc_profile": own or _srgb()}
    shape = "INVERSE" if look.is_inverse else "IDENTITY"
    return {"presentation_lut_transformation": PresentationLUTTransformation(shape)}


def _srgb() -> bytes:
    """Return sRGB as the profile of an input device: another class is none for an image (PS3.3 C.11.15)."""
    from PIL import ImageCms  # noqa: PLC0415 - for color alone

    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[_DEVICE_CLASS] = b"scnr"
    return bytes(profile)


def _layers(
    measured: Sequence[Measured], material: Material, appearance: Appearance
) -> dict[str, GraphicLayer]:
    """Return our layers as theirs: names are code strings there, ours are in their descriptions."""
    known = {layer.name: layer for layer in material.layers}
    names = dict.fromkeys(each.annotation.layer for each in measured)
    layers = {}
    for order, name in enumerate(names, 1):
        red, green, blue = appearance.colors.get(known.get(name, Layer(name)).color_index, (255, 255, 255))
        lab = CIELabColor.from_rgb(red, green, blue)
        layers[name] = GraphicLayer(f"LAYER{order}", order, description=name[:64], display_color=lab)
    return layers


def _annotations(
    measured: Sequence[Measured],
    material: Material,
    layers: Mapping[str, GraphicLayer],
    appearance: Appearance,
) -> Iterator[GraphicAnnotation]:
    by_place: dict[tuple[FrameKey, str], list[Measured]] = defaultdict(list)
    for each in measured:
        by_place[each.annotation.frame, each.annotation.layer].append(each)
    for (frame, layer), group in by_place.items():
        header = material.image(frame)
        item = GraphicAnnotation(
            [header],
            layers[layer],
            graphic_objects=[drawn for each in group for drawn in _graphics(each)] or None,
            text_objects=[words for each in group for words in _texts(each, appearance)] or None,
        )
        if int(header.get("NumberOfFrames") or 1) > 1:
            item.ReferencedImageSequence[0].ReferencedFrameNumber = frame.frame_number
        yield item


def _graphics(measured: Measured) -> Iterator[GraphicObject]:
    annotation = measured.annotation
    for graphic_type, points in graphic(annotation.kind, annotation.points):
        yield GraphicObject(
            graphic_type,
            points,
            "PIXEL",
            tracking_id=annotation.kind.value,
            tracking_uid=uid_of(annotation.uid),
        )


def _texts(measured: Measured, appearance: Appearance) -> Iterator[TextObject]:
    annotation = measured.annotation
    anchor = _anchor(annotation.points)
    if annotation.text or annotation.kind is Kind.TEXT:
        yield _text(annotation.text or " ", anchor, f"{annotation.kind} text", annotation.uid)
    words = appearance.words(measured.measurement) if measured.measurement is not None else ""
    if words:
        yield _text(words, anchor, f"{annotation.kind} value", annotation.uid)


def _anchor(points: Sequence[Point]) -> Point:
    return points[0][0] + 0.5, points[0][1] + 0.5


def _text(words: str, anchor: Point, tracking_id: str, uuid: str) -> TextObject:
    return TextObject(
        words[:_TEXT_LENGTH],
        "PIXEL",
        anchor_point=anchor,
        anchor_point_visible=False,
        tracking_id=tracking_id,
        tracking_uid=uid_of(uuid),
    )
