"""Edits as JSON objects: in the ledger, and on their way to the process that holds the archive.

``{"put": "annotation", "study": uid, ...}``, ``{"delete": "layer", "study": uid, "name": name}`` and so on.
What is read is checked as `check_edits` does; nothing is taken for what it is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from archive.annotations.annotation import MAXIMUM_POINTS, Annotation, FrameKey, KeyImage, Kind, Layer
from archive.annotations.edits import (
    DeleteAnnotation,
    DeleteKeyImage,
    DeleteLayer,
    Edit,
    PutAnnotation,
    PutKeyImage,
    PutLayer,
    check_edits,
)
from archive.errors import BadInput

if TYPE_CHECKING:
    from archive.annotations.annotation import Point

_T = TypeVar("_T", str, int, bool)
_REFUSAL = "The change was not understood."


def edit_to_json(edit: Edit) -> dict[str, Any]:
    """Return an edit as an object of strings, numbers and lists."""
    study = {"study": edit.study_instance_uid}
    if isinstance(edit, PutAnnotation):
        return {"put": "annotation"} | study | _annotation_to_json(edit.annotation)
    if isinstance(edit, DeleteAnnotation):
        return {"delete": "annotation"} | study | {"uid": edit.uid}
    if isinstance(edit, PutLayer):
        layer = edit.layer
        looks = {"color": layer.color_index, "dashed": layer.dashed, "visible": layer.visible}
        return {"put": "layer"} | study | {"name": layer.name} | looks
    if isinstance(edit, DeleteLayer):
        return {"delete": "layer"} | study | {"name": edit.name}
    if isinstance(edit, PutKeyImage):
        mark = edit.key_image
        said = {"author": mark.author, "created": mark.created_at, "text": mark.text}
        return {"put": "key image"} | study | _frame_to_json(mark.frame) | said
    return {"delete": "key image"} | study | _frame_to_json(edit.frame)


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
    study = _typed(value, "study", str)
    match value:
        case {"put": "annotation"}:
            return PutAnnotation(_annotation(value))
        case {"delete": "annotation"}:
            return DeleteAnnotation(study, _typed(value, "uid", str))
        case {"put": "layer"}:
            return PutLayer(study, _layer(value))
        case {"delete": "layer"}:
            return DeleteLayer(study, _typed(value, "name", str))
        case {"put": "key image"}:
            return PutKeyImage(_key_image(value))
        case {"delete": "key image"}:
            return DeleteKeyImage(_frame(value))
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
