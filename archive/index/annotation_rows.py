"""Reading annotations, layers, key images and curves from the index."""

from __future__ import annotations

import struct
import uuid
from typing import TYPE_CHECKING, Any

from archive.annotations.annotation import (
    Annotation,
    Annotations,
    FrameKey,
    KeyImage,
    Kind,
    Layer,
)
from archive.annotations.edits import (
    PutAnnotation,
    PutCurve,
    PutKeyImage,
    PutLayer,
    check_edits,
)
from archive.annotations.space_curve import SpaceCurve
from archive.errors import NoctisError
from archive.index.models import KeptAnnotation, KeptCurve, KeptKeyImage, KeptLayer, Study
from archive.index.packing import unpack_uid
from archive.index.statements import columns_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from peewee import ModelSelect

    from archive.annotations.annotation import Point
    from archive.annotations.edits import Edit
    from archive.index.database import Index, Row

_DEFAULT = Layer("Measurements")


def annotations_of(index: Index, study_instance_uid: str) -> Annotations:
    """Return everything that is kept about a study; nothing for one that the archive does not have.

    Annotations, key images and curves come in the order in which they were made. Every layer that an
    annotation lies in is there, and the layer "Measurements".
    """
    shapes = [_annotation(*row) for row in index.rows(_of_study(_annotation_query(), study_instance_uid))]
    marks = [_key_image(*row) for row in index.rows(_of_study(_key_image_query(), study_instance_uid))]
    styled = [_layer(*row[1:]) for row in index.rows(_of_study(_layer_query(), study_instance_uid))]
    curves = [_curve(*row) for row in index.rows(_of_study(_curve_query(), study_instance_uid))]
    return Annotations(
        tuple(sorted(shapes, key=lambda each: (each.created_at, each.uid))),
        _all_layers(styled, shapes),
        tuple(sorted(marks, key=lambda each: each.created_at)),
        tuple(sorted(curves, key=lambda each: (each.created_at, each.uid))),
    )


def everything(index: Index) -> Iterator[Edit]:
    """Yield all that an index keeps, as the edits that put it there; what does not read is passed over.

    Raises
    ------
    NoctisError
        A table cannot be read.
    """
    readings: tuple[tuple[ModelSelect[Any], Callable[[Row], Edit]], ...] = (
        (_annotation_query(), lambda row: PutAnnotation(_annotation(*row))),
        (_layer_query(), lambda row: PutLayer(row[0], _layer(*row[1:]))),
        (_key_image_query(), lambda row: PutKeyImage(_key_image(*row))),
        (_curve_query(), lambda row: PutCurve(_curve(*row))),  # last: older schemas have no such table
    )
    for query, read in readings:
        for row in index.rows(query):
            edit = _sound(row, read)
            if edit is not None:
                yield edit


def _sound(row: Row, read: Callable[[Row], Edit]) -> Edit | None:
    try:
        edit = read(row)
        check_edits((edit,))
    except (ValueError, TypeError, AttributeError, struct.error, NoctisError):
        return None
    return edit


def _of_study(query: ModelSelect[Any], study_instance_uid: str) -> ModelSelect[Any]:
    return query.where(Study.study_uid == study_instance_uid)


def _annotation_query() -> ModelSelect[KeptAnnotation]:
    columns = [getattr(KeptAnnotation, name) for name in columns_of(KeptAnnotation) if name != "study"]
    return KeptAnnotation.select(Study.study_uid, *columns).join(Study)


def _layer_query() -> ModelSelect[KeptLayer]:
    columns = (KeptLayer.name, KeptLayer.color_index, KeptLayer.dashed, KeptLayer.visible)
    return KeptLayer.select(Study.study_uid, *columns).join(Study)


def _key_image_query() -> ModelSelect[KeptKeyImage]:
    columns = [getattr(KeptKeyImage, name) for name in columns_of(KeptKeyImage) if name != "study"]
    return KeptKeyImage.select(Study.study_uid, *columns).join(Study)


def _curve_query() -> ModelSelect[KeptCurve]:
    columns = [getattr(KeptCurve, name) for name in columns_of(KeptCurve) if name != "study"]
    return KeptCurve.select(Study.study_uid, *columns).join(Study)


def _annotation(
    study_uid: str,
    identity: bytes,
    series_uid: str,
    sop_uid: bytes,
    frame_number: int,
    kind: str,
    points: bytes,
    text: str,
    layer: str,
    author: str,
    created_at: float,
    modified_at: float,
) -> Annotation:
    frame = FrameKey(study_uid, series_uid, unpack_uid(sop_uid), frame_number)
    return Annotation(
        str(uuid.UUID(bytes=identity)),
        frame,
        Kind(kind),
        _unpacked(points),
        text,
        layer,
        author,
        created_at,
        modified_at,
    )


def _curve(
    study_uid: str,
    identity: bytes,
    series_uid: str,
    frame_of_reference_uid: str,
    points: bytes,
    name: str,
    rotation_degrees: float,
    width_mm: float,
    author: str,
    created_at: float,
    modified_at: float,
) -> SpaceCurve:
    return SpaceCurve(
        str(uuid.UUID(bytes=identity)),
        study_uid,
        series_uid,
        frame_of_reference_uid,
        tuple((x, y, z) for x, y, z in struct.iter_unpack("<3d", points)),
        name,
        rotation_degrees,
        width_mm,
        author,
        created_at,
        modified_at,
    )


def _layer(name: str, color_index: int, dashed: int, visible: int) -> Layer:
    return Layer(name, color_index, dashed=bool(dashed), visible=bool(visible))


def _key_image(
    study_uid: str,
    series_uid: str,
    sop_uid: bytes,
    frame_number: int,
    author: str,
    created_at: float,
    text: str,
) -> KeyImage:
    frame = FrameKey(study_uid, series_uid, unpack_uid(sop_uid), frame_number)
    return KeyImage(frame, author, created_at, text)


def _all_layers(styled: Iterable[Layer], shapes: Iterable[Annotation]) -> tuple[Layer, ...]:
    layers = {shape.layer: Layer(shape.layer) for shape in shapes}
    layers |= {layer.name: layer for layer in styled}
    first = layers.pop(_DEFAULT.name, _DEFAULT)
    return (first, *[layers[name] for name in sorted(layers)])


def _unpacked(points: bytes) -> tuple[Point, ...]:
    return tuple((column, row) for column, row in struct.iter_unpack("<2d", points))
