"""What each file is to the index that is being made: an instance, other bytes under its UIDs, or nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from archive.dicom.part10 import read_sender
from archive.errors import BadInput, NoctisError
from archive.index.recording import Known, known
from archive.index.records import Kind, Record, Source
from archive.reindexing.files import Examined, Place
from archive.storage.files import DIGEST_BYTES
from archive.storage.layout import instance_path, variant_path
from archive.storage.reading import data_set_digest

if TYPE_CHECKING:
    from archive.dicom.header import Header
    from archive.index.database import Index
    from archive.index.salvage import Salvage
    from archive.storage.layout import Layout

_Key = tuple[str, str, str]


class Decisions:
    """Turns files into records, in the order in which the archive got them.

    What lies where the layout keeps an instance is that instance, whatever else has its UIDs. Other bytes
    become an instance themselves when no first ones are left.

    Attributes
    ----------
    records
        What is to be recorded next; `taken` empties it.
    """

    def __init__(self, layout: Layout, index: Index, salvage: Salvage) -> None:
        self.records: list[Record] = []
        self._layout = layout
        self._index = index
        self._salvage = salvage
        self._pending: dict[_Key, Known] = {}
        self._deferred: list[Examined] = []
        self._digests: tuple[tuple[str, str], dict[str, bytes | None]] = (("", ""), {})
        self._senders: dict[tuple[str, str], Source | None] = {}

    def taken(self) -> list[Record]:
        """Return the records so far, for the index; forget them."""
        taken, self.records = self.records, []
        self._pending.clear()
        return taken

    def take(self, examined: Examined) -> None:
        """Take up a file.

        Raises
        ------
        BadInput
            It does not lie where the archive would have put it.
        NoctisError
            It cannot be read.
        """
        place = examined.candidate.place
        if place is Place.INSTANCES:
            self._take_instance(examined)
        elif place is Place.VARIANTS:
            self._take_variant(examined)
        else:
            self._take_outside(examined)

    def take_deferred(self) -> None:
        """Make instances of those other bytes whose first ones are gone."""
        deferred, self._deferred = self._deferred, []
        for examined in deferred:
            if self._known(examined.header) is None:
                self._keep(examined, Kind.NEW, _digest_in_name(examined))
            else:
                self._take_variant(examined)

    def _take_instance(self, examined: Examined) -> None:
        header = examined.header
        if examined.candidate.file != instance_path(*_key(header)):
            raise BadInput("It does not lie where the archive keeps it.")
        kind = Kind.NEW if self._known(header) is None else Kind.REPLACEMENT
        self._keep(examined, kind, self._recorded(header) or examined.digest)

    def _take_variant(self, examined: Examined) -> None:
        digest = _digest_in_name(examined)
        if examined.candidate.file != variant_path(*_key(examined.header), digest):
            raise BadInput("It does not lie where the archive keeps it.")
        before = self._known(examined.header)
        if before is None:
            self._deferred.append(examined)
        elif digest not in before.variants:
            self._keep(examined, Kind.VARIANT, digest)

    def _take_outside(self, examined: Examined) -> None:
        before = self._known(examined.header)
        if before is None:
            self._keep(examined, Kind.NEW, self._recorded(examined.header))
            return
        if os.fsencode(examined.candidate.file) in {before.file, *before.variants.values()}:
            return
        digest = data_set_digest(examined.candidate.file, follow=True)
        if digest != self._digest_of(examined.header, before) and digest not in before.variants:
            self._keep(examined, Kind.VARIANT, digest)

    def _keep(self, examined: Examined, kind: Kind, digest: bytes | None) -> None:
        header, candidate = examined.header, examined.candidate
        is_placed = candidate.place is Place.INSTANCES
        file = None if is_placed else os.fsencode(candidate.file)
        received_at, source = self._circumstances(examined, kind, digest)
        kept = Record(header, digest, examined.size_bytes, file, received_at, source, kind)
        before = self._known(header)
        if kind is Kind.VARIANT and before is not None and digest is not None:
            self._pending[_key(header)] = Known(before.digest, before.file, {**before.variants, digest: file})
        else:
            self._pending[_key(header)] = Known(digest, file)
        self.records.append(kept)

    def _circumstances(
        self, examined: Examined, kind: Kind, digest: bytes | None
    ) -> tuple[float, Source | None]:
        header = examined.header
        series = self._salvage.series.get((header.study_instance_uid, header.series_instance_uid))
        if kind is Kind.VARIANT and series is not None and digest is not None:
            old = self._salvage.variants.get((series.id, header.sop_instance_uid, digest))
            if old is not None:
                return old[0], Source(*old[1]) if old[1] else None
        if kind is Kind.VARIANT:
            return examined.candidate.received_at, self._sender(examined)
        key = (header.study_instance_uid, header.series_instance_uid)
        if key not in self._senders:
            old_source = Source(*series.source) if series and series.source else None
            self._senders[key] = old_source if series else self._sender(examined)
        return examined.candidate.received_at, self._senders[key]

    def _sender(self, examined: Examined) -> Source | None:
        if examined.candidate.place is Place.OUTSIDE:
            return None
        sender = read_sender(self._layout.root / examined.candidate.file)
        return Source(*sender) if sender else None

    def _recorded(self, header: Header) -> bytes | None:
        """Return the digest that a sound old index had: bytes that changed since must not pass for it."""
        if not self._salvage.trusted:
            return None
        key = (header.study_instance_uid, header.series_instance_uid)
        if self._digests[0] != key:
            self._digests = (key, self._salvage.instances(*key))
        return self._digests[1].get(header.sop_instance_uid)

    def _known(self, header: Header) -> Known | None:
        return self._pending.get(_key(header)) or known(self._index, header)

    def _digest_of(self, header: Header, before: Known) -> bytes | None:
        if before.digest is not None:
            return before.digest
        file = instance_path(*_key(header)) if before.file is None else os.fsdecode(before.file)
        try:
            return data_set_digest(self._layout.root / file, follow=True)
        except NoctisError:
            return None  # gone: no bytes equal it


def _key(header: Header) -> _Key:
    return header.study_instance_uid, header.series_instance_uid, header.sop_instance_uid


def _digest_in_name(examined: Examined) -> bytes:
    """Return the digest that a variant had when it was placed: its name carries it."""
    name = examined.candidate.file.rpartition("-")[2].removesuffix(".dcm")
    try:
        digest = bytes.fromhex(name)
    except ValueError:
        digest = b""
    if len(digest) != DIGEST_BYTES:
        raise BadInput("It does not lie where the archive keeps it.")
    return digest
