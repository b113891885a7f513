"""What is left of many edits: the last word on every annotation, layer, key image and curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from archive.annotations.annotation import FrameKey
from archive.annotations.edits import (
    DeleteAnnotation,
    DeleteCurve,
    DeleteKeyImage,
    DeleteLayer,
    PutAnnotation,
    PutCurve,
    PutKeyImage,
    PutLayer,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archive.annotations.edits import Edit

Subject: TypeAlias = tuple[str, str, str | FrameKey]
"""Study Instance UID, what kind of thing, and which."""


def subject_of(edit: Edit) -> Subject:
    """Return what an edit is about; of two edits about the same, the later one holds."""
    which: tuple[str, str | FrameKey]
    match edit:
        case PutAnnotation(annotation):
            which = "annotation", annotation.uid
        case DeleteAnnotation(_, uid):
            which = "annotation", uid
        case PutLayer(_, layer):
            which = "layer", layer.name
        case DeleteLayer(_, name):
            which = "layer", name
        case PutKeyImage(mark):
            which = "key image", mark.frame
        case DeleteKeyImage(frame):
            which = "key image", frame
        case PutCurve(curve):
            which = "curve", curve.uid
        case DeleteCurve(_, uid):
            which = "curve", uid
    return edit.study_instance_uid, *which


class Replay:
    """The last edit of every subject, in the order in which they were first spoken of."""

    def __init__(self, edits: Iterable[Edit] = ()) -> None:
        self._last: dict[Subject, Edit] = {}
        for edit in edits:
            self._last[subject_of(edit)] = edit

    def __iter__(self) -> Iterator[Edit]:
        return iter(self._last.values())

    def kept(self) -> list[Edit]:
        """Return the edits that put something which was not taken away later."""
        gone = (DeleteAnnotation, DeleteLayer, DeleteKeyImage, DeleteCurve)
        return [edit for edit in self._last.values() if not isinstance(edit, gone)]

    def add_missing(self, edits: Iterable[Edit]) -> list[Edit]:
        """Take up what nothing has been said of, or what was changed later; return what was taken up."""
        news = [edit for edit in edits if self._is_news(edit)]
        for edit in news:
            self._last[subject_of(edit)] = edit
        return news

    def _is_news(self, edit: Edit) -> bool:
        known = self._last.get(subject_of(edit))
        if isinstance(known, PutAnnotation) and isinstance(edit, PutAnnotation):
            return edit.annotation.modified_at > known.annotation.modified_at
        if isinstance(known, PutCurve) and isinstance(edit, PutCurve):
            return edit.curve.modified_at > known.curve.modified_at
        return known is None
