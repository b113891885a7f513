"""UIDs packed four bits a character, in an order that is the text's own.

51 characters become 26 bytes. A dot is 1, the digits are 2 to 11 and 0 fills the last half byte, so that
packed UIDs compare as their texts do (PS3.5 section 9.1: digits and dots, at most 64 of them).
"""

from __future__ import annotations

import re

UID = re.compile(r"[0-9.]{1,64}", re.ASCII)
_TO_HEX = str.maketrans(".0123456789", "123456789ab")
_FROM_HEX = str.maketrans("123456789ab", ".0123456789")


def pack_uid(uid: str) -> bytes:
    """Pack a UID.

    Raises
    ------
    ValueError
        The text is not one to 64 digits and dots.
    """
    if UID.fullmatch(uid) is None:
        raise ValueError("not a UID")
    nibbles = uid.translate(_TO_HEX)
    return bytes.fromhex(nibbles + "0" * (len(nibbles) % 2))


def unpack_uid(packed: bytes) -> str:
    """Return the UID that `pack_uid` packed."""
    return packed.hex().rstrip("0").translate(_FROM_HEX)


def packed_range(prefix: str) -> tuple[bytes, bytes]:
    """Return (lowest, above the highest) packed UID that begins with `prefix`.

    Raises
    ------
    ValueError
        The prefix is not one to 64 digits and dots.
    """
    lowest = pack_uid(prefix)
    nibbles = prefix.translate(_TO_HEX)
    return lowest, bytes.fromhex(nibbles + "f" * (2 - len(nibbles) % 2))
