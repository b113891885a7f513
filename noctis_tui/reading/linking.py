"""Which frame of one stack belongs to a frame of another: how panes scroll together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from noctis_tui.imaging.patient_space import dot
from noctis_tui.imaging.slices import nearest_beside, run_side_by_side

if TYPE_CHECKING:
    from noctis_tui.imaging.patient_space import Vector
    from noctis_tui.imaging.slices import Slice


class Tie(StrEnum):
    """What two stacks go by, as the title of a pane says it."""

    POSITION = "mm"
    """Both are measured from the same origin: by the position in the patient."""
    OFFSET = "offset"
    """The reader said which two slices belong together: as far from them in both."""
    SHARE = "share"
    """Nothing is known: the first belongs to the first, the last to the last."""


@dataclass(frozen=True, slots=True)
class Scrolled:
    """A stack and where it is.

    Attributes
    ----------
    count, index
        How many frames, and which of them.
    slices
        Where each lies; empty while that is not known.
    """

    count: int
    index: int
    slices: tuple[Slice | None, ...] = ()

    @property
    def here(self) -> Slice | None:
        """Where the frame in view lies."""
        return self.at(self.index)

    def at(self, index: int) -> Slice | None:
        """Where another frame lies."""
        return self.slices[index] if 0 <= index < len(self.slices) else None


def by_position(moved: Scrolled, other: Scrolled) -> int | None:
    """Return where `other` shows the same position in the patient.

    None where the two have different frames of reference, or no slices side by side.
    """
    here, there = moved.here, other.here
    if here is None or there is None or not here.shares_space_with(there):
        return None
    return nearest_beside(other.slices, here, other.index)


def by_offset(moved: Scrolled, other: Scrolled, registered: tuple[int, int]) -> int:
    """Return where `other` is as far from its registered frame as `moved` is from its own.

    Parameters
    ----------
    registered
        The frames of `moved` and `other` that the reader said belong together.

    In mm along the normals where both lie side by side in their patients, else in frames.
    """
    before, now, anchor = moved.at(registered[0]), moved.here, other.at(registered[1])
    if before and now and anchor and _side_by_side(before, now, anchor):
        normal = before.plane.normal
        along = dot(_minus(now.center_mm, before.center_mm), normal)
        along *= 1 if dot(normal, anchor.plane.normal) > 0 else -1
        found = nearest_beside(other.slices, anchor, other.index, toward_mm=along)
        if found is not None:
            return found
    return max(0, min(registered[1] + moved.index - registered[0], other.count - 1))


def by_share(moved: Scrolled, other: Scrolled) -> int:
    """Return the frame that is as far through its stack, counted from the same side of the patient."""
    share = moved.index / max(moved.count - 1, 1)
    if _run_against(moved, other):
        share = 1 - share
    return round(share * max(other.count - 1, 0))


def _side_by_side(first: Slice, *others: Slice) -> bool:
    return all(run_side_by_side(first.plane, other.plane) for other in others)


def _run_against(one: Scrolled, other: Scrolled) -> bool:
    """Tell whether two stacks are known to go through the patient in opposite directions."""
    ways = _way(one), _way(other)
    return ways[0] is not None and ways[1] is not None and dot(ways[0], ways[1]) < 0


def _way(stack: Scrolled) -> Vector | None:
    first, last = stack.at(0), stack.at(stack.count - 1)
    return _minus(last.center_mm, first.center_mm) if first and last else None


def _minus(a: Vector, b: Vector) -> Vector:
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]
