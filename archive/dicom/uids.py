"""Unique identifiers (PS3.5 section 9)."""

from __future__ import annotations

import re

_UID = re.compile(r"[0-9][0-9.]{0,63}")

IMPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2"
EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
EXPLICIT_VR_BIG_ENDIAN = "1.2.840.10008.1.2.2"
DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1.99"
JPIP_REFERENCED_DEFLATE = "1.2.840.10008.1.2.4.95"
JPIP_HTJ2K_REFERENCED_DEFLATE = "1.2.840.10008.1.2.4.205"
GE_IMPLICIT_VR_BIG_ENDIAN_PIXELS = "1.2.840.113619.5.2"
"""GE's private syntax: little endian implicit VR elements around big endian pixels."""

DEFLATED_SYNTAXES = frozenset(
    {DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, JPIP_REFERENCED_DEFLATE, JPIP_HTJ2K_REFERENCED_DEFLATE}
)
"""The whole data set is a raw deflate stream (PS3.5 A.5, A.7)."""


def is_uid(text: str) -> bool:
    """Tell whether a text can serve as a UID: 1 to 64 digits and dots, beginning with a digit.

    Real devices write components with leading zeros and a trailing dot now and then; both pass, because
    nothing but a comparison is made of them. What could ever mean a folder (`.`, `..`, `/`) does not.
    """
    return _UID.fullmatch(text) is not None


def is_transfer_syntax(uid: str) -> bool:
    """Tell whether a UID is a transfer syntax of the standard's, of today or later, or GE's private one.

    Every syntax that the standard has added since 1993 is explicit VR little endian around its pixels.
    """
    return f"{uid}.".startswith("1.2.840.10008.1.2.") or uid == GE_IMPLICIT_VR_BIG_ENDIAN_PIXELS
