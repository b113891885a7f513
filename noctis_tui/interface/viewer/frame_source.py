"""Where the panes of a screen get their frames: one cache, one loader, nothing waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noctis_tui.interface.viewer.messages import FrameLoaded
from noctis_tui.reading.allocator import give_back
from noctis_tui.reading.frame_cache import FrameCache
from noctis_tui.reading.frame_reading import FrameReader
from noctis_tui.reading.reach import Aim
from noctis_tui.reading.series_loader import SeriesLoader
from noctis_tui.reading.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.message import Message

    from noctis_tui.interface.viewer.pane import Pane
    from noctis_tui.reading.card import UnreadableFrame
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.stack import FrameRef


class FrameSource:
    """Loads what panes look at and tells of the frames that they wait for.

    Parameters
    ----------
    tell
        Takes a message from any thread.
    capacity_bytes
        How much memory decoded frames may hold.
    """

    def __init__(self, tell: Callable[[Message], object], capacity_bytes: int) -> None:
        self._tell = tell
        self._cache: FrameCache[FrameRef, LoadedFrame | UnreadableFrame] = FrameCache(capacity_bytes)
        self._awaited: frozenset[FrameRef] = frozenset()
        self._loader = SeriesLoader(FrameReader().read, self._cache, self._loaded, on_rest=give_back)

    def frame(self, frame: FrameRef) -> LoadedFrame | UnreadableFrame | None:
        """Return a frame that is ready, else None."""
        return self._cache.get(frame)

    def want(self, panes: Sequence[Pane], ahead: Sequence[Aim] = (), *, alone: bool = False) -> None:
        """Load what these panes look at and around it, the first pane first.

        Parameters
        ----------
        ahead
            Loaded when all that is there, if there is room.
        alone
            Whether what is around, and ahead, waits: the processor is left to the first pictures.
        """
        self._awaited = frozenset().union(*(pane.awaited for pane in panes))
        pins = [only(pane.pinning) for pane in panes if pane.pinning is not None]
        aims = [pane.state.aim for pane in panes]
        if alone:
            aims = [only(pane.state.frame) for pane in panes if pane.state.frame is not None]
        self._loader.aim([*aims[:1], *pins, *aims[1:]], () if alone else ahead)

    def progress(self, stack: Stack) -> tuple[int, int]:
        """Return how many frames of a stack are ready, of how many; (0, 0) when all are."""
        loaded = len(stack) if self._loader.idle else self._loader.loaded_count(stack)
        return (loaded, len(stack)) if loaded < len(stack) else (0, 0)

    def close(self) -> None:
        """Stop loading."""
        self._loader.close(wait_seconds=0)

    def _loaded(self, frame: FrameRef) -> None:
        if frame in self._awaited:
            self._tell(FrameLoaded(frame))


def only(frame: FrameRef) -> Aim:
    """Return an aim at one frame and nothing around it."""
    return Aim(Stack((frame,)), 0)
