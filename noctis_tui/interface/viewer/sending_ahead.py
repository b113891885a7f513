"""Which pictures of a pane are drawn, or sent to a terminal that keeps them, before anybody asks for them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from noctis_tui.graphics.wire.order import Ahead
from noctis_tui.reading.card import UnreadableFrame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from noctis_tui.graphics.picture import Picture
    from noctis_tui.interface.viewer.pane import Pane
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.stack import FrameRef
    from noctis_tui.reading.stack_view import StackView

    FrameOf = Callable[[FrameRef], LoadedFrame | UnreadableFrame | None]

FARTHEST = 60
"""So many images away, as far as the terminal has room."""

_BACK_EVERY = 3
"""For so many images the way the last step went, one the other way."""


def send_ahead(pane: Pane, frame_of: FrameOf) -> None:
    """Send what scrolling leads to, while nothing is asked for.

    Not what takes long to make, an enhanced picture; nor where a presentation state makes other frames.
    """
    if pane.picture.keeps and pane.frame is not None and _is_plain(pane, frame_of):
        pane.picture.ahead(_pictures(pane, frame_of))


def next_of(pane: Pane, frame_of: FrameOf) -> Ahead | None:
    """Return what the next step the same way leads to, None at the end and where it takes long to make."""
    state = pane.state
    there = state.at(state.frame_index + state.direction)
    if there.frame is None or there.frame_index == state.frame_index or not _is_plain(pane, frame_of):
        return None
    return Ahead((there.frame, there.view), partial(_picture, pane, there, there.frame, frame_of))


def _is_plain(pane: Pane, frame_of: FrameOf) -> bool:
    ref = pane.state.frame
    return ref is not None and frame_of(ref) is pane.shown and pane.state.view.enhancement is None


def _pictures(pane: Pane, frame_of: FrameOf) -> Iterator[Ahead]:
    state = pane.state
    for place in reached(state.frame_index, len(state.stack), state.direction or 1):
        there = state.at(place)
        if there.frame is not None:
            yield Ahead((there.frame, there.view), partial(_picture, pane, there, there.frame, frame_of))


def _picture(
    pane: Pane, state: StackView, ref: FrameRef, frame_of: FrameOf, width: int, height: int
) -> Picture | None:
    frame = frame_of(ref)
    if frame is None or isinstance(frame, UnreadableFrame):
        return None
    return pane.picture_of(frame, ref, state, width, height)


def reached(here: int, count: int, direction: int) -> Iterator[int]:
    """Yield the images around one, the nearest first, more of them where the last step led.

    >>> list(reached(5, 9, -1))
    [4, 3, 2, 6, 1, 0, 7, 8]
    """
    back = 0
    for step in range(1, FARTHEST + 1):
        places = [here + step * direction]
        if step % _BACK_EVERY == 0 or not 0 <= places[0] < count:
            back += 1
            places.append(here - back * direction)
        yield from (place for place in places if 0 <= place < count)
