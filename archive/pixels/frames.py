"""An image file: its attributes at once, its frames one by one and from any thread."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, cached_property, partial
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from archive.dicom.data_set import DataSet
from archive.dicom.keywords import (
    DOUBLE_FLOAT_PIXEL_DATA,
    FLOAT_PIXEL_DATA,
    IMAGE_TYPE,
    PIXEL_DATA,
    PIXEL_PRESENTATION,
    TOTAL_PIXEL_MATRIX_COLUMNS,
    TOTAL_PIXEL_MATRIX_ROWS,
)
from archive.dicom.location import Located, locate
from archive.dicom.source import Source
from archive.dicom.uids import GE_IMPLICIT_VR_BIG_ENDIAN_PIXELS
from archive.errors import BadInput, CannotDecode
from archive.pixels.attribute_reading import read_frame_attributes, read_image_attributes
from archive.pixels.color import Palette, to_rgb
from archive.pixels.functional_groups import FunctionalGroups
from archive.pixels.lookup_table import KnownTables
from archive.pixels.native import (
    arrange,
    frame_bits,
    is_subsampled,
    unpack_samples,
    upsample_422,
    working_bytes,
)
from archive.pixels.overlay_planes import OVERLAY_GROUPS, OverlayPlane, drawn_planes, read_overlay_planes
from archive.pixels.refusal import refusing
from archive.pixels.transfer_syntax import Codec, codec_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path
    from types import TracebackType
    from typing import Any, Self

    from numpy.typing import NDArray

    from archive.dicom.lenient import Value
    from archive.pixels.attributes import FrameAttributes, ImageAttributes
    from archive.pixels.fragments import FragmentTable

FRAME_LIMIT_BYTES = 192 << 20
"""A frame that takes more memory than this is refused before anything is allocated for it."""

KNOWN_FRAMES = 4096
"""The attributes of so many frames of a file are kept; a file may have a hundred thousand frames."""

_GROUPS = frozenset(
    (0x0008, 0x0009, 0x0010, 0x0018, 0x0020, 0x0028, 0x0040, 0x0048, 0x0054, 0x07A1, 0x2050, 0x5200, 0x5600)
) | frozenset((*OVERLAY_GROUPS, 0x7053, 0x7FE0))


class ImageFile:
    """A DICOM file with pixels.

    Opening reads the attributes and nothing of the pixels; each frame is read and decoded when it is
    asked for, without the others. Every method may be called from any thread, also while another closes the
    image.
    """

    def __init__(self, located: Located) -> None:
        source, offset, encoding, syntax = located
        self._located = located
        self._ds = DataSet(source, offset, source.size, encoding, groups=_GROUPS)
        self.attributes: ImageAttributes = read_image_attributes(self._ds, syntax)
        self._element: Value = _pixel_element(self._ds)
        self._codec = codec_of(syntax)
        if self._codec is not Codec.NATIVE and not self._element.undefined:
            self._codec = Codec.NATIVE  # says that it is compressed, and is not
        self._groups = FunctionalGroups(self._ds)
        self._frame_attributes: dict[int, FrameAttributes] = {}
        self._fragments: FragmentTable | None = None
        self._palette: Palette | None = None
        self._tables = KnownTables()
        self._lock = Lock()

    @classmethod
    def open(cls, path: Path) -> ImageFile:
        """Open a Part 10 file, or a bare data set as older files are.

        Raises
        ------
        NotFound
            When there is no such file.
        NotAnImage
            When it is not DICOM, or has no pixels.
        CannotDecode
            When its attributes contradict each other, or it cannot be read.
        """
        with refusing():
            return cls(locate(Source.open(path)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, after the frames that other threads are reading; later ones are refused."""
        self._located.source.close()

    @property
    def frame_count(self) -> int:
        """How many frames can be asked for: what the file says, as far as its length allows."""
        claimed, image = self.attributes.number_of_frames, self.attributes
        if claimed == 1:
            return 1
        if self._codec is Codec.NATIVE:
            subsampled = is_subsampled(image, self._element.length)
            possible = 8 * self._element.length // frame_bits(image, subsampled=subsampled)
        else:
            possible = self._element.length // 8 - 1  # each fragment has a header of eight bytes
        return max(1, min(claimed, possible))

    @property
    def has_frame_groups(self) -> bool:
        """Whether frames are described one by one (an enhanced multi-frame image)."""
        return bool(self._groups)

    @property
    def is_mosaic(self) -> bool:
        """Whether the frame shows the slices of a volume side by side (Siemens)."""
        return "MOSAIC" in self._ds.texts(IMAGE_TYPE)

    @property
    def is_tiled(self) -> bool:
        """Whether the frames are tiles of a larger picture (PS3.3 C.8.12.4)."""
        return TOTAL_PIXEL_MATRIX_COLUMNS in self._ds and TOTAL_PIXEL_MATRIX_ROWS in self._ds

    def data_set(self, groups: frozenset[int]) -> DataSet:
        """Return the attributes of `groups`, up to the last of them, for what is no matter of pixels.

        Raises
        ------
        CannotDecode
            When sequences nest deeper, or elements are more, than any image needs.
        """
        source, offset, encoding, _ = self._located
        with refusing():
            return DataSet(source, offset, source.size, encoding, groups=groups, until_group=max(groups))

    def frame_attributes(self, frame_index: int) -> FrameAttributes:
        """Return what holds for one frame, functional groups merged.

        Raises
        ------
        BadInput
            When there is no such frame.
        CannotDecode
            When its functional groups nest deeper than any image needs.
        """
        self._check(frame_index)
        known = self._frame_attributes.get(frame_index)
        if known is None:
            with refusing():
                groups = self._groups.of_frame(frame_index)
                known = read_frame_attributes(
                    self._ds,
                    groups,
                    self.attributes,
                    frame_index,
                    tables=self._tables,
                    supplemental_palette=self._supplemental(),
                )
            self._remember(frame_index, known)
        return known

    def _remember(self, frame_index: int, attributes: FrameAttributes) -> None:
        with self._lock:
            while len(self._frame_attributes) >= KNOWN_FRAMES:
                del self._frame_attributes[next(iter(self._frame_attributes))]
            self._frame_attributes[frame_index] = attributes

    def stored_values(self, frame_index: int) -> NDArray[Any]:
        """Return one frame.

        Returns
        -------
        NDArray
            Stored values [rows, columns] in their own dtype (8 to 64 bits, signed or not, or float), sign
            extended and without foreign bits; or, for color, uint8 RGB [rows, columns, 3].

        Raises
        ------
        BadInput
            When there is no such frame.
        CannotDecode
            When it cannot be decoded; the sentence says why.
        """
        self._check(frame_index)
        image = self.attributes
        if working_bytes(image) > FRAME_LIMIT_BYTES:
            raise CannotDecode(f"A frame of {image.columns}x{image.rows} pixels is larger than can be shown.")
        with refusing():
            return self._shown(frame_index)

    def label_values(self, frame_index: int) -> NDArray[Any]:
        """Return the stored values of one frame [rows, columns], also where a palette would color them.

        In a segmentation they are the numbers of segments.

        Raises
        ------
        BadInput, CannotDecode
            As `stored_values`.
        """
        self._check(frame_index)
        if working_bytes(self.attributes) > FRAME_LIMIT_BYTES:
            raise CannotDecode("A frame of this segmentation is larger than can be shown.")
        with refusing():
            return self._samples(frame_index, self.attributes)[0]

    def _shown(self, frame_index: int) -> NDArray[Any]:
        image = self.attributes
        samples, photometric = self._samples(frame_index, image)
        if photometric == "PALETTE COLOR":
            return self._colored().apply(samples)
        return samples if image.samples_per_pixel == 1 else to_rgb(samples, image, photometric)

    @cached_property
    def overlay_planes(self) -> tuple[OverlayPlane, ...]:
        """The graphics of group 60xx; seldom any."""
        return read_overlay_planes(self._ds, self.frame_count)

    def drawn_overlay(self, frame_index: int, groups: Collection[int]) -> NDArray[np.bool_] | None:
        """Return the overlay planes of `groups` over a frame, bool [rows, columns]; None when all are empty.

        Never an exception for bad overlays: what cannot be read is left out.
        """
        self._check(frame_index)
        image = self.attributes
        planes = [plane for plane in self.overlay_planes if plane.group in groups]
        samples = cache(partial(self._whole_samples, frame_index))  # once for all planes
        with refusing():
            return drawn_planes(self._ds, planes, frame_index, (image.rows, image.columns), samples)

    def _whole_samples(self, frame_index: int) -> NDArray[Any] | None:
        """Return a grey frame with the bits above and below the stored ones."""
        bits = self.attributes.bits_allocated
        whole = replace(self.attributes, bits_stored=bits, high_bit=bits - 1, pixel_representation=0)
        with refusing():
            return self._samples(frame_index, whole)[0] if whole.samples_per_pixel == 1 else None

    def _samples(self, frame_index: int, image: ImageAttributes) -> tuple[NDArray[Any], str]:
        native = self._codec is Codec.NATIVE
        return self._native(frame_index, image) if native else self._decoded(frame_index, image)

    def _check(self, frame_index: int) -> None:
        if not 0 <= frame_index < self.frame_count:
            raise BadInput(f"There is no frame {frame_index + 1}: the image has {self.frame_count}.")

    def _native(self, frame_index: int, image: ImageAttributes) -> tuple[NDArray[Any], str]:
        element = self._element
        subsampled = is_subsampled(image, element.length)
        bits = frame_bits(image, subsampled=subsampled)
        first_bit = frame_index * bits
        start, stop = first_bit // 8, -(-(first_bit + bits) // 8)
        if stop > element.length:
            raise CannotDecode(
                f"The file ends {stop - element.length} bytes before frame {frame_index + 1} does."
            )
        data = self._read(start, stop)
        samples = unpack_samples(data, first_bit % 8, bits // image.bits_allocated, image, self._byte_order())
        if subsampled:
            return upsample_422(samples, image), image.photometric_interpretation
        arranged = arrange(samples, image, planar=image.planar_configuration == 1)
        return arranged, image.photometric_interpretation

    def _read(self, start: int, stop: int) -> bytes:
        """Return bytes of the pixel data; bytes that big endian words hold are put back in their order."""
        element, image = self._element, self.attributes
        words = self._byte_order() == ">" and element.vr == b"OW" and image.bits_allocated <= 8
        if not words:
            return self._located.source.read(element.offset + start, stop - start)
        first, last = start & ~1, min(stop + 1 & ~1, element.length & ~1)
        data = np.frombuffer(self._located.source.read(element.offset + first, last - first), np.uint8)
        return data.reshape(-1, 2)[:, ::-1].tobytes()[start - first : stop - first]

    def _byte_order(self) -> str:
        if self._located.transfer_syntax_uid == GE_IMPLICIT_VR_BIG_ENDIAN_PIXELS:
            return ">"
        return self._located.encoding.byte_order

    def _decoded(self, frame_index: int, image: ImageAttributes) -> tuple[NDArray[Any], str]:
        from archive.pixels.codecs import decode_frame  # noqa: PLC0415 - most files need no codec

        frame = self._fragment_table().read(frame_index)
        return decode_frame(frame, image, self._codec)

    def _fragment_table(self) -> FragmentTable:
        from archive.pixels.fragments import FragmentTable  # noqa: PLC0415 - most files need none

        with self._lock:
            if self._fragments is None:
                offset, length = self._element.offset, self._element.length
                frames = self.attributes.number_of_frames
                self._fragments = FragmentTable(self._located.source, offset, length, self._ds, frames)
            return self._fragments

    def _colored(self) -> Palette:
        with self._lock:
            if self._palette is None:
                self._palette = Palette(self._ds, signed=self.attributes.pixel_representation == 1)
            return self._palette

    def _supplemental(self) -> Palette | None:
        """Return the palette for the upper values of an image that is grey otherwise (PS3.3 C.7.6.19)."""
        grey = self.attributes.photometric_interpretation == "MONOCHROME2"
        if not grey or self._ds.text(PIXEL_PRESENTATION).upper() not in {"COLOR", "MIXED"}:
            return None
        try:
            return self._colored()
        except CannotDecode:
            return None  # a palette that cannot be read costs the colors, not the image


def _pixel_element(ds: DataSet) -> Value:
    tags = (PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA)
    return next(element for tag in tags if (element := ds.element(tag)) is not None)
