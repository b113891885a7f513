"""Color samples to RGB of eight bits (PS3.3 C.7.6.3.1.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from archive.dicom import keywords as kw
from archive.errors import CannotDecode
from archive.pixels.blocks import row_blocks
from archive.pixels.lookup_table import Descriptor, read_descriptor, read_entries
from archive.pixels.segmented_table import read_segmented_entries

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from archive.dicom.data_set import DataSet
    from archive.pixels.attributes import ImageAttributes


def to_eight_bits(samples: NDArray[Any], bits_stored: int) -> NDArray[np.uint8]:
    """Return the eight most significant of the stored bits."""
    if samples.dtype.kind == "i":
        samples = samples.view(samples.dtype.str.replace("i", "u"))
    if bits_stored > 8:
        samples = samples >> (bits_stored - 8)
    return np.ascontiguousarray(samples, np.uint8)


def ycbcr_to_rgb(samples: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Convert YBR_FULL [rows, columns, 3] (ITU-R BT.601, full range) to RGB."""
    return np.asarray(Image.fromarray(samples, "YCbCr").convert("RGB"))


def partial_ycbcr_to_rgb(samples: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Convert YBR_PARTIAL [rows, columns, 3] (black 16, white 235) to RGB."""
    wide: NDArray[np.float32] = samples.astype(np.float32) - np.array((16, 128, 128), np.float32)
    matrix = np.array(((1.1644, 0, 1.5960), (1.1644, -0.3917, -0.8130), (1.1644, 2.0173, 0)), np.float32)
    rgb: NDArray[np.uint8] = np.clip(np.rint(wide @ matrix.T), 0, 255).astype(np.uint8)
    return rgb


def to_rgb(
    samples: NDArray[Any], image: ImageAttributes, photometric_interpretation: str
) -> NDArray[np.uint8]:
    """Return RGB [rows, columns, 3] from three samples a pixel.

    `photometric_interpretation` is what the samples are now: a codec may already have undone a transform.
    """
    if samples.ndim != 3 or samples.shape[2] != 3:
        raise CannotDecode(f"Images of {photometric_interpretation} with this many samples cannot be shown.")
    eight = to_eight_bits(samples, image.bits_stored)
    match photometric_interpretation:
        case "RGB" | "YBR_ICT" | "YBR_RCT":
            return eight
        case "YBR_FULL" | "YBR_FULL_422":
            return ycbcr_to_rgb(eight)
        case "YBR_PARTIAL_422" | "YBR_PARTIAL_420":
            return partial_ycbcr_to_rgb(eight)
        case other:
            raise CannotDecode(f"The photometric interpretation {other[:32]!r} cannot be shown.")


class Palette:
    """Red, green and blue lookup tables (PS3.3 C.7.6.3.1.5, C.7.9).

    Entries that claim 16 bits are taken for 8 when none of the three tables needs more.
    """

    def __init__(self, ds: DataSet, *, signed: bool) -> None:
        channels = [_channel(ds, number, signed=signed) for number in range(3)]
        size = max(len(table) for table, _ in channels)
        self._first = channels[0][1].first_mapped
        deep = any(int(table.max()) > 255 for table, _ in channels)
        tables = [to_eight_bits(table, 16 if deep else min(said.bits, 8)) for table, said in channels]
        self._table = np.stack([np.pad(table, (0, size - len(table)), "edge") for table in tables], -1)

    def over(self, grey: NDArray[np.uint8], stored: NDArray[Any]) -> NDArray[np.uint8]:
        """Return RGB: the palette where stored values are its first one or more, `grey` elsewhere."""
        rgb = np.repeat(grey[..., None], 3, axis=-1)
        for rows in row_blocks(stored.shape):
            colored = stored[rows] >= self._first
            rgb[rows][colored] = self.apply(stored[rows][colored])
        return rgb

    def apply(self, stored: NDArray[Any]) -> NDArray[np.uint8]:
        """Return RGB [..., 3] for indices of any shape."""
        rgb = np.empty((*stored.shape, 3), np.uint8)
        for rows in row_blocks(stored.shape):
            index = np.clip(stored[rows].astype(np.int64) - self._first, 0, len(self._table) - 1)
            rgb[rows] = self._table[index]
        return rgb


def _channel(ds: DataSet, number: int, *, signed: bool) -> tuple[NDArray[np.uint16], Descriptor]:
    descriptor = read_descriptor(ds, kw.RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR + number, signed=signed)
    if descriptor is None:
        raise CannotDecode("The image needs a color palette and has none that can be read.")
    tag = kw.RED_PALETTE_COLOR_LOOKUP_TABLE_DATA + number
    if tag in ds:
        table = read_entries(ds, descriptor.entries, descriptor.bits, tag)
    else:
        segmented = kw.SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA + number
        table = read_segmented_entries(ds, segmented, descriptor.bits)
    if table is None:
        raise CannotDecode("The image needs a color palette and has none that can be read.")
    return table, descriptor
