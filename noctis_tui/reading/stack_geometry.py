"""Where the frames of a stack lie, read from their files without their pixels."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from archive.errors import NoctisError
from archive.pixels.derived_frames import attributes_of, derived_frames, shape_of
from archive.pixels.frames import ImageFile
from noctis_tui.imaging.slices import Slice
from noctis_tui.reading.loaded_frame import plane_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from archive.pixels.attributes import FrameAttributes
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.stack import FrameRef, Stack

log = logging.getLogger(__name__)

KEPT_FRAMES = 50_000
"""A place takes about half a kilobyte; more frames than these are forgotten, the oldest first."""
MOST_FRAMES = 20_000
"""Longer stacks are not read: their places are not known."""
_KEPT_STACKS = 16


def slice_of(frame: LoadedFrame) -> Slice | None:
    """Return where a loaded frame lies, None when its file does not say so."""
    return _slice(frame.attributes, *frame.stored_values.shape[:2])


def _slice(attributes: FrameAttributes, rows: int, columns: int) -> Slice | None:
    plane = plane_of(attributes)
    if plane is None:
        return None
    return Slice(plane, rows, columns, attributes.frame_of_reference_uid)


class StackGeometry:
    """Reads where frames lie and remembers it; from any thread, and never an exception for bad input."""

    def __init__(self) -> None:
        self._known: OrderedDict[FrameRef, Slice | None] = OrderedDict()
        self._whole: OrderedDict[int, tuple[Stack, tuple[Slice | None, ...]]] = OrderedDict()
        self._lock = threading.Lock()

    def known(self, stack: Stack) -> tuple[Slice | None, ...] | None:
        """Return a place for each frame (None where the file does not say), None before all were read."""
        with self._lock:
            whole = self._whole.get(id(stack))
            if whole is not None and whole[0] is stack:
                return whole[1]
            if not all(frame in self._known for frame in stack.frames):
                return None
            places = tuple(self._known[frame] for frame in stack.frames)
            self._whole[id(stack)] = stack, places
            if len(self._whole) > _KEPT_STACKS:
                self._whole.popitem(last=False)
            return places

    def read(self, stack: Stack) -> None:
        """Read what is not known yet; about half a millisecond a file, so never on the event loop."""
        if len(stack) > MOST_FRAMES:
            return
        with self._lock:
            missing = [frame for frame in stack.frames if frame not in self._known]
        by_path: dict[Path, list[FrameRef]] = {}
        for frame in missing:
            by_path.setdefault(frame.path, []).append(frame)
        for path, frames in by_path.items():
            self._keep(frames, _places(path, frames))

    def _keep(self, frames: Iterable[FrameRef], places: Iterable[Slice | None]) -> None:
        with self._lock:
            self._known.update(zip(frames, places, strict=True))
            while len(self._known) > KEPT_FRAMES:
                self._known.popitem(last=False)


def _places(path: Path, frames: list[FrameRef]) -> list[Slice | None]:
    try:
        with ImageFile.open(path) as image:
            derived = derived_frames(image)
            indices = [frame.frame_index for frame in frames]
            return [
                _slice(attributes_of(image, derived, index), *shape_of(image, derived, index))
                for index in indices
            ]
    except (NoctisError, OSError):
        return [None] * len(frames)
    except Exception:
        log.exception("reading where frames lie failed")
        return [None] * len(frames)
