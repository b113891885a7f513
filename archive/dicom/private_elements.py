"""Private elements: where a maker's block of a group begins (PS3.5 7.8.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.dicom.data_set import DataSet

_FIRST_BLOCK, _LAST_BLOCK = 0x10, 0xFF


def private_tag(ds: DataSet, group: int, creator: str, element: int) -> int:
    """Return the tag of a maker's element, 0 when another maker owns the group.

    Without any Private Creator in the group (some de-identifiers keep only the rest) it is the first block.
    """
    creators = {
        block: ds.text(group << 16 | block).upper()
        for block in range(_FIRST_BLOCK, _LAST_BLOCK + 1)
        if group << 16 | block in ds
    }
    block = next((block for block, name in creators.items() if name == creator.upper()), None)
    if block is None:
        block = 0 if creators else _FIRST_BLOCK
    return group << 16 | block << 8 | element if block else 0
