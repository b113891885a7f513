"""Writing annotations, layers, key images and curves into the index; for the lease holder."""

from __future__ import annotations

import struct
import uuid
from typing import TYPE_CHECKING

from archive.annotations.edits import (
    DeleteAnnotation,
    DeleteCurve,
    DeleteLayer,
    PutAnnotation,
    PutCurve,
    PutKeyImage,
    PutLayer,
)
from archive.errors import BadInput, NotFound
from archive.index.models import (
    Counter,
    Instance,
    KeptAnnotation,
    KeptCurve,
    KeptKeyImage,
    KeptLayer,
    Series,
    Study,
)
from archive.index.packing import pack_uid
from archive.index.statements import deletion, insertion, selection, update_by_id

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from peewee import Model

    from archive.annotations.annotation import Annotation, FrameKey, KeyImage, Layer, Point
    from archive.annotations.edits import Edit
    from archive.annotations.space_curve import SpaceCurve, SpacePoint
    from archive.index.database import Row

MAXIMUM_ANNOTATIONS = 10_000
"""Of one study."""
MAXIMUM_LAYERS = 100
"""That a reader styled, of one study."""
MAXIMUM_KEY_IMAGES = 10_000
"""Of one study."""


MAXIMUM_CURVES = 1000
"""Of one study."""


class AnnotationWriter:
    """Makes edits inside one transaction of the lease holder; `finish` gives each study its change number.

    Parameters
    ----------
    require_instances
        Whether what is annotated must be in the index: not when an index is made again, whose files may come
        back.
    """

    def __init__(self, cursor: sqlite3.Cursor, *, require_instances: bool = True) -> None:
        self._cursor = cursor
        self._require_instances = require_instances
        self._studies: dict[str, int] = {}

    def make(self, edit: Edit) -> None:
        """Make one edit.

        Raises
        ------
        NotFound
            The archive has no such study, series or instance.
        BadInput
            The annotation belongs to another study, or the study has too many.
        """
        study = self._study(edit.study_instance_uid)
        if isinstance(edit, PutAnnotation):
            self._put_annotation(study, edit.annotation)
        elif isinstance(edit, DeleteAnnotation):
            self._delete(KeptAnnotation, {"uuid": uuid.UUID(edit.uid).bytes, "study": study})
        elif isinstance(edit, PutLayer):
            self._put_layer(study, edit.layer)
        elif isinstance(edit, DeleteLayer):
            self._delete(KeptLayer, {"study": study, "name": edit.name})
        elif isinstance(edit, PutKeyImage):
            self._put_key_image(study, edit.key_image)
        elif isinstance(edit, PutCurve):
            self._put_curve(study, edit.curve)
        elif isinstance(edit, DeleteCurve):
            self._delete(KeptCurve, {"uuid": uuid.UUID(edit.uid).bytes, "study": study})
        else:
            self._delete(KeptKeyImage, _frame_row(study, edit.frame))

    def finish(self) -> None:
        """Give every study that was edited the next number of the change sequence."""
        (sequence,) = self._cursor.execute(selection(Counter, ("value",), "name"), ("change",)).fetchone()
        update = update_by_id(Study, "change_seq")
        for sequence, study in enumerate(self._studies.values(), sequence + 1):  # noqa: B020 - goes on from it
            self._cursor.execute(update.sql, update.bind({"id": study, "change_seq": sequence}))
        counter = update_by_id(Counter, "value")
        self._cursor.execute(counter.sql, counter.bind({"name": "change", "value": sequence}))

    def _study(self, uid: str) -> int:
        if uid not in self._studies:
            rows = self._select(selection(Study, ("id",), "study_uid"), uid)
            if not rows:
                raise NotFound("The archive does not have that study.")
            self._studies[uid] = rows[0][0]
        return self._studies[uid]

    def _put_annotation(self, study: int, annotation: Annotation) -> None:
        self._check_frame(study, annotation.frame)
        identity = uuid.UUID(annotation.uid).bytes
        self._make_room(KeptAnnotation, identity, study, MAXIMUM_ANNOTATIONS, "annotation")
        row = {
            "uuid": identity,
            "kind": annotation.kind.value,
            "points": _packed(annotation.points),
            "text": annotation.text,
            "layer": annotation.layer,
            "author": annotation.author,
            "created_at": annotation.created_at,
            "modified_at": annotation.modified_at,
        }
        self._insert(KeptAnnotation, row | _frame_row(study, annotation.frame))

    def _put_layer(self, study: int, layer: Layer) -> None:
        key = {"study": study, "name": layer.name}
        self._delete(KeptLayer, key)
        self._check_room(KeptLayer, study, MAXIMUM_LAYERS, "layers")
        looks = {"color_index": layer.color_index, "dashed": int(layer.dashed), "visible": int(layer.visible)}
        self._insert(KeptLayer, key | looks)

    def _put_key_image(self, study: int, mark: KeyImage) -> None:
        self._check_frame(study, mark.frame)
        key = _frame_row(study, mark.frame)
        self._delete(KeptKeyImage, key)
        self._check_room(KeptKeyImage, study, MAXIMUM_KEY_IMAGES, "key images")
        said = {"author": mark.author, "created_at": mark.created_at, "text": mark.text}
        self._insert(KeptKeyImage, key | said)

    def _put_curve(self, study: int, curve: SpaceCurve) -> None:
        if self._require_instances and not self._series(study, curve.series_instance_uid):
            raise NotFound("The archive does not have that series.")
        identity = uuid.UUID(curve.uid).bytes
        self._make_room(KeptCurve, identity, study, MAXIMUM_CURVES, "curve")
        row = {
            "uuid": identity,
            "study": study,
            "series_uid": curve.series_instance_uid,
            "frame_of_reference_uid": curve.frame_of_reference_uid,
            "points": _packed(curve.points_mm),
            "name": curve.name,
            "rotation_degrees": curve.rotation_degrees,
            "width_mm": curve.width_mm,
            "author": curve.author,
            "created_at": curve.created_at,
            "modified_at": curve.modified_at,
        }
        self._insert(KeptCurve, row)

    def _make_room(self, model: type[Model], identity: bytes, study: int, most: int, what: str) -> None:
        """Take away what is known by an identity, and see that another one has room."""
        owner = self._select(selection(model, ("study",), "uuid"), identity)
        if owner and owner[0][0] != study:
            raise BadInput(f"{'An' if what[0] in 'aeiou' else 'A'} {what} cannot move to another study.")
        self._delete(model, {"uuid": identity, "study": study})
        self._check_room(model, study, most, f"{what}s")

    def _series(self, study: int, uid: str) -> list[Row]:
        return self._select(selection(Series, ("id",), "series_uid", "study"), uid, study)

    def _check_frame(self, study: int, frame: FrameKey) -> None:
        if not self._require_instances:
            return
        series = self._series(study, frame.series_instance_uid)
        key = (series[0][0] if series else None, pack_uid(frame.sop_instance_uid))
        frames = self._select(selection(Instance, ("frames",), "series", "sop_uid"), *key)
        if not frames:  # frame numbers count on behind the file's own: slices of mosaics, overviews of slides
            raise NotFound("The archive does not have that image.")

    def _check_room(self, model: type[Model], study: int, most: int, what: str) -> None:
        if len(self._select(selection(model, ("study",), "study"), study)) >= most:
            raise BadInput(f"A study may have {most} {what}.")

    def _delete(self, model: type[Model], key: dict[str, object]) -> None:
        self._cursor.execute(deletion(model, *key), tuple(key.values()))

    def _insert(self, model: type[Model], row: dict[str, object]) -> None:
        statement = insertion(model)
        self._cursor.execute(statement.sql, statement.bind(row))

    def _select(self, sql: str, *parameters: object) -> list[Row]:
        return self._cursor.execute(sql, parameters).fetchall()


def _frame_row(study: int, frame: FrameKey) -> dict[str, object]:
    return {
        "study": study,
        "series_uid": frame.series_instance_uid,
        "sop_uid": pack_uid(frame.sop_instance_uid),
        "frame_number": frame.frame_number,
    }


def _packed(points: Iterable[Point | SpacePoint]) -> bytes:
    numbers = [part for point in points for part in point]
    return struct.pack(f"<{len(numbers)}d", *numbers)
