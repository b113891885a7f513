"""What shapes measure, worked out once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, TypeAlias

from archive.annotations.annotation import Kind
from archive.errors import NoctisError
from noctis_tui.reading.shapes import REGIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.annotations.annotation import Point
    from archive.annotations.measurement import Measurement
    from noctis_tui.reading.loaded_frame import LoadedFrame

_Key: TypeAlias = "tuple[str, int, Kind, tuple[Point, ...]]"
HISTOGRAM_CLASSES = 32
_LIMIT = 512
_SPEECHLESS = frozenset({Kind.TEXT, Kind.ARROW})


class MeasurementCache:
    """Measures shapes, from any thread; the least recently asked for are forgotten."""

    def __init__(self) -> None:
        self._known: OrderedDict[_Key, Measurement | None] = OrderedDict()
        self._lock = threading.Lock()

    def measured(self, kind: Kind, points: Sequence[Point], frame: LoadedFrame) -> Measurement | None:
        """Return what a shape measures on a frame, None where it measures nothing."""
        if kind in _SPEECHLESS:
            return None
        key = (frame.image.sop_instance_uid, frame.attributes.frame_index, kind, tuple(points))
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        found = measured_now(kind, points, frame)
        with self._lock:
            self._known[key] = found
            while len(self._known) > _LIMIT:
                self._known.popitem(last=False)
        return found


def measured_now(kind: Kind, points: Sequence[Point], frame: LoadedFrame) -> Measurement | None:
    """Measure a shape that is still changing; None where it measures nothing."""
    from archive.annotations.measuring import measure  # noqa: PLC0415 - the first picture does not wait for it

    if kind in _SPEECHLESS:
        return None
    classes = HISTOGRAM_CLASSES if kind in REGIONS else 0
    try:
        return measure(kind, points, frame.stored_values, frame.own_attributes, histogram_classes=classes)
    except NoctisError:
        return None
