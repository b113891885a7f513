"""Private elements that tell nothing of a person: those of PS3.15 Table E.3.10-1 that are numbers."""

from __future__ import annotations

import re

SAFE: dict[str, dict[int, frozenset[int]]] = {
    "Philips PET Private Group": {0x7053: frozenset({0x00, 0x09})},
    "ELSCINT1": {
        0x00E1: frozenset({0x21}),
        0x01E1: frozenset({0x26, 0x50}),
        0x01F1: frozenset({0x01, 0x07, 0x26, 0x27}),
    },
    "GEMS_ACQU_01": {0x0019: frozenset({0x23, 0x24, 0x27, 0x9E})},
    "GEMS_PARM_01": {0x0043: frozenset({0x27, 0x39, 0x6F})},
    "GEMS_SERS_01": {0x0025: frozenset({0x07})},
    "GEMS_HELIOS_01": {0x0045: frozenset({0x01, 0x02})},
    "Philips Imaging DD 001": {0x2001: frozenset({0x03, 0x04})},
    "SIEMENS MR HEADER": {0x0019: frozenset({0x0C, 0x0D, 0x0E, 0x27})},
}
"""Private creator -> group -> element numbers within the block."""

_NUMBERS_OR_WORDS = re.compile(rb"[ \0]*[+-]?[0-9.eE+-]{1,16}[ \0]*(\\[ \0]*[+-]?[0-9.eE+-]{1,16}[ \0]*)*")
_WORDS = frozenset({b"DIRECTIONAL", b"ISOTROPIC", b"BMATRIX", b"NONE", b"P", b"R", b"S", b"O"})
_BINARY = frozenset({"US", "SS", "UL", "SL", "FL", "FD"})
_LONGEST = 128


def is_safe(group: int, number: int, creator: str, vr: str, raw: bytes) -> bool:
    """Tell whether a private element may stay: it is in the table and its value is what the table says.

    Parameters
    ----------
    number
        Of the element within its block (its low byte).
    raw
        The value; a text that is no number and none of the known words is not safe, whatever the table says.
    """
    if number not in SAFE.get(creator, {}).get(group, frozenset()) or len(raw) > _LONGEST:
        return False
    if vr in _BINARY:
        return True
    return _NUMBERS_OR_WORDS.fullmatch(raw) is not None or raw.strip(b" \0") in _WORDS
