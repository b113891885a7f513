"""What was changed about a study's annotations, so that it can be undone and done again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from archive.annotations.annotation import Annotation, KeyImage, Layer
from archive.annotations.space_curve import SpaceCurve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archive.annotations.annotation import Annotations, FrameKey

LONGEST = 200
"""So many steps can be undone."""

Item: TypeAlias = Annotation | Layer | KeyImage | SpaceCurve
ItemKey: TypeAlias = "tuple[str, str | FrameKey]"


def key_of(item: Item) -> ItemKey:
    """Return what an item is known by: whatever becomes of it, this stays."""
    if isinstance(item, Annotation):
        return "annotation", item.uid
    if isinstance(item, Layer):
        return "layer", item.name
    if isinstance(item, SpaceCurve):
        return "curve", item.uid
    return "key image", item.frame


def by_key(annotations: Annotations) -> dict[ItemKey, Item]:
    """Return every item by what it is known by."""
    return {key_of(item): item for item in _all(annotations)}


def find(annotations: Annotations, key: ItemKey) -> Item | None:
    """Return the item of a key as it is now."""
    return next((item for item in _all(annotations) if key_of(item) == key), None)


def _all(annotations: Annotations) -> tuple[Item, ...]:
    drawn = annotations.annotations, annotations.layers, annotations.key_images, annotations.curves
    return tuple(item for items in drawn for item in items)


def put(annotations: Annotations, key: ItemKey, item: Item | None) -> Annotations:
    """Return the annotations with one item put in its place, added, or taken away when it is None."""
    return put_all(annotations, {key: item})


def put_all(annotations: Annotations, items: Mapping[ItemKey, Item | None]) -> Annotations:
    """Return the annotations with items put in their places, added, or taken away where they are None."""
    return replace(
        annotations,
        annotations=_put(annotations.annotations, items, Annotation),
        layers=_put(annotations.layers, items, Layer),
        key_images=_put(annotations.key_images, items, KeyImage),
        curves=_put(annotations.curves, items, SpaceCurve),
    )


T = TypeVar("T", Annotation, Layer, KeyImage, SpaceCurve)


def _put(known: tuple[T, ...], items: Mapping[ItemKey, Item | None], kind: type[T]) -> tuple[T, ...]:
    keys = {key_of(item) for item in known}
    changed: list[Item | None] = [items.get(key_of(item), item) for item in known]
    new: list[Item | None] = [item for key, item in items.items() if key not in keys]
    return tuple(item for item in (*changed, *new) if isinstance(item, kind))


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


Step: TypeAlias = tuple[Change, ...]
"""Changes that are made, undone and done again together."""


def inverse(step: Step) -> Step:
    """Return what takes a step back."""
    return tuple(change.inverse for change in reversed(step))


def made_in(annotations: Annotations, step: Step) -> Annotations:
    """Return the annotations after a step."""
    return put_all(annotations, {change.key: change.after for change in step})


@dataclass(frozen=True, slots=True)
class EditHistory:
    """Steps that can be undone, the last one last, and those that can be done again, the next one last."""

    done: tuple[Step, ...] = ()
    undone: tuple[Step, ...] = ()

    def with_step(self, step: Step) -> EditHistory:
        """Remember a step; what was undone before is forgotten."""
        return EditHistory((*self.done, step)[-LONGEST:])

    def undo(self) -> EditHistory:
        """Move the last step to those that can be done again."""
        return EditHistory(self.done[:-1], (*self.undone, *self.done[-1:]))

    def redo(self) -> EditHistory:
        """Move the last undone step back."""
        return EditHistory((*self.done, *self.undone[-1:]), self.undone[:-1])
