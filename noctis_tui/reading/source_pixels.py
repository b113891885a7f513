"""The pixels of the frames that volumes are made of."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from archive.errors import CannotDecode
from archive.pixels.derived_frames import derived_frames
from archive.pixels.frames import ImageFile
from archive.pixels.native import conform

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from archive.pixels.derived_frames import DerivedFrames
    from noctis_tui.reading.volume_sources import SourceFrame


class SourcePixels:
    """Reads the stored values of frames; keeps the file that it read last open. One thread uses it."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._image: ImageFile | None = None
        self._derived: DerivedFrames | None = None

    def read(self, source: SourceFrame, into: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return stored values [rows, columns].

        Parameters
        ----------
        into
            Where they go, C-contiguous and of their dtype and size; a new array when None.

        Raises
        ------
        NoctisError
            With the sentence that says why not.
        OSError
            The disk does not give the file.
        """
        if source.pixels_at is not None:
            return _read_raw(source, source.pixels_at, into)
        stored = self._decoded(source)
        if into is None:
            return stored
        if stored.shape != into.shape:
            raise CannotDecode("The frame is not as large as its header says.")
        into[...] = stored
        return into

    def _decoded(self, source: SourceFrame) -> NDArray[Any]:
        if self._image is None or self._path != source.path:
            self.close()
            self._image, self._path = ImageFile.open(source.path), source.path
            self._derived = derived_frames(self._image)
        image, derived = self._image, self._derived
        if derived is not None and source.frame_index >= image.frame_count:
            return derived.stored_values(source.frame_index - image.frame_count)
        return image.stored_values(source.frame_index)

    def close(self) -> None:
        """Close the file that is open."""
        if self._image is not None:
            self._image.close()
        self._image = self._path = None


def _read_raw(source: SourceFrame, offset: int, into: NDArray[Any] | None) -> NDArray[Any]:
    if into is None:
        place = source.stacked.place
        assert place is not None
        into = np.empty((place.rows, place.columns), source.values.dtype)
    descriptor = os.open(source.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        # A signal makes it short, which no series is worth a loop for: the sentence says what happened.
        if os.preadv(descriptor, [into.data], offset) != into.nbytes:
            raise CannotDecode("The file ends before its pixels do.")
    finally:
        os.close(descriptor)
    return conform(into, source.values)
