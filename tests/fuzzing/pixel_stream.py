"""Any bytes as a compressed frame: samples of the size that the header says, or one sentence why not.

The codecs are in C and run in the threads of the interface: what they cannot bear ends it.
"""

from __future__ import annotations

from types import SimpleNamespace

import imagecodecs
import numpy as np

from archive.errors import CannotDecode
from archive.pixels.codecs import decode_frame
from archive.pixels.transfer_syntax import Codec

SIDE = 24


def _image(samples, bits):
    return SimpleNamespace(
        rows=SIDE,
        columns=SIDE,
        samples_per_pixel=samples,
        bits_allocated=bits,
        bits_stored=bits,
        high_bit=bits - 1,
        pixel_representation=0,
        photometric_interpretation="MONOCHROME2" if samples == 1 else "RGB",
        planar_configuration=0,
        pixel_keyword="PixelData",
        transfer_syntax_uid="",
    )


GREY, BYTES, COLOR = _image(1, 16), _image(1, 8), _image(3, 8)
KINDS = (
    (Codec.JPEG_LS, GREY),
    (Codec.JPEG_LS, COLOR),
    (Codec.JPEG_2000, GREY),
    (Codec.JPEG_2000, COLOR),
    (Codec.HTJ2K, GREY),
    (Codec.JPEG, BYTES),
    (Codec.JPEG, COLOR),
    (Codec.JPEG_LOSSLESS, GREY),
    (Codec.JPEG_XL, GREY),
    (Codec.JPEG_XL, COLOR),
    (Codec.RLE, GREY),
    (Codec.DEFLATED_FRAME, GREY),
)


def seeds():
    """Give a frame of each kind, behind the number of the kind."""
    random = np.random.default_rng(1)
    ramp = np.arange(SIDE, dtype=np.uint16) * 9
    grey = random.integers(0, 60, (SIDE, SIDE)).astype(np.uint16) + ramp
    color = random.integers(0, 255, (SIDE, SIDE, 3)).astype(np.uint8) // 8
    j2k = {"codecformat": "j2k"}
    planes = (imagecodecs.packbits_encode((grey >> shift).astype(np.uint8).tobytes()) for shift in (8, 0))
    high, low = (plane + b"\0" * (len(plane) % 2) for plane in planes)
    offsets = (2, 64, 64 + len(high), *[0] * 13)
    streams = (
        imagecodecs.jpegls_encode(grey),
        imagecodecs.jpegls_encode(color),
        imagecodecs.jpeg2k_encode(grey, level=0, **j2k),
        imagecodecs.jpeg2k_encode(color, level=20, **j2k),
        imagecodecs.htj2k_encode(grey),
        imagecodecs.jpeg8_encode(color[..., 0].copy()),
        imagecodecs.jpeg8_encode(color),
        imagecodecs.jpeg8_encode(grey, lossless=True, bitspersample=16),
        imagecodecs.jpegxl_encode(grey, lossless=True),
        imagecodecs.jpegxl_encode(color),
        np.array(offsets, "<u4").tobytes() + high + low,
        imagecodecs.deflate_encode(grey.tobytes(), raw=True),
    )
    for number, stream in enumerate(streams):
        yield bytes([number]) + bytes(stream)


def check(data):
    """Decode the frame; fail when anything but samples or a sentence comes."""
    raw = bytes(data)
    if not raw:
        return
    codec, image = KINDS[raw[0] % len(KINDS)]
    try:
        samples, _ = decode_frame(raw[1:], image, codec)
    except CannotDecode:
        return
    assert samples.shape == ((SIDE, SIDE) if image.samples_per_pixel == 1 else (SIDE, SIDE, 3))
