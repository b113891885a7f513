"""The last enhanced pictures, kept: zoom and pan lay down the same one again."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from typing import TYPE_CHECKING, TypeAlias

from archive.pixels.display import display_values
from noctis_tui.imaging.enhancing.enhancement import Enhancement, enhance

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from archive.pixels.voi_lut import VoiLut, Window
    from noctis_tui.reading.loaded_frame import LoadedFrame

    _Voi: TypeAlias = Window | VoiLut | None
    _Key: TypeAlias = tuple[int, _Voi, Enhancement]

MEMORY_BYTES = 64 << 20
LARGEST_PX = 32_000_000
"""Larger images are shown as they are: it would take many seconds."""


def can_be_enhanced(frame: LoadedFrame) -> bool:
    """Tell whether a frame is small enough for it."""
    return frame.shape.rows * frame.shape.columns <= LARGEST_PX


class EnhancedFrames:
    """Whole frames behind VOI LUT and enhancement, the latest few; any thread may ask."""

    def __init__(self, memory_bytes: int = MEMORY_BYTES) -> None:
        self._memory_bytes = memory_bytes
        self._held_bytes = 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Key, tuple[weakref.ref[LoadedFrame], NDArray[np.uint8]]] = OrderedDict()

    def known(self, frame: LoadedFrame, voi: _Voi, enhancement: Enhancement) -> NDArray[np.uint8] | None:
        """Return what costs nothing now, None when it would have to be computed."""
        key = id(frame), voi, enhancement
        with self._lock:
            entry = self._kept.get(key)
            if entry is None or entry[0]() is not frame:
                return None
            self._kept.move_to_end(key)
            return entry[1]

    def of(self, frame: LoadedFrame, voi: _Voi, enhancement: Enhancement) -> NDArray[np.uint8]:
        """Return the display values of a frame, enhanced; not inverted: an inverted edge is dark on white."""
        found = self.known(frame, voi, enhancement)
        if found is not None:
            return found
        enhanced = enhance(display_values(frame.stored_values, frame.attributes, voi=voi), enhancement)
        self._keep((id(frame), voi, enhancement), frame, enhanced)
        return enhanced

    def _keep(self, key: _Key, frame: LoadedFrame, enhanced: NDArray[np.uint8]) -> None:
        with self._lock:
            _, previous = self._kept.pop(key, (None, None))
            self._held_bytes += enhanced.nbytes - (previous.nbytes if previous is not None else 0)
            self._kept[key] = weakref.ref(frame), enhanced
            while self._held_bytes > self._memory_bytes and len(self._kept) > 1:
                _, (_, dropped) = self._kept.popitem(last=False)
                self._held_bytes -= dropped.nbytes


ENHANCED_FRAMES = EnhancedFrames()
"""What the panes of this process share."""
