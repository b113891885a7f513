"""Which frame of which stack is looked at, and how: what one pane shows, as a frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from noctis_tui.reading.overlay import Whereabouts
from noctis_tui.reading.reach import Aim
from noctis_tui.reading.stack import Stack
from noctis_tui.reading.viewport import ViewState

if TYPE_CHECKING:
    from noctis_tui.reading.stack import FrameRef


@dataclass(frozen=True, slots=True)
class StackView:
    """A place in a stack and the view of it; `direction` is the way the last step went."""

    stack: Stack = field(default_factory=Stack)
    frame_index: int = 0
    view: ViewState = field(default_factory=ViewState)
    direction: int = 0

    @property
    def frame(self) -> FrameRef | None:
        """The frame to show, None for an empty stack."""
        return self.stack.frames[self.frame_index] if len(self.stack) else None

    @property
    def pinning(self) -> FrameRef | None:
        """The middle frame, whose values decide the automatic window; None once that is known."""
        frames = self.stack.frames
        return frames[len(frames) // 2] if self.view.automatic_window is None and frames else None

    @property
    def aim(self) -> Aim:
        """What the loader should do about it."""
        return Aim(self.stack, self.frame_index, self.direction)

    @property
    def whereabouts(self) -> Whereabouts:
        """Where the frame stands, for the text over the picture."""
        count = len(self.stack)
        return Whereabouts(self.frame_index + 1, count, self.stack.spacing_between_slices_mm)

    def at(self, frame_index: int) -> StackView:
        """Go to a frame; the ends hold."""
        place = self.stack.clamp(frame_index)
        step = (place > self.frame_index) - (place < self.frame_index)
        return replace(self, frame_index=place, direction=step or self.direction)

    def with_view(self, view: ViewState) -> StackView:
        """Look at the same frame in another way."""
        return replace(self, view=view)

    def with_stack(self, stack: Stack) -> StackView:
        """Follow a series that grew: the same frame stays in view, wherever it stands now."""
        here = self.frame
        place = stack.place_of(here) if here is not None else None
        return replace(
            self, stack=stack, frame_index=stack.clamp(self.frame_index if place is None else place)
        )


def evenly_spaced(stack: Stack, parts: int) -> tuple[int, ...]:
    """Return the indices that show a stack in some pictures: first, last, and evenly between.

    >>> evenly_spaced(Stack(), 4)
    (0, 0, 0, 0)
    """
    last = max(len(stack) - 1, 0)
    return tuple(round(last * part / max(parts - 1, 1)) for part in range(parts))
