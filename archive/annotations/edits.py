"""Changes to what is kept about studies, and the limits of what is taken from other processes."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, TypeAlias

from archive.annotations.points import check_points
from archive.annotations.space_curve import FARTHEST_MM, MAXIMUM_CURVE_POINTS, WIDEST_MM
from archive.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.annotations.annotation import Annotation, FrameKey, KeyImage, Layer
    from archive.annotations.space_curve import SpaceCurve

MAXIMUM_EDITS = 1000
"""Edits that are made together."""
MAXIMUM_EDITED_POINTS = 100_000
"""Points of all shapes and curves that are changed together."""
MAXIMUM_TEXT = 1024
MAXIMUM_NAME = 64
_UID = re.compile(r"[0-9.]{1,64}", re.ASCII)
_FARTHEST = 1 << 16
"""Rows and columns are counted in sixteen bits."""
_LAST_FRAME = (1 << 31) - 1
_LAST_SECOND = 1e11


@dataclass(frozen=True, slots=True)
class PutAnnotation:
    """Keep an annotation, instead of the one with its UID when there is one."""

    annotation: Annotation

    @property
    def study_instance_uid(self) -> str:
        """The study that changes."""
        return self.annotation.frame.study_instance_uid


@dataclass(frozen=True, slots=True)
class DeleteAnnotation:
    """Forget an annotation; nothing happens when there is none."""

    study_instance_uid: str
    uid: str


@dataclass(frozen=True, slots=True)
class PutLayer:
    """Keep a layer of a study, instead of the one with its name."""

    study_instance_uid: str
    layer: Layer


@dataclass(frozen=True, slots=True)
class DeleteLayer:
    """Forget how a layer looks; annotations in it stay, in a layer as layers are without a word."""

    study_instance_uid: str
    name: str


@dataclass(frozen=True, slots=True)
class PutKeyImage:
    """Mark a frame as worth showing."""

    key_image: KeyImage

    @property
    def study_instance_uid(self) -> str:
        """The study that changes."""
        return self.key_image.frame.study_instance_uid


@dataclass(frozen=True, slots=True)
class DeleteKeyImage:
    """Take the mark off a frame; nothing happens when it has none."""

    frame: FrameKey

    @property
    def study_instance_uid(self) -> str:
        """The study that changes."""
        return self.frame.study_instance_uid


@dataclass(frozen=True, slots=True)
class PutCurve:
    """Keep a curve, instead of the one with its UID when there is one."""

    curve: SpaceCurve

    @property
    def study_instance_uid(self) -> str:
        """The study that changes."""
        return self.curve.study_instance_uid


@dataclass(frozen=True, slots=True)
class DeleteCurve:
    """Forget a curve; nothing happens when there is none."""

    study_instance_uid: str
    uid: str


Edit: TypeAlias = (
    PutAnnotation
    | DeleteAnnotation
    | PutLayer
    | DeleteLayer
    | PutKeyImage
    | DeleteKeyImage
    | PutCurve
    | DeleteCurve
)


def check_edits(edits: Sequence[Edit]) -> None:
    """Refuse what nobody may keep.

    Raises
    ------
    BadInput
        There is too much of it, a UID is none, a text is too long or cannot be stored, a number is beyond
        what an image can have; the sentence says what.
    """
    if len(edits) > MAXIMUM_EDITS or sum(map(_points, edits)) > MAXIMUM_EDITED_POINTS:
        raise BadInput("These are too many changes at once.")
    for edit in edits:
        _check(edit)


def _points(edit: Edit) -> int:
    if isinstance(edit, PutAnnotation):
        return len(edit.annotation.points)
    return len(edit.curve.points_mm) if isinstance(edit, PutCurve) else 0


def _check(edit: Edit) -> None:
    _require(_is_uid(edit.study_instance_uid), "A study is named by its Study Instance UID.")
    if isinstance(edit, PutAnnotation):
        _check_annotation(edit.annotation)
    elif isinstance(edit, PutCurve):
        _check_curve(edit.curve)
    elif isinstance(edit, (DeleteAnnotation, DeleteCurve)):
        _check_identity(edit.uid)
    elif isinstance(edit, PutLayer):
        _check_layer(edit.layer)
    elif isinstance(edit, DeleteLayer):
        _check_text(edit.name, MAXIMUM_NAME)
    elif isinstance(edit, PutKeyImage):
        _check_key_image(edit.key_image)
    else:
        _check_frame(edit.frame)


def _check_annotation(annotation: Annotation) -> None:
    _check_identity(annotation.uid)
    _check_frame(annotation.frame)
    check_points(annotation.kind, annotation.points, (_FARTHEST, _FARTHEST))
    _check_text(annotation.text, MAXIMUM_TEXT)
    _check_text(annotation.author, MAXIMUM_NAME)
    _check_name(annotation.layer)
    _check_time(annotation.created_at)
    _check_time(annotation.modified_at)


def _check_layer(layer: Layer) -> None:
    _check_name(layer.name)
    _require(1 <= layer.color_index <= 255, "A layer's colour is an index from 1 to 255.")


def _check_key_image(key_image: KeyImage) -> None:
    _check_frame(key_image.frame)
    _check_text(key_image.author, MAXIMUM_NAME)
    _check_text(key_image.text, MAXIMUM_TEXT)
    _check_time(key_image.created_at)


def _check_curve(curve: SpaceCurve) -> None:
    _check_identity(curve.uid)
    _require(_is_uid(curve.series_instance_uid), "A series is named by its Series Instance UID.")
    space = curve.frame_of_reference_uid
    _require(not space or _is_uid(space), "A frame of reference is named by its UID.")
    _require(
        1 <= len(curve.points_mm) <= MAXIMUM_CURVE_POINTS,
        f"A curve has from 1 to {MAXIMUM_CURVE_POINTS} points.",
    )
    near = all(abs(part) <= FARTHEST_MM for point in curve.points_mm for part in point)
    _require(near, "A point of the curve lies nowhere in the patient.")
    _require(abs(curve.rotation_degrees) <= 360, "A curve's picture is turned by up to 360 degrees.")
    _require(0 < curve.width_mm <= WIDEST_MM, f"A picture along a curve is up to {WIDEST_MM:g} mm wide.")
    _check_text(curve.name, MAXIMUM_NAME)
    _check_text(curve.author, MAXIMUM_NAME)
    _check_time(curve.created_at)
    _check_time(curve.modified_at)


def _check_frame(frame: FrameKey) -> None:
    _require(_is_uid(frame.series_instance_uid), "A series is named by its Series Instance UID.")
    _require(_is_uid(frame.sop_instance_uid), "An instance is named by its SOP Instance UID.")
    _require(1 <= frame.frame_number <= _LAST_FRAME, "Frames are counted from 1.")


def _check_identity(uid: str) -> None:
    try:
        known = str(uuid.UUID(uid)) == uid
    except ValueError:
        known = False
    _require(known, "An annotation is named by a UUID in small letters.")


def _check_name(name: str) -> None:
    _require(bool(name.strip()), "A layer has a name.")
    _check_text(name, MAXIMUM_NAME)


def _check_text(text: str, longest: int) -> None:
    _require(len(text) <= longest, f"A text of an annotation may have {longest} characters here.")
    _require(
        "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text),
        "A text of an annotation holds what is no character.",
    )


def _check_time(seconds: float) -> None:
    _require(isfinite(seconds) and 0 <= seconds < _LAST_SECOND, "A time is seconds since 1970.")


def _is_uid(text: str) -> bool:
    return _UID.fullmatch(text) is not None


def _require(holds: bool, sentence: str) -> None:
    if not holds:
        raise BadInput(sentence)
