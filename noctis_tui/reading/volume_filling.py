"""Frames into the array of a volume: two threads, from the middle slice outwards, published on the way."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from archive.dicom.text import visible
from archive.errors import CannotDecode, NoctisError
from archive.pixels.modality_lut import map_stored
from archive.progress import CancelToken, Progress
from noctis_tui.imaging.planes.padding import between
from noctis_tui.imaging.stacking.shearing import shifted
from noctis_tui.reading.source_pixels import SourcePixels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from archive.progress import ProgressListener
    from noctis_tui.imaging.stacking.planned_volume import PlannedVolume
    from noctis_tui.imaging.volume import Volume
    from noctis_tui.reading.volume_sources import FrameValues, SourceFrame

THREADS = 2
"""Decoding and reading release the interpreter; more threads gained nothing where it was measured."""
PUBLISHED_EVERY_SECONDS = 0.15


@dataclass(frozen=True, slots=True)
class PartialVolume:
    """A volume that is being filled: slices `first` to before `stop` hold their values, others zeros."""

    volume: Volume
    first: int
    stop: int


class SliceUnreadable(CannotDecode):
    """A slice of a volume cannot be read: the sentence says which and why.

    Attributes
    ----------
    sop_instance_uid
        Of the instance that holds it.
    """

    def __init__(self, reason: str, sop_instance_uid: str) -> None:
        super().__init__(reason)
        self.sop_instance_uid = sop_instance_uid


class Publisher(Protocol):
    """Called from a working thread while a volume fills; must return at once."""

    def __call__(self, partial: PartialVolume, /) -> None:
        """See how far it is filled."""


class Outwards:
    """Slices from the middle one to both ends, for two threads: each goes its own way, then helps the other.

    Neighbours taken in turns would share a page of the array, and both threads would clear it.
    """

    def __init__(self, count: int) -> None:
        middle = count // 2
        self._ways = deque(range(middle, count)), deque(range(middle - 1, -1, -1))
        self._lock = threading.Lock()

    def take(self, way: int) -> int | None:
        """Return the next slice of a way, 0 or 1, or of the other one; None when all are taken."""
        with self._lock:
            own, other = self._ways[way % 2], self._ways[1 - way % 2]
            return own.popleft() if own else other.popleft() if other else None


class Filling:
    """Fills one volume.

    Parameters
    ----------
    volume
        Its array is written.
    plan
        The grid that frames are put on.
    sources
        The frames in the order of `plan.frames`.
    told
        Hears after every slice.
    as_stored
        Whether stored values are written as they are, or modality values on the volume's grid.
    """

    def __init__(
        self,
        volume: Volume,
        plan: PlannedVolume,
        sources: Sequence[SourceFrame],
        told: ProgressListener,
        token: CancelToken,
        publish: Publisher | None,
        *,
        as_stored: bool,
    ) -> None:
        self._volume, self._plan, self._sources = volume, plan, sources
        self._told, self._token, self._publish = told, token, publish
        self._as_stored = as_stored
        self._lock = threading.Lock()
        self._waiting = Outwards(plan.shape[0])
        self._filled = np.zeros(plan.shape[0], bool)
        self._error: Exception | None = None
        self._published = time.monotonic()

    def run(self) -> None:
        """Fill every slice.

        Raises
        ------
        SliceUnreadable
            A frame cannot be read or decoded; the sentence says which and why.
        Cancelled
            Somebody asked to stop.
        """
        others = [
            threading.Thread(target=self._work, args=(way,), name="volume", daemon=True)
            for way in range(1, THREADS)
        ]
        for thread in others:
            thread.start()
        self._work(0)
        for thread in others:
            thread.join()
        self._token.check()
        if self._error is not None:
            raise self._error
        # Who keeps what was computed of the voxels may do so from now on.
        self._volume.stored_values.setflags(write=False)
        self._tell(final=True)

    def _work(self, way: int) -> None:
        pixels = SourcePixels()
        try:
            while (place := self._next(way)) is not None:
                self._fill(place, pixels)
                self._done(place)
        except Exception as error:  # noqa: BLE001 - raised again in the thread that waits
            with self._lock:
                self._error = self._error or error
        finally:
            pixels.close()

    def _next(self, way: int) -> int | None:
        stopped = self._error is not None or self._token.cancelled
        return None if stopped else self._waiting.take(way)

    def _fill(self, place: int, pixels: SourcePixels) -> None:
        target = self._volume.stored_values[place]
        if self._as_stored:
            self._read(place, pixels, target)
            return
        values = self._slice(place, pixels)
        padding = self._volume.padding_range
        empty = self._volume.outside_value if padding is None else padding[0]
        target[...] = np.where(np.isnan(values), np.float32(empty), values)

    def _slice(self, place: int, pixels: SourcePixels) -> NDArray[np.float32]:
        if self._plan.source_slices is None:
            return self._on_grid(place, pixels)
        at = float(self._plan.source_slices[place])
        below = min(int(at), len(self._sources) - 1)
        part = at - below
        one = self._on_grid(below, pixels)
        return one if part < 1e-9 else between(one, self._on_grid(below + 1, pixels), part)

    def _on_grid(self, number: int, pixels: SourcePixels) -> NDArray[np.float32]:
        """Return the modality values of a frame on the volume's rows and columns, NaN where it has none."""
        stored = self._read(number, pixels)
        values = modality_or_nan(stored, self._sources[number].values)
        rows, columns = self._plan.row_shifts, self._plan.column_shifts
        if rows is None or columns is None:
            return values
        return shifted(values, float(rows[number]), float(columns[number]), self._plan.shape[1:])

    def _read(self, number: int, pixels: SourcePixels, into: NDArray[Any] | None = None) -> NDArray[Any]:
        source = self._sources[number]
        try:
            stored = pixels.read(source, into)
        except (NoctisError, OSError) as error:
            which = f"Slice {number + 1} of {len(self._sources)}"
            uid = source.stacked.sop_instance_uid
            why = error.strerror or error if isinstance(error, OSError) else str(error)
            sentence = f"{which} ({visible(source.path.name, 64)}) cannot be read: {why}"
            raise SliceUnreadable(f"{sentence.rstrip('.')}.", uid) from error
        place = source.stacked.place
        assert place is not None
        if stored.shape != (place.rows, place.columns):
            reason = f"Slice {number + 1} is not as large as its header says."
            raise SliceUnreadable(reason, source.stacked.sop_instance_uid)
        return stored

    def _done(self, place: int) -> None:
        with self._lock:
            self._filled[place] = True
        self._tell()

    def _tell(self, *, final: bool = False) -> None:
        total = len(self._filled)
        self._told(Progress(int(self._filled.sum()), total, self._plan.name or "slices"))
        if self._publish is None or not (final or self._is_due()):
            return
        first, stop = contiguous(self._filled)
        if stop > first:
            self._publish(PartialVolume(self._volume, first, stop))

    def _is_due(self) -> bool:
        with self._lock:
            now = time.monotonic()
            if now - self._published < PUBLISHED_EVERY_SECONDS:
                return False
            self._published = now
            return True


def contiguous(filled: NDArray[np.bool_]) -> tuple[int, int]:
    """Return the run of filled slices around the middle one, first and stop; empty while that is missing."""
    middle = len(filled) // 2
    if not filled[middle]:
        return middle, middle
    missing = np.flatnonzero(~filled)
    before, behind = missing[missing < middle], missing[missing > middle]
    return int(before[-1]) + 1 if len(before) else 0, int(behind[0]) if len(behind) else len(filled)


def modality_or_nan(stored: NDArray[Any], values: FrameValues) -> NDArray[np.float32]:
    """Return the modality values of a frame, NaN for what is padding and for what is no finite number."""
    with np.errstate(over="ignore", invalid="ignore"):
        modality = np.array(map_stored(stored, values.rescale, values.modality_lut), np.float32)
    modality[~np.isfinite(modality)] = np.nan
    if values.padding_range is not None:
        low, high = values.padding_range
        modality[(stored >= low) & (stored <= high)] = np.nan
    return modality
