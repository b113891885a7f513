"""Lines that vouch for themselves and for what came before them (HMAC-SHA256, RFC 2104).

A line is ``{...,"mac":"<64 hex digits>"}``. The MAC covers the line's own bytes up to ``,"mac"`` and the MAC
of the line before, so nothing needs to be written in one canonical way to be checked.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import Any

MAC_BYTES = 32
BEGINNING = bytes(MAC_BYTES)
"""What the first record has for the MAC before it."""
_LINE = re.compile(rb'(\{.*),"mac":"([0-9a-f]{64})"\}', re.DOTALL)
_RECORD, _HEAD = b"noctis audit record\0", b"noctis audit head\0"


def record_line(key: bytes, previous: bytes, values: dict[str, Any]) -> tuple[bytes, bytes]:
    """Return a record as a line of ASCII without its line feed, and the line's MAC."""
    return _line(key, _RECORD + previous, values)


def head_line(key: bytes, values: dict[str, Any]) -> bytes:
    """Return a head as a line of ASCII."""
    return _line(key, _HEAD, values)[0]


def read_record(key: bytes, previous: bytes, line: bytes) -> tuple[dict[str, Any] | None, bytes]:
    """Return a record and its MAC; None for the record when it is not what was written after `previous`."""
    return _read(key, _RECORD + previous, line)


def read_head(key: bytes, line: bytes) -> dict[str, Any] | None:
    """Return what a head says, None when it was not written with this key."""
    return _read(key, _HEAD, line)[0]


def unchecked(line: bytes) -> dict[str, Any] | None:
    """Return what a line says without asking for its MAC; None when it is no record at all."""
    if _LINE.fullmatch(line) is None:
        return None
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) and isinstance(values.get("sequence"), int) else None


def _line(key: bytes, context: bytes, values: dict[str, Any]) -> tuple[bytes, bytes]:
    body = json.dumps(values, separators=(",", ":")).encode("ascii").removesuffix(b"}")
    mac = _mac(key, context, body)
    return b'%s,"mac":"%s"}' % (body, mac.hex().encode("ascii")), mac


def _read(key: bytes, context: bytes, line: bytes) -> tuple[dict[str, Any] | None, bytes]:
    match = _LINE.fullmatch(line)
    if match is None:
        return None, b""
    mac = _mac(key, context, match[1])
    if not hmac.compare_digest(mac.hex().encode("ascii"), match[2]):
        return None, b""
    return unchecked(line), mac


def _mac(key: bytes, context: bytes, body: bytes) -> bytes:
    return hmac.digest(key, context + body, hashlib.sha256)
