"""Edits as JSON objects: in the ledger, and on their way to the process that holds the archive.

``{"put": "annotation", "study": uid, ...}``, ``{"delete": "layer", "study": uid, "name": name}`` and so on.
What is read is checked as `check_edits` does; nothing is taken for what it is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from archive.annotations.annotation import MAXIMUM_POINTS, Annotation, FrameKey, KeyImage, Kind, Layer
from archive.annotations.edits import (
    DeleteAnnotation,
    DeleteCurve,
    DeleteKeyImage,
    DeleteLayer,
    Edit,
    PutAnnotation,
    PutCurve,
    PutKeyImage,
    PutLayer,
    check_edits,
)
from archive.annotations.space_curve import MAXIMUM_CURVE_POINTS, SpaceCurve
from archive.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.annotations.annotation import Point
    from archive.annotations.space_curve import SpacePoint

_T = TypeVar("_T", str, int, bool)
_REFUSAL = "The change was not understood."


def edit_to_json(edit: Edit) -> dict[str, Any]:
    """Return an edit as an object of strings, numbers and lists."""
    verb, said = _said(edit)
    return verb | {"study": edit.study_instance_uid} | said


def _said(edit: Edit) -> tuple[dict[str, str], dict[str, Any]]:
    match edit:
        case PutAnnotation(annotation):
            said = {"put": "annotation"}, _annotation_to_json(annotation)
        case DeleteAnnotation(_, uid):
            said = {"delete": "annotation"}, {"uid": uid}
        case PutLayer(_, layer):
            said = {"put": "layer"}, _layer_to_json(layer)
        case DeleteLayer(_, name):
            said = {"delete": "layer"}, {"name": name}
        case PutKeyImage(mark):
            said = {"put": "key image"}, _key_image_to_json(mark)
        case DeleteKeyImage(frame):
            said = {"delete": "key image"}, _frame_to_json(frame)
        case PutCurve(curve):
            said = {"put": "curve"}, _curve_to_json(curve)
        case DeleteCurve(_, uid):
            said = {"delete": "curve"}, {"uid": uid}
    return said


def edit_from_json(value: object) -> Edit:
    """Return the edit that an object says.

    Raises
    ------
    BadInput
        It says none, or one that may not be made.
    """
    try:
        edit = _read(value)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BadInput(_REFUSAL) from error
    check_edits((edit,))
    return edit


def _read(value: object) -> Edit:
    if not isinstance(value, dict):
        raise TypeError
    for (verb, what), read in _READERS.items():
        if value.get(verb) == what:
            return read(value, _typed(value, "study", str))
    raise ValueError


def _annotation_to_json(annotation: Annotation) -> dict[str, Any]:
    return _frame_to_json(annotation.frame) | {
        "uid": annotation.uid,
        "kind": annotation.kind.value,
        "points": [list(point) for point in annotation.points],
        "text": annotation.text,
        "layer": annotation.layer,
        "author": annotation.author,
        "created": annotation.created_at,
        "modified": annotation.modified_at,
    }


def _annotation(value: dict[str, Any]) -> Annotation:
    return Annotation(
        uid=_typed(value, "uid", str),
        frame=_frame(value),
        kind=Kind(_typed(value, "kind", str)),
        points=_points(value["points"]),
        text=_typed(value, "text", str),
        layer=_typed(value, "layer", str),
        author=_typed(value, "author", str),
        created_at=_number(value["created"]),
        modified_at=_number(value["modified"]),
    )


def _points(value: object) -> tuple[Point, ...]:
    if not isinstance(value, list) or len(value) > MAXIMUM_POINTS:
        raise ValueError
    return tuple((_number(column), _number(row)) for column, row in value)


def _curve_to_json(curve: SpaceCurve) -> dict[str, Any]:
    return {
        "uid": curve.uid,
        "series": curve.series_instance_uid,
        "frame of reference": curve.frame_of_reference_uid,
        "points": [list(point) for point in curve.points_mm],
        "name": curve.name,
        "rotation": curve.rotation_degrees,
        "width": curve.width_mm,
        "author": curve.author,
        "created": curve.created_at,
        "modified": curve.modified_at,
    }


def _curve(value: dict[str, Any]) -> SpaceCurve:
    return SpaceCurve(
        uid=_typed(value, "uid", str),
        study_instance_uid=_typed(value, "study", str),
        series_instance_uid=_typed(value, "series", str),
        frame_of_reference_uid=_typed(value, "frame of reference", str),
        points_mm=_space_points(value["points"]),
        name=_typed(value, "name", str),
        rotation_degrees=_number(value["rotation"]),
        width_mm=_number(value["width"]),
        author=_typed(value, "author", str),
        created_at=_number(value["created"]),
        modified_at=_number(value["modified"]),
    )


def _space_points(value: object) -> tuple[SpacePoint, ...]:
    if not isinstance(value, list) or len(value) > MAXIMUM_CURVE_POINTS:
        raise ValueError
    return tuple((_number(x), _number(y), _number(z)) for x, y, z in value)


def _layer_to_json(layer: Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "color": layer.color_index,
        "dashed": layer.dashed,
        "visible": layer.visible,
    }


def _key_image_to_json(mark: KeyImage) -> dict[str, Any]:
    said = {"author": mark.author, "created": mark.created_at, "text": mark.text}
    return _frame_to_json(mark.frame) | said


def _layer(value: dict[str, Any]) -> Layer:
    return Layer(
        _typed(value, "name", str),
        _typed(value, "color", int),
        dashed=_typed(value, "dashed", bool),
        visible=_typed(value, "visible", bool),
    )


def _key_image(value: dict[str, Any]) -> KeyImage:
    return KeyImage(
        _frame(value), _typed(value, "author", str), _number(value["created"]), _typed(value, "text", str)
    )


def _frame_to_json(frame: FrameKey) -> dict[str, Any]:
    return {
        "series": frame.series_instance_uid,
        "instance": frame.sop_instance_uid,
        "frame": frame.frame_number,
    }


def _frame(value: dict[str, Any]) -> FrameKey:
    return FrameKey(
        _typed(value, "study", str),
        _typed(value, "series", str),
        _typed(value, "instance", str),
        _typed(value, "frame", int),
    )


def _typed(value: dict[str, Any], name: str, kind: type[_T]) -> _T:
    found = value[name]
    if type(found) is not kind:  # True is an int to isinstance
        raise TypeError
    return found


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError
    return float(value)


_READERS: dict[tuple[str, str], Callable[[dict[str, Any], str], Edit]] = {
    ("put", "annotation"): lambda value, _: PutAnnotation(_annotation(value)),
    ("delete", "annotation"): lambda value, study: DeleteAnnotation(study, _typed(value, "uid", str)),
    ("put", "layer"): lambda value, study: PutLayer(study, _layer(value)),
    ("delete", "layer"): lambda value, study: DeleteLayer(study, _typed(value, "name", str)),
    ("put", "key image"): lambda value, _: PutKeyImage(_key_image(value)),
    ("delete", "key image"): lambda value, _: DeleteKeyImage(_frame(value)),
    ("put", "curve"): lambda value, _: PutCurve(_curve(value)),
    ("delete", "curve"): lambda value, study: DeleteCurve(study, _typed(value, "uid", str)),
}
