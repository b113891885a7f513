"""Any bytes at all through the compiled loops over elements and through Python's: they come to the same."""

from __future__ import annotations

from contextlib import contextmanager

from fuzzing.data_set import seeds as data_sets

from archive.dicom import plain, scanner
from archive.dicom.compiled_plain import loops
from archive.dicom.elements import NO_VR, Encoding
from archive.dicom.header import _WANTED
from archive.dicom.scanner import Scan, _as_read
from archive.dicom.source import Source
from archive.dicom.structure import Walk, read_element
from archive.errors import CannotUnderstand

NUMBERS = 4
"""Bytes before the elements: implicit or not, and where buffer, limit and stop are cut."""
_LOOPS = ("plain_explicit", "plain_implicit", "whole_sequence")


def seeds():
    """Give the data sets of the target of that name, whole and cut."""
    for seed in data_sets():
        implicit = seed[:1] == b"\0"
        for cuts in (b"\0\0\0", b"\1\7\x40"):
            yield bytes([implicit]) + cuts + seed[1:]


def check(data):
    """Read in both ways, from the beginning, from within, and to limits that lie within."""
    numbers, raw = data[:NUMBERS].ljust(NUMBERS, b"\0"), bytes(data[NUMBERS:])
    implicit = bool(numbers[0] & 1)
    start = min(numbers[1], len(raw))
    limit = max(len(raw) - numbers[2], start)
    buffer = memoryview(bytearray(raw))
    _check_run(buffer, start, limit, limit + numbers[3], implicit)
    _check_run(buffer, start, limit, limit, implicit)
    _check_scan(raw, implicit)
    _check_sequences(buffer, limit, implicit)


def _check_run(buffer, start, limit, stop, implicit):
    wanted, found = _as_read(_WANTED, little=True), []
    for module in (plain, loops):
        values = {}
        run = module.plain_implicit if implicit else module.plain_explicit
        found.append((run(buffer, start, limit, stop, wanted, values), values))
    assert found[0] == found[1], found


def _check_scan(raw, implicit):
    compiled = _scanned(raw, implicit)
    with _loops_of(plain):
        assert compiled == _scanned(raw, implicit)


def _scanned(raw, implicit):
    scan = Scan(Source.of(raw), Encoding(implicit), _WANTED)
    try:
        return scan.run(0), scan._elements
    except CannotUnderstand as error:
        return type(error), str(error)


@contextmanager
def _loops_of(module):
    before = {name: getattr(scanner, name) for name in _LOOPS}
    try:
        for name in _LOOPS:
            setattr(scanner, name, getattr(module, name))
        yield
    finally:
        for name, function in before.items():
            setattr(scanner, name, function)


def _check_sequences(buffer, limit, implicit):
    """Walk what the compiled pass says it has passed over, wherever a sequence might begin."""
    encoding = Encoding(implicit)
    for position in range(0, min(limit, 600), 2):
        end, elements = loops.whole_sequence(buffer, position, limit, {}, implicit)
        if not elements:
            assert end == position
            continue
        element = read_element(buffer, position, limit, encoding, 0)
        assert element.vr in {b"SQ", NO_VR}
        walk = Walk(buffer)
        assert (walk.value(element, limit, encoding), walk.elements + 1) == (end, elements)
