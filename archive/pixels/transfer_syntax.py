"""Which codec a transfer syntax asks for, and what to say when there is none (PS3.5 Annex A)."""

from __future__ import annotations

from enum import StrEnum

from archive.dicom.uids import GE_IMPLICIT_VR_BIG_ENDIAN_PIXELS, IMPLICIT_VR_LITTLE_ENDIAN


class Codec(StrEnum):
    """How the pixels of a frame are compressed; the values are what a person reads."""

    NATIVE = "uncompressed"
    RLE = "RLE Lossless"
    JPEG = "JPEG"
    JPEG_LOSSLESS = "JPEG Lossless"
    JPEG_LS = "JPEG-LS"
    JPEG_2000 = "JPEG 2000"
    HTJ2K = "High-Throughput JPEG 2000"
    JPEG_XL = "JPEG XL"
    DEFLATED_FRAME = "Deflated Image Frame"
    ENCAPSULATED = "encapsulated uncompressed"
    VIDEO = "video"
    UNKNOWN = "unknown"


_STANDARD = IMPLICIT_VR_LITTLE_ENDIAN
"""What every other transfer syntax of the standard's begins with."""
_NATIVE = frozenset({"", ".1", ".1.99", ".2"})
_JPEG = frozenset(f".4.{number}" for number in (50, 51, 52, 53, 54, 55, 56))
_JPEG_LOSSLESS = frozenset(f".4.{number}" for number in (57, 58, 65, 66, 70))
_BY_SUFFIX = {
    ".5": Codec.RLE,
    ".4.80": Codec.JPEG_LS,
    ".4.81": Codec.JPEG_LS,
    ".4.90": Codec.JPEG_2000,
    ".4.91": Codec.JPEG_2000,
    ".4.92": Codec.JPEG_2000,
    ".4.93": Codec.JPEG_2000,
    ".4.201": Codec.HTJ2K,
    ".4.202": Codec.HTJ2K,
    ".4.203": Codec.HTJ2K,
    ".4.110": Codec.JPEG_XL,
    ".4.111": Codec.JPEG_XL,
    ".4.112": Codec.JPEG_XL,
    ".8.1": Codec.DEFLATED_FRAME,
    ".1.98": Codec.ENCAPSULATED,
}


def codec_of(transfer_syntax_uid: str) -> Codec:
    """Return how frames of a transfer syntax are compressed."""
    if transfer_syntax_uid == GE_IMPLICIT_VR_BIG_ENDIAN_PIXELS:
        return Codec.NATIVE
    if not transfer_syntax_uid.startswith(_STANDARD):
        return Codec.UNKNOWN
    suffix = transfer_syntax_uid.removeprefix(_STANDARD)
    if suffix in _NATIVE:
        return Codec.NATIVE
    if suffix in _JPEG:
        return Codec.JPEG
    if suffix in _JPEG_LOSSLESS:
        return Codec.JPEG_LOSSLESS
    return _BY_SUFFIX.get(suffix, Codec.VIDEO if suffix.startswith(".4.10") else Codec.UNKNOWN)
