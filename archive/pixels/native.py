"""Uncompressed samples to arrays of stored values (PS3.5 8.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from archive.errors import CannotDecode

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from archive.pixels.attributes import ImageAttributes

_SUBSAMPLED = frozenset({"YBR_FULL_422", "YBR_PARTIAL_422"})


class SampleBits(Protocol):
    """Where the bits of a sample are (PS3.5 8.1.1); `ImageAttributes` says it."""

    @property
    def bits_allocated(self) -> int:
        """Of each sample."""

    @property
    def bits_stored(self) -> int:
        """Those that are the value."""

    @property
    def high_bit(self) -> int:
        """The highest of these, from 0."""


def sample_dtype(image: ImageAttributes, byte_order: str = "=") -> np.dtype[Any]:
    """Return the dtype of stored values: the smallest of 8, 16, 32, 64 bits that holds Bits Allocated."""
    if image.pixel_keyword != "PixelData":
        return np.dtype(f"{byte_order}f{image.bits_allocated // 8}")
    size = next(size for size in (1, 2, 4, 8) if 8 * size >= image.bits_allocated)
    signed = image.pixel_representation == 1 and image.bits_allocated > 1
    return np.dtype(f"{byte_order}{'i' if signed else 'u'}{size}")


def working_bytes(image: ImageAttributes) -> int:
    """Return the memory that reading a frame takes, without its compressed bytes."""
    samples = image.rows * image.columns * image.samples_per_pixel
    bits = image.bits_allocated
    return samples * (bits + 4 if bits > 1 and bits % 8 else max(1, bits // 8))


def frame_bits(image: ImageAttributes, *, subsampled: bool) -> int:
    """Return the length of one native frame in bits; bit-packed frames follow each other without gaps."""
    samples = 2 if subsampled else image.samples_per_pixel
    return image.rows * image.columns * samples * image.bits_allocated


def is_subsampled(image: ImageAttributes, pixel_bytes: int) -> bool:
    """Return whether chrominance is halved, as its name says, unless the data is long enough for all."""
    if image.photometric_interpretation not in _SUBSAMPLED or image.samples_per_pixel != 3:
        return False
    return pixel_bytes * 8 < frame_bits(image, subsampled=False) * image.number_of_frames


def unpack_samples(
    data: bytes, first_bit: int, count: int, image: ImageAttributes, order: str
) -> NDArray[Any]:
    """Return `count` samples, one-dimensional, native byte order, unused bits removed."""
    bits = image.bits_allocated
    if bits % 8 or bits == 24:
        values = _unpack_bits(data, first_bit, count, bits)
        return conform(values.astype(sample_dtype(image)), image)
    dtype = sample_dtype(image, order)
    if len(data) < count * dtype.itemsize:
        raise CannotDecode("The pixel data ends before the frame does.")
    return conform(np.frombuffer(data, dtype, count).astype(dtype.newbyteorder("=")), image)


def _unpack_bits(data: bytes, first_bit: int, count: int, bits: int) -> NDArray[np.unsignedinteger[Any]]:
    """Unpack samples that are not whole bytes: the first sample is in the lowest bits (PS3.5 8.1.1)."""
    unpacked = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")[first_bit:]
    if len(unpacked) < count * bits:
        raise CannotDecode("The pixel data ends before the frame does.")
    if bits == 1:
        return unpacked[:count]
    values = np.zeros(count, np.uint32)
    for bit in range(bits):
        values |= unpacked[bit : count * bits : bits].astype(np.uint32) << np.uint32(bit)
    return values


def conform(values: NDArray[Any], image: SampleBits) -> NDArray[Any]:
    """Keep the stored bits of samples: overlays or noise above and below go, the sign is extended.

    A shift in the sample's own signed or unsigned dtype does both. `values` is changed in place.
    """
    if values.dtype.kind == "f" or image.bits_stored >= image.bits_allocated:
        return values
    width = 8 * values.dtype.itemsize
    left = width - 1 - image.high_bit
    right = width - image.bits_stored
    if right == 0:
        return values
    np.left_shift(values, left, out=values)
    np.right_shift(values, right, out=values)
    return values


def arrange(samples: NDArray[Any], image: ImageAttributes, *, planar: bool) -> NDArray[Any]:
    """Shape one frame's samples as [rows, columns] or [rows, columns, samples]."""
    if image.samples_per_pixel == 1:
        return samples.reshape(image.rows, image.columns)
    if planar:
        planes = samples.reshape(image.samples_per_pixel, image.rows, image.columns)
        return np.ascontiguousarray(planes.transpose(1, 2, 0))
    return samples.reshape(image.rows, image.columns, image.samples_per_pixel)


def upsample_422(samples: NDArray[Any], image: ImageAttributes) -> NDArray[Any]:
    """Return Y, Cb, Cr of every pixel from Y1 Y2 Cb Cr of every two (PS3.3 C.7.6.3.1.2)."""
    pairs = samples.reshape(-1, 4)
    full = np.empty((len(pairs), 2, 3), samples.dtype)
    full[:, :, 0] = pairs[:, :2]
    full[:, :, 1:] = pairs[:, None, 2:]
    return full.reshape(image.rows, image.columns, 3)
