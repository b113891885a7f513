"""Every file that an index is made of, in the order in which the archive got it, a folder at a time."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from archive.dicom.header import read_header
from archive.errors import BadInput
from archive.storage import ledger
from archive.storage.files import listed
from archive.storage.reading import data_set_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from archive.dicom.header import Header
    from archive.storage.layout import Layout


class Place(Enum):
    """Where a file lies."""

    INSTANCES = "instances"
    VARIANTS = "variants"
    OUTSIDE = "in place"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may hold an instance.

    Attributes
    ----------
    file
        Relative to the archive's root, or absolute when it lies in place.
    received_at
        When the archive got it, in Unix seconds: when its last byte was written, or what the ledger says.
    """

    place: Place
    file: str
    received_at: float


@dataclass(frozen=True, slots=True)
class Examined:
    """A candidate that was read; the digest of one in place is left to whoever needs it."""

    candidate: Candidate
    header: Header
    digest: bytes | None
    size_bytes: int


def candidates(layout: Layout, more_places: Iterable[tuple[float, bytes]]) -> Iterator[list[Candidate]]:
    """Yield the files of one series' folder, or of one import, after the other; what came first, first.

    Parameters
    ----------
    more_places
        When and where files in place were found that the ledger may not name.
    """
    units: list[tuple[float, str, ledger.Places | None]] = []
    for folder in _folders(layout):
        first = min((found.received_at for found in _in_folder(layout, folder)), default=None)
        if first is not None:
            units.append((first, folder, None))
    units += [(places.received_at, "", places) for places in _places(layout, more_places)]
    units.sort(key=lambda unit: unit[:2])
    for _, folder, places in units:
        yield _in_folder(layout, folder) if places is None else _outside(places)


def examine(layout: Layout, candidate: Candidate, check: Callable[[], None]) -> Examined:
    """Read a file to its last byte.

    Raises
    ------
    NoctisError
        It is gone, cannot be read, or is no DICOM instance.
    """
    path = layout.root / candidate.file
    if candidate.place is not Place.OUTSIDE and path.is_symlink():
        raise BadInput("This is not a regular file.")
    header = read_header(path)
    digest = None if candidate.place is Place.OUTSIDE else data_set_digest(path, check=check)
    return Examined(candidate, header, digest, path.stat().st_size)


def _folders(layout: Layout) -> list[str]:
    found = set()
    for kind in (layout.instances, layout.variants):
        for first, _ in listed(kind):
            found |= {f"{first}/{name}" for name, _ in listed(kind / first)}
    return sorted(found)


def _in_folder(layout: Layout, folder: str) -> list[Candidate]:
    found = []
    for place in (Place.INSTANCES, Place.VARIANTS):
        try:
            with os.scandir(layout.root / place.value / folder) as listing:
                for entry in listing:
                    facts = entry.stat(follow_symlinks=False)
                    file = f"{place.value}/{folder}/{entry.name}"
                    found.append((facts.st_mtime_ns, facts.st_ino, place, file))
        except (FileNotFoundError, NotADirectoryError):
            continue
    found.sort(key=lambda each: each[:2])
    return [Candidate(place, file, received_at / 1e9) for received_at, _, place, file in found]


def _places(layout: Layout, more: Iterable[tuple[float, bytes]]) -> Iterator[ledger.Places]:
    known: set[bytes] = set()
    for places in ledger.read(layout.places):
        known.update(places.files)
        yield places
    for received_at, file in more:
        if file not in known:
            yield ledger.Places(received_at, (file,))


def _outside(places: ledger.Places) -> list[Candidate]:
    return [Candidate(Place.OUTSIDE, os.fsdecode(file), places.received_at) for file in places.files]
