"""Functional groups of enhanced multi-frame images: per frame over shared (PS3.3 C.7.6.16)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.dicom.keywords import (
    PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
    SHARED_FUNCTIONAL_GROUPS_SEQUENCE,
)

if TYPE_CHECKING:
    from archive.dicom.data_set import DataSet


class FunctionalGroups:
    """Finds the macro that holds for a frame; frames are walked only when they are asked for."""

    def __init__(self, ds: DataSet) -> None:
        self._ds = ds
        self._shared = ds.first_item(SHARED_FUNCTIONAL_GROUPS_SEQUENCE)
        self._spans = ds.item_spans(PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE)

    def __bool__(self) -> bool:
        return self._shared is not None or bool(self._spans)

    def of_frame(self, frame_index: int) -> FrameGroups:
        """Return the groups of one frame."""
        per_frame = None
        if frame_index < len(self._spans):
            span = self._spans[frame_index]
            per_frame = self._ds.item_at(PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, span)
        return FrameGroups(per_frame, self._shared)


class FrameGroups:
    """The functional groups of one frame."""

    def __init__(self, per_frame: DataSet | None, shared: DataSet | None) -> None:
        self._places = [place for place in (per_frame, shared) if place is not None]

    def macro(self, sequence_tag: int) -> DataSet | None:
        """Return the macro's first item, the frame's own before the shared one."""
        return next(iter(self.items(sequence_tag, 1)), None)

    def items(self, sequence_tag: int, limit: int) -> list[DataSet]:
        """Return the macro's items, the frame's own or else the shared ones."""
        found = (place.items(sequence_tag, limit) for place in self._places)
        return next((items for items in found if items), [])
