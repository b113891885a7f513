"""Finding out whether the trail is as it was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from archive.audit.chain import BEGINNING, read_record, unchecked
from archive.audit.files import Head, read_head_file, segments
from archive.audit.key import read_key
from archive.audit.trail import HEAD_LOST
from archive.errors import CannotRead, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archive.audit.trail import Trail


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying found.

    Attributes
    ----------
    records
        How many fit, from the first on.
    last
        The last of them: its MAC in hexadecimal digits.
    finding
        What is wrong with the first record that does not fit, in a sentence; empty when all do.
    """

    records: int
    last: str
    finding: str = ""
    bad_sequence: int | None = None
    bad_file: str = ""
    bad_line: int | None = None


def verify(trail: Trail, known: tuple[int, str] | None = None) -> Verdict:
    """Follow the chain from its beginning to the sealed head.

    A record or a torn line behind the head is what a crash leaves, not a finding.

    Parameters
    ----------
    known
        A record's number and MAC that were noted elsewhere; the chain must lead through it.

    Raises
    ------
    NotFound, CannotRead, BadInput
        There are records, but the key is missing, may not be read, or is none.
    """
    try:
        return _verify(trail, known)
    except OSError as error:
        raise CannotRead(f"The audit cannot be read: {error.strerror}.") from error


def _verify(trail: Trail, known: tuple[int, str] | None) -> Verdict:
    try:
        key = read_key(trail.key_path)
    except NotFound:
        if segments(trail.folder) or (trail.folder / "head").exists() or known:
            raise
        return Verdict(0, BEGINNING.hex())
    head = read_head_file(trail.folder, key)  # before the records: it may only be behind them
    return _Walk(trail.folder, key, head, known).run()


class _Unfit(Exception):
    """A record that does not fit."""

    def __init__(self, sequence: int, sentence: str) -> None:
        super().__init__(sentence)
        self.sequence = sequence


class _Torn(Exception):
    """What a crash leaves behind the head."""


class _Walk:
    def __init__(self, folder: Path, key: bytes, head: Head | None, known: tuple[int, str] | None) -> None:
        self._folder = folder
        self._key = key
        self._head = head
        self._known = known
        self._sequence = 0
        self._mac = BEGINNING

    def run(self) -> Verdict:
        for path, number, line in self._lines():
            try:
                self._step(line)
            except _Torn:
                break
            except _Unfit as unfit:
                return self._verdict(unfit, path.name, number)
        return self._verdict(self._missing_at_the_end())

    def _lines(self) -> Iterator[tuple[Path, int, bytes]]:
        for _, path in segments(self._folder):
            with path.open("rb") as file:
                for number, line in enumerate(file, 1):
                    yield path, number, line

    def _verdict(self, unfit: _Unfit | None, file: str = "", line: int | None = None) -> Verdict:
        sequence, mac = self._sequence, self._mac.hex()
        return (
            Verdict(sequence, mac, str(unfit), unfit.sequence, file, line)
            if unfit
            else Verdict(sequence, mac)
        )

    def _step(self, line: bytes) -> None:
        expected = self._sequence + 1
        values, mac = read_record(self._key, self._mac, line.removesuffix(b"\n"))
        if values is None or not line.endswith(b"\n") or values["sequence"] != expected:
            self._refuse(line, expected)
        elif values["event"] == HEAD_LOST:
            what = "the head was missing: records may have been removed there."
            raise _Unfit(expected, f"Before record {expected} {what}")
        if self._head and self._head.sequence == expected and self._head.mac != mac:
            raise _Unfit(expected, f"Record {expected} is not the one that the head was sealed with.")
        if self._known and self._known[0] == expected and self._known[1] != mac.hex():
            raise _Unfit(expected, f"Record {expected} is not the one that was noted.")
        self._sequence, self._mac = expected, mac

    def _refuse(self, line: bytes, expected: int) -> NoReturn:
        values = unchecked(line.removesuffix(b"\n")) if line.endswith(b"\n") else None
        if values is not None:
            raise _Unfit(expected, _what_happened(values, expected))
        if self._head and expected <= self._head.sequence:
            raise _Unfit(expected, f"Record {expected} is damaged.")
        raise _Torn

    def _missing_at_the_end(self) -> _Unfit | None:
        missing, head, known = self._sequence + 1, self._head, self._known
        if head is None and self._sequence:
            return _Unfit(
                missing, "The head is missing or damaged: records may have been cut off at the end."
            )
        if head and head.sequence > self._sequence:
            return _Unfit(missing, f"{_records(missing, head.sequence)} missing: the audit was cut off.")
        if known and known[0] > self._sequence:
            return _Unfit(missing, f"{_records(missing, known[0])} missing: they were there once.")
        return None


def _what_happened(values: dict[str, Any], expected: int) -> str:
    found = int(values["sequence"])
    if found == expected:
        return f"Record {expected} was changed, or the one before it was replaced."
    if found > expected:
        return f"{_records(expected, found - 1)} missing before record {found}, or the order was changed."
    return f"Record {expected} is missing: record {found} stands in its place."


def _records(first: int, last: int) -> str:
    return f"Record {first} is" if first == last else f"Records {first} to {last} are"
