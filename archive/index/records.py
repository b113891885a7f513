"""What is recorded of one instance."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.dicom.header import Header


@dataclass(frozen=True, slots=True)
class Source:
    """Who sent an instance: the AE titles of the association and the address it came from."""

    calling_ae_title: str
    called_ae_title: str
    address: str


class Kind(Enum):
    """What a record is to the instance that has its UIDs."""

    NEW = "new"
    """There is none."""
    VARIANT = "variant"
    """Other bytes; needs a digest and a file."""
    REPLACEMENT = "replacement"
    """Its file lay in place and is gone; this one is kept instead."""


@dataclass(frozen=True, slots=True)
class Record:
    """One instance that is placed and is to be recorded.

    Attributes
    ----------
    digest
        First 16 bytes of the SHA-256 of the data set; None when nobody read it all.
    size_bytes
        Bytes of the file.
    file
        None where the layout has it; else absolute, or relative to the archive's root.
    received_at
        Unix seconds.
    """

    header: Header
    digest: bytes | None
    size_bytes: int
    file: bytes | None
    received_at: float
    source: Source | None = None
    kind: Kind = Kind.NEW
