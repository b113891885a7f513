"""What is left of many edits: the last word on every annotation, layer and key image."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from archive.annotations.annotation import FrameKey
from archive.annotations.edits import (
    DeleteAnnotation,
    DeleteKeyImage,
    DeleteLayer,
    PutAnnotation,
    PutLayer,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archive.annotations.edits import Edit

Subject: TypeAlias = tuple[str, str, str | FrameKey]
"""Study Instance UID, what kind of thing, and which."""


def subject_of(edit: Edit) -> Subject:
    """Return what an edit is about; of two edits about the same, the later one holds."""
    study = edit.study_instance_uid
    if isinstance(edit, PutAnnotation):
        return study, "annotation", edit.annotation.uid
    if isinstance(edit, DeleteAnnotation):
        return study, "annotation", edit.uid
    if isinstance(edit, PutLayer):
        return study, "layer", edit.layer.name
    if isinstance(edit, DeleteLayer):
        return study, "layer", edit.name
    return study, "key image", edit.frame if isinstance(edit, DeleteKeyImage) else edit.key_image.frame


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
        gone = (DeleteAnnotation, DeleteLayer, DeleteKeyImage)
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
        return known is None
