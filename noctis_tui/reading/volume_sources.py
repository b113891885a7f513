"""The frames that volumes are made of: what their headers say, and how their pixels are read."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive.errors import CannotDecode, NoctisError
from archive.pixels.acquisition_attributes import (
    GROUPS,
    read_acquisition_attributes,
    read_acquisition_times,
)
from archive.pixels.derived_frames import attributes_of, derived_frames, shape_of
from archive.pixels.frames import ImageFile
from archive.pixels.functional_groups import FunctionalGroups
from archive.pixels.native import sample_dtype
from archive.progress import Cancelled
from noctis_tui.imaging.slices import Slice
from noctis_tui.imaging.stacking.stack_frame import Refusal, StackFrame
from noctis_tui.reading.dose_grid import dose_grid
from noctis_tui.reading.loaded_frame import plane_of

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from archive.pixels.attributes import FrameAttributes, ImageAttributes
    from archive.pixels.modality_lut import ModalityLut, Rescale
    from archive.progress import CancelToken

log = logging.getLogger(__name__)

MOST_FRAMES_OF_A_FILE = 20_000
"""Files with more frames are slides or films, and reading where each lies would take minutes."""


@dataclass(frozen=True, slots=True)
class FrameValues:
    """What the stored values of a frame are; one record for all frames that say the same.

    Attributes
    ----------
    dtype
        Of the stored values as they are decoded.
    rescale, modality_lut
        What makes modality values of them.
    padding_range
        Lowest and highest stored value that is padding, both included.
    """

    dtype: np.dtype[Any]
    rescale: Rescale | None = None
    modality_lut: ModalityLut | None = None
    padding_range: tuple[float, float] | None = None
    units: str = ""
    rescale_type: str = ""
    modality: str = ""
    photometric_interpretation: str = "MONOCHROME2"
    bits_allocated: int = 16
    bits_stored: int = 16
    high_bit: int = 15


@dataclass(frozen=True, slots=True)
class SourceFrame:
    """One frame of a file: what stacking needs of it, and where its pixels are.

    `pixels_at` is the byte of the file at which the samples of an uncompressed frame begin, little endian and
    nothing between them; None when an `ImageFile` must read them.
    """

    stacked: StackFrame
    path: Path
    frame_index: int
    values: FrameValues
    pixels_at: int | None = None


def read_sources(path: Path, token: CancelToken | None = None) -> list[SourceFrame] | Refusal:
    """Read what a file says of its frames, without their pixels; a mosaic's slices instead of the mosaic.

    Returns
    -------
    list[SourceFrame] | Refusal
        Never an exception for bad input: the refusal says why.

    Raises
    ------
    Cancelled
        Somebody asked to stop.
    """
    try:
        with ImageFile.open(path) as image:
            return _FramesOfFile(path, image).sources(token)
    except Cancelled:
        raise
    except (NoctisError, OSError) as error:
        uid = _uid_of(path)
        return Refusal(str(error), (uid,), "" if uid else path.name)
    except Exception as error:
        log.exception("reading the header of a file failed")
        return Refusal(f"The header cannot be read ({type(error).__name__}).", (_uid_of(path),))


def _uid_of(path: Path) -> str:
    from archive.dicom.header import read_header  # noqa: PLC0415 - only for files that are refused

    try:
        return read_header(path).sop_instance_uid
    except (NoctisError, OSError):
        return ""


class _FramesOfFile:
    """The frames of one file: a mosaic's slices instead of the mosaic, the planes of a dose."""

    def __init__(self, path: Path, image: ImageFile) -> None:
        self._path, self._image = path, image
        self._derived = derived_frames(image)
        self._first = 0 if self._derived is None else image.frame_count
        self._count = image.frame_count if self._derived is None else self._derived.count
        self._refuse_others()
        self._dose = dose_grid(image)
        self._ds = image.data_set(GROUPS)
        self._groups = FunctionalGroups(self._ds)

    def _refuse_others(self) -> None:
        if self._image.is_tiled:
            raise CannotDecode("The frames are tiles of a slide, which lies in no patient.")
        if self._image.attributes.modality == "SEG":
            raise CannotDecode("A segmentation holds no values: it says what other images show.")
        if self._count > MOST_FRAMES_OF_A_FILE:
            raise CannotDecode(f"The file has {self._count:,} frames: more than any volume has slices.")

    def sources(self, token: CancelToken | None) -> list[SourceFrame]:
        """Return every frame."""
        sources = []
        for number in range(self._count):
            if token is not None:
                token.check()
            sources.append(self._source(number))
        return sources

    def _source(self, number: int) -> SourceFrame:
        image, frame_index = self._image, self._first + number
        attributes = attributes_of(image, self._derived, frame_index)
        if self._dose is not None:
            attributes = self._dose.placed(attributes, number)
        groups = self._groups.of_frame(number if self._derived is None else 0)
        stacked = StackFrame(
            place=self._place(attributes, frame_index),
            sop_instance_uid=attributes.sop_instance_uid or self._path.name,
            frame_index=frame_index,
            instance_number=image.attributes.instance_number,
            is_color=image.attributes.is_color,
            acquisition=read_acquisition_attributes(self._ds, groups),
            times=read_acquisition_times(self._ds, groups),
        )
        return SourceFrame(stacked, self._path, frame_index, values_of(image.attributes, attributes))

    def _place(self, attributes: FrameAttributes, frame_index: int) -> Slice | None:
        plane = plane_of(attributes)
        if plane is None or not self._says_where_each_lies:
            return None
        rows, columns = shape_of(self._image, self._derived, frame_index)
        return Slice(plane, rows, columns, attributes.frame_of_reference_uid)

    @property
    def _says_where_each_lies(self) -> bool:
        """Whether frames have places of their own; else the file's one is the first one's at best."""
        alone = self._count == 1 or self._image.has_frame_groups
        return alone or self._derived is not None or self._dose is not None


def values_of(image: ImageAttributes, frame: FrameAttributes) -> FrameValues:
    """Return what the stored values of a frame are."""
    return FrameValues(
        dtype=sample_dtype(image),
        rescale=frame.rescale,
        modality_lut=frame.modality_lut,
        padding_range=frame.padding_range,
        units=frame.units or "",
        rescale_type=frame.rescale_type or "",
        modality=frame.modality,
        photometric_interpretation=frame.photometric_interpretation,
        bits_allocated=image.bits_allocated,
        bits_stored=image.bits_stored,
        high_bit=image.high_bit,
    )
