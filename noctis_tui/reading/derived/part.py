"""What an object is made of and how the reader wants to see it: segments, structures, dose levels."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from noctis_tui.reading.marks import Note

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from noctis_tui.reading.derived.cielab import Rgb
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.marks import Mark
    from noctis_tui.reading.stack import FrameRef

OPACITY_STEP = 0.1
NAMED_LIMIT = 12
NAME_INDEX = 1
"""Names are written as text is, not as marks are: the colours belong to the parts."""


@dataclass(frozen=True, slots=True)
class Part:
    """One segment, structure or dose level; its name is safe to show."""

    number: int
    name: str
    rgb: Rgb
    about: str = ""


@dataclass(frozen=True, slots=True)
class Appearance:
    """How an object is drawn.

    Attributes
    ----------
    hidden
        Numbers of the parts that are not drawn.
    opacity
        Of what fills an area, 0 to 1; lines are always opaque.
    """

    hidden: frozenset[int] = field(default_factory=frozenset)
    opacity: float = 0.3

    def with_toggled(self, number: int) -> Appearance:
        """Show or hide one part."""
        return replace(self, hidden=self.hidden ^ {number})

    def with_opacity_step(self, steps: int) -> Appearance:
        """Fill more or less densely; at 0 only the lines are left."""
        opacity = round(min(max(self.opacity + steps * OPACITY_STEP, 0.0), 1.0), 2)
        return replace(self, opacity=opacity)


class DerivedObject(Protocol):
    """Something that is drawn over the images it refers to; thread-safe once it is open."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """What can be shown and hidden, in the object's order."""

    def marks_on(self, frame: LoadedFrame, ref: FrameRef, appearance: Appearance) -> tuple[Mark, ...]:
        """Return what lies on a frame; called in a worker thread."""


def names_of(parts: Iterable[Part], points: Mapping[int, tuple[float, float]]) -> tuple[Note, ...]:
    """Write the names of parts at their points; none when there are more than can be told apart."""
    named = [(part, points[part.number]) for part in parts if part.number in points]
    if len(named) > NAMED_LIMIT:
        return ()
    return tuple(Note(part.name, point, NAME_INDEX) for part, point in named)
