"""Siemens' private headers, written as the scanners do."""

from __future__ import annotations

import struct


def csa(elements: dict[str, list[str]], *, version_2: bool = True, slots: int = 6) -> bytes:
    """Write a CSA header as Siemens does: every element with empty slots behind its values."""
    parts = [b"SV10\4\3\2\1" if version_2 else b"", struct.pack("<II", len(elements), 77)]
    for name, values in elements.items():
        items = slots if values else 0
        parts.append(struct.pack("<64si4siii", name.encode(), len(values), b"LO", 0, items, 77))
        for place in range(items):
            value = values[place].encode() + b"\0" if place < len(values) else b""
            size = len(value) if version_2 else len(value) + slots
            parts.append(struct.pack("<4i", size, len(value), 77, size))
            parts.append(value + b"\0" * (-len(value) % 4))
    return b"".join(parts)
