"""One compressed frame to samples, by imagecodecs.

pydicom's plugins do not stand behind it: they decode nothing that imagecodecs refuses, and pydicom 3.0 looks
for ever at a JPEG 2000 box of length 0.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, NamedTuple

import imagecodecs
import numpy as np

from archive.errors import CannotDecode
from archive.pixels.jpeg_stream import (
    StreamHeader,
    jpeg_2000_is_whole,
    read_jpeg_2000_header,
    read_jpeg_header,
)
from archive.pixels.native import arrange, conform, frame_bits, sample_dtype, unpack_samples
from archive.pixels.rle import decode_rle
from archive.pixels.transfer_syntax import Codec

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import NDArray

    from archive.pixels.attributes import ImageAttributes

_LARGE_PIXELS = 1 << 20
"""OpenJPEG halves the time of a radiograph with a second thread; a slice has too little for two."""
_END_OF_IMAGE = b"\xff\xd9"


class Decoded(NamedTuple):
    """Samples [rows, columns] or [rows, columns, samples], and what their color is now."""

    samples: NDArray[Any]
    photometric_interpretation: str


def decode_frame(frame: bytes, image: ImageAttributes, codec: Codec) -> Decoded:
    """Decode one frame. The GIL is free while imagecodecs works.

    Raises
    ------
    CannotDecode
        When there is no codec, the stream is damaged, or it is not of the size that the header says.
    """
    decoder = _DECODERS.get(codec)
    if decoder is None:
        raise CannotDecode(_no_codec(codec, image.transfer_syntax_uid))
    try:
        decoded = decoder(frame, image)
    except CannotDecode:
        raise
    except Exception as error:  # whatever the libraries behind the codecs say
        raise CannotDecode(f"The {codec} stream is damaged or of an unknown kind.") from error
    expected = (image.rows, image.columns, image.samples_per_pixel)[: decoded.samples.ndim]
    if decoded.samples.shape != expected:
        raise CannotDecode(f"The {codec} stream holds a picture of another size than the header says.")
    return decoded


def _no_codec(codec: Codec, transfer_syntax_uid: str) -> str:
    if codec is Codec.VIDEO:
        return "The pixels are a video stream, which cannot be shown."
    return f"There is no codec for transfer syntax {transfer_syntax_uid[:64]!r}."


def _check_size(header: StreamHeader | None, image: ImageAttributes, codec: Codec) -> StreamHeader:
    """Compare what the stream claims with what the data set says, before a codec allocates for it."""
    if header is None:
        raise CannotDecode(f"The {codec} stream is damaged: it has no frame header.")
    size = (header.rows, header.columns, header.components)
    if size != (image.rows, image.columns, image.samples_per_pixel):
        raise CannotDecode(
            f"The {codec} stream holds {header.columns}x{header.rows} pixels of {header.components} samples "
            f"where the header says {image.columns}x{image.rows} of {image.samples_per_pixel}."
        )
    return header


def _decode_rle(frame: bytes, image: ImageAttributes) -> Decoded:
    dtype = sample_dtype(image)
    samples = decode_rle(frame, image.rows * image.columns, image.samples_per_pixel, dtype.itemsize)
    samples = conform(samples.view(dtype), image)
    return Decoded(arrange(samples, image, planar=True), image.photometric_interpretation)


def _decode_jpeg(frame: bytes, image: ImageAttributes) -> Decoded:
    """Decode every JPEG process by libjpeg-turbo, which is fuzzed.

    imagecodecs' other lossless decoders are slower, and one of them crashes on damaged streams.
    """
    header = _check_size(read_jpeg_header(frame), image, Codec.JPEG)
    if _END_OF_IMAGE not in frame:  # libjpeg would paint what is missing
        raise CannotDecode("The JPEG stream ends before the picture does.")
    if header.components == 1:
        return _conformed(imagecodecs.jpeg8_decode(frame), image)
    if header.lossless:
        return _conformed(imagecodecs.jpeg8_decode(frame, colorspace="RGB", outcolorspace="RGB"), image)
    color = header.color or ("RGB" if image.photometric_interpretation == "RGB" else "YCbCr")
    samples = imagecodecs.jpeg8_decode(frame, colorspace=color.upper(), outcolorspace="RGB")
    return Decoded(samples, "RGB")


def _decode_jpeg_ls(frame: bytes, image: ImageAttributes) -> Decoded:
    header = _check_size(read_jpeg_header(frame), image, Codec.JPEG_LS)
    if _END_OF_IMAGE not in frame:
        raise CannotDecode("The JPEG-LS stream ends before the picture does.")
    # CharLS reads on for seconds where a damaged stream runs dry; an end behind the end stops it
    samples = imagecodecs.jpegls_decode(frame + _END_OF_IMAGE)
    return Decoded(_signed_from(samples, image, header), image.photometric_interpretation)


def _decode_jpeg_2000(frame: bytes, image: ImageAttributes) -> Decoded:
    """Decode JPEG 2000, high throughput or not, by OpenJPEG.

    imagecodecs' OpenJPH is twice as fast at the latter, but returns a damaged stream as a picture.
    """
    header = _check_size(read_jpeg_2000_header(frame), image, Codec.JPEG_2000)
    if not jpeg_2000_is_whole(frame):
        raise CannotDecode("The JPEG 2000 stream ends before the picture does.")
    threads = 2 if image.rows * image.columns >= _LARGE_PIXELS else 1
    samples = imagecodecs.jpeg2k_decode(frame, numthreads=threads)
    return Decoded(_signed_from(samples, image, header), image.photometric_interpretation)


def _decode_jpeg_xl(frame: bytes, image: ImageAttributes) -> Decoded:
    shape = (image.rows, image.columns, 3) if image.samples_per_pixel == 3 else (image.rows, image.columns)
    out = np.empty(shape, sample_dtype(image).str.replace("i", "u"))
    samples = imagecodecs.jpegxl_decode(frame, numthreads=1, out=out)
    decoded = _conformed(samples, image)
    return decoded._replace(photometric_interpretation="RGB") if image.samples_per_pixel == 3 else decoded


def _decode_uncompressed(frame: bytes, image: ImageAttributes) -> Decoded:
    count = image.rows * image.columns * image.samples_per_pixel
    samples = unpack_samples(frame, 0, count, image, "<")
    planar = image.planar_configuration == 1
    return Decoded(arrange(samples, image, planar=planar), image.photometric_interpretation)


def _decode_deflated(frame: bytes, image: ImageAttributes) -> Decoded:
    length = -(-frame_bits(image, subsampled=False) // 8)
    inflated = zlib.decompressobj(-zlib.MAX_WBITS).decompress(frame, length + 1)
    return _decode_uncompressed(inflated, image)


def _conformed(samples: NDArray[Any], image: ImageAttributes) -> Decoded:
    """Bring samples to the stored dtype, keeping their bits."""
    dtype = sample_dtype(image)
    same_size = samples.dtype.itemsize == dtype.itemsize
    values = samples.view(dtype) if same_size else samples.astype(dtype)
    if not values.flags.writeable:
        values = values.copy()
    return Decoded(conform(values, image), image.photometric_interpretation)


def _signed_from(samples: NDArray[Any], image: ImageAttributes, header: StreamHeader) -> NDArray[Any]:
    """Give samples the sign that the data set says where the code stream says another or cannot say."""
    dtype = sample_dtype(image)
    values = samples.view(dtype) if samples.dtype.itemsize == dtype.itemsize else samples.astype(dtype)
    shift = 8 * dtype.itemsize - header.precision
    if header.signed != bool(image.pixel_representation) and 0 < shift < 8 * dtype.itemsize:
        values = np.right_shift(np.left_shift(values, shift), shift)
    return values


_DECODERS: dict[Codec, Callable[[bytes, ImageAttributes], Decoded]] = {
    Codec.RLE: _decode_rle,
    Codec.JPEG: _decode_jpeg,
    Codec.JPEG_LOSSLESS: _decode_jpeg,
    Codec.JPEG_LS: _decode_jpeg_ls,
    Codec.JPEG_2000: _decode_jpeg_2000,
    Codec.HTJ2K: _decode_jpeg_2000,
    Codec.JPEG_XL: _decode_jpeg_xl,
    Codec.DEFLATED_FRAME: _decode_deflated,
    Codec.ENCAPSULATED: _decode_uncompressed,
}
