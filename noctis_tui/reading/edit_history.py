"""What was changed about a study's annotations, so that it can be undone and done again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from archive.annotations.annotation import Annotation, KeyImage, Layer

if TYPE_CHECKING:
    from archive.annotations.annotation import Annotations, FrameKey

LONGEST = 200
"""So many changes can be undone."""

Item: TypeAlias = Annotation | Layer | KeyImage
ItemKey: TypeAlias = "tuple[str, str | FrameKey]"


def key_of(item: Item) -> ItemKey:
    """Return what an item is known by: whatever becomes of it, this stays."""
    if isinstance(item, Annotation):
        return "annotation", item.uid
    if isinstance(item, Layer):
        return "layer", item.name
    return "key image", item.frame


def find(annotations: Annotations, key: ItemKey) -> Item | None:
    """Return the item of a key as it is now."""
    items: tuple[Item, ...] = (*annotations.annotations, *annotations.layers, *annotations.key_images)
    return next((item for item in items if key_of(item) == key), None)


def put(annotations: Annotations, key: ItemKey, item: Item | None) -> Annotations:
    """Return the annotations with one item put in its place, added, or taken away when it is None."""
    if key[0] == "annotation":
        shapes = _put(annotations.annotations, key, item if isinstance(item, Annotation) else None)
        return replace(annotations, annotations=shapes)
    if key[0] == "layer":
        return replace(
            annotations, layers=_put(annotations.layers, key, item if isinstance(item, Layer) else None)
        )
    marks = _put(annotations.key_images, key, item if isinstance(item, KeyImage) else None)
    return replace(annotations, key_images=marks)


T = TypeVar("T", Annotation, Layer, KeyImage)


def _put(items: tuple[T, ...], key: ItemKey, item: T | None) -> tuple[T, ...]:
    changed = [item if key_of(other) == key else other for other in items]
    if item is not None and not any(key_of(other) == key for other in items):
        changed.append(item)
    return tuple(other for other in changed if other is not None)


@dataclass(frozen=True, slots=True)
class Change:
    """One item before and after; None where it was not there."""

    key: ItemKey
    before: Item | None
    after: Item | None

    @property
    def inverse(self) -> Change:
        """What takes it back."""
        return Change(self.key, self.after, self.before)

    def made_in(self, annotations: Annotations) -> Annotations:
        """Return the annotations after the change."""
        return put(annotations, self.key, self.after)


@dataclass(frozen=True, slots=True)
class EditHistory:
    """Changes that can be undone, the last one last, and those that can be done again, the next one last."""

    done: tuple[Change, ...] = ()
    undone: tuple[Change, ...] = ()

    def with_change(self, change: Change) -> EditHistory:
        """Remember a change; what was undone before is forgotten."""
        return EditHistory((*self.done, change)[-LONGEST:])

    def undo(self) -> EditHistory:
        """Move the last change to those that can be done again."""
        return EditHistory(self.done[:-1], (*self.undone, *self.done[-1:]))

    def redo(self) -> EditHistory:
        """Move the last undone change back."""
        return EditHistory((*self.done, *self.undone[-1:]), self.undone[:-1])
