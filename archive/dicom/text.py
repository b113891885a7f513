"""Text of the standard: decoded by its character set (PS3.5 6.1), and made safe to look at."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_DECODED_HERE = {"": "latin-1", "ISO_IR 6": "latin-1", "ISO_IR 100": "latin-1", "ISO_IR 192": "utf-8"}
"""Character sets that need no escape sequences: by far the most, and worth not loading pydicom for.

No character set means ASCII; what real devices then write above 0x7F is Latin-1 more often than not.
"""

_DESIGNATION = re.compile("\x1b[\x20-\x2f]{1,2}[\x30-\x7e]")
"""Escape sequences of ISO 2022 that pydicom leaves in the text of some character sets (IR 58)."""

_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
"""Controls, bidirectional and invisible formatting, lone surrogates, fillers, selectors, tag characters."""


def decode_text(raw: bytes, specific_character_set: Sequence[str] = ()) -> str:
    r"""Decode a text value; bytes that the character set does not know become U+FFFD.

    Parameters
    ----------
    raw
        The value as it stands in the data set, components separated by backslashes.
    specific_character_set
        The values of (0008,0005), none of them when it is absent.
    """
    known = _DECODED_HERE.get(specific_character_set[0]) if len(specific_character_set) == 1 else None
    if raw.isascii() and b"\x1b" not in raw:
        # ISO_IR 13 and its like have a yen sign at 0x5C; pydicom and everybody else reads a backslash.
        return raw.decode("ascii")
    if not specific_character_set or known:
        return raw.decode(known or "latin-1", "replace")
    return _decode_by_pydicom(raw, specific_character_set)


def _decode_by_pydicom(raw: bytes, specific_character_set: Sequence[str]) -> str:
    from pydicom.charset import convert_encodings, decode_bytes  # noqa: PLC0415 - loads pydicom
    from pydicom.valuerep import TEXT_VR_DELIMS  # noqa: PLC0415 - the same

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an unknown character set is the quality rules' finding
        try:
            encodings = convert_encodings(list(specific_character_set))
            # A backslash and the PN delimiters switch back to the first character set (PS3.5 6.1.2.5.3).
            decoded = decode_bytes(raw, encodings, TEXT_VR_DELIMS | {0x5E, 0x3D})
        except (LookupError, UnicodeError, ValueError):
            return raw.decode("latin-1")
    return _DESIGNATION.sub("", decoded)


def visible(text: str, limit: int | None = None) -> str:
    r"""Show every character that a terminal would obey, hide or reorder, as something that can be read.

    C0 controls and DEL become their pictures (U+2400 and on), everything else its escape (`\x9b`, `\u202e`).

    Parameters
    ----------
    text
        Anything a peer, a file or a file name brought.
    limit
        The longest result, in characters; what is cut ends in an ellipsis.
    """
    shown = text if limit is None else text[: limit + 1]
    shown = _HIDDEN.sub(_show, shown)
    if limit is not None and len(shown) > limit:
        return shown[: max(limit - 1, 0)] + "…"[:limit]
    return shown


def _show(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def person_name(text: str) -> str:
    """Write a person name (PS3.5 6.2.1.1) as people do: `Doe^Jane^M` becomes `Doe, Jane M`.

    The alphabetic group is used, or the first one that says anything.
    """
    groups = (group.strip("^ ") for group in text.split("="))
    components = [part.strip() for part in next((group for group in groups if group), "").split("^")]
    family, given = components[0], " ".join(part for part in components[1:] if part)
    return ", ".join(part for part in (family, given) if part)
