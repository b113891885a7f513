"""Any bytes at all as a data set: every way to walk its elements comes to the same verdict."""

from __future__ import annotations

import zlib
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import data_sets as ds
import pydicom
from pydicom.encaps import encapsulate
from pydicom.filebase import DicomFileLike
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset

from archive.dicom.data_set import DataSet
from archive.dicom.header import Header, parse_data_set, parse_instance
from archive.dicom.location import unwrap
from archive.dicom.part10 import FileMeta
from archive.dicom.source import Source
from archive.dicom.structure import Walk
from archive.errors import CannotUnderstand, DataSetMismatch

SYNTAXES = (ds.IMPLICIT, ds.EXPLICIT, ds.BIG_ENDIAN, ds.DEFLATED, "1.2.840.10008.1.2.4.90")
SHORT_HEAD = 48
"""Bytes of the head of a source whose rest must be fetched: so few that every seed has more."""
LONGEST_SEED = 2_000
LONGEST_VALUE = 64
_FILES = Path(pydicom.__file__).parent / "data" / "test_files"


def seeds():
    """Give data sets behind the number of their transfer syntax: pydicom's files and odd ones of our own."""
    for path in sorted(_FILES.rglob("*.dcm")):
        yield _cut(path)
        with suppress(Exception):  # some are broken on purpose
            yield _shortened(path)
    for nested in (ds.nested(3), ds.nested(3, undefined=True), ds.nested(2, vr=b"UN")):
        yield b"\1" + ds.smallest() + nested
        yield b"\3" + zlib.compress(ds.smallest() + nested, wbits=-15)
    yield b"\0" + ds.nested_implicit(3) + ds.smallest_implicit()
    yield b"\2" + ds.smallest(order=">")
    fragments = ds.item() + ds.item(b"abcd") + ds.SEQUENCE_END
    yield b"\4" + ds.smallest() + ds.element(0x7FE00010, b"OB", fragments, length=ds.UNDEFINED)
    yield b"\1" + ds.smallest() + bytes(300)


def _syntax_of(file):
    syntax = str(file.file_meta.get("TransferSyntaxUID", ds.IMPLICIT))
    return SYNTAXES.index(syntax) if syntax in SYNTAXES else 4


def _cut(path):
    """Return the beginning of a file's data set, cut wherever that may be."""
    file = pydicom.dcmread(path, force=True, stop_before_pixels=True, specific_tags=[])
    start = 132 + 12 + file.file_meta.get("FileMetaInformationGroupLength", 0)
    return bytes([_syntax_of(file)]) + path.read_bytes()[start : start + LONGEST_SEED]


def _shortened(path):
    """Return a file's data set, whole but for long values."""
    file = pydicom.dcmread(path, force=True)
    number = _syntax_of(file)
    for element in file:
        if element.tag == 0x7FE00010:
            element.value = encapsulate([b"abcd"]) if element.is_undefined_length else bytes(8)
        elif element.VR != "SQ" and len(str(element.value)) > LONGEST_VALUE:
            element.value = None
    buffer = BytesIO()
    implicit, big = SYNTAXES[number] == ds.IMPLICIT, SYNTAXES[number] == ds.BIG_ENDIAN
    write_dataset(_file_of(buffer, implicit=implicit, little=not big), file)
    written = buffer.getvalue()[:LONGEST_SEED]
    return bytes([number]) + (zlib.compress(written, wbits=-15) if number == 3 else written)


def _file_of(buffer, *, implicit, little):
    file = DicomFileLike(buffer)
    file.is_implicit_VR, file.is_little_endian = implicit, little
    return file


def check(data):
    """Read the data set in all ways; fail when they differ or raise what they should not."""
    syntax, raw = SYNTAXES[(data[0] if data else 0) % len(SYNTAXES)], bytes(data[1:])
    verdict = outcome(lambda: parse_data_set(raw, syntax))
    in_parts = outcome(lambda: parse_instance(Parts(raw), FileMeta(0, syntax), 0))
    assert verdict == in_parts, (verdict, in_parts)
    try:
        located = unwrap(Source.of(raw), 0, syntax)
    except CannotUnderstand:
        return
    if located.source.size:
        _check_walks(located, understood=not isinstance(verdict, str))
        _check_lenient(located)


def outcome(parse):
    """Return the header, the error about its UIDs, or the sentence about what does not parse."""
    try:
        return parse()
    except DataSetMismatch as error:
        return (str(error),)
    except CannotUnderstand as error:
        return str(error)


class Parts(Source):
    """A source whose head is short, as that of a large file is."""

    def __init__(self, raw, head=SHORT_HEAD):
        super().__init__(raw[:head], len(raw))
        self._raw = raw

    def read(self, offset, length):
        return self._raw[offset : max(offset, offset + length)]

    @property
    def whole(self):
        return self._raw


def _check_walks(located, *, understood):
    buffer, seen = located.source.whole, []
    silent, seeing = Walk(buffer), Walk(buffer, seen.append)
    walks = [_walked(walk, located) for walk in (silent, seeing)]
    assert bool(walks[0]) == bool(walks[1]), walks
    if not walks[0]:
        assert silent.elements == seeing.elements == len(seen)
    padded = not any(buffer[-1:])
    assert understood == (not walks[0]) or padded, (understood, walks)
    for element in seen:
        assert element.start <= (element.stop or element.start) <= len(buffer)


def _walked(walk, located):
    try:
        walk.data_set(located.offset, located.source.size, located.encoding)
    except CannotUnderstand as error:
        return str(error)
    return ""


def _check_lenient(located):
    try:
        _read_all(DataSet(located.source, located.offset, located.source.size, located.encoding), 0)
    except CannotUnderstand:
        return


def _read_all(data_set, depth):
    for tag in tuple(data_set._elements)[:50]:
        assert len(data_set.raw(tag)) <= len(data_set._source.whole)
        data_set.texts(tag)
        data_set.numbers(tag)
        data_set.integer(tag, 0)
        for item in data_set.items(tag, 3) if depth < 4 else ():
            _read_all(item, depth + 1)


def pydicom_reads(data):
    """Tell whether pydicom gets to the end of a data set that we accept; None when we do not."""
    syntax, raw = SYNTAXES[(data[0] if data else 0) % len(SYNTAXES)], bytes(data[1:])
    if not isinstance(outcome(lambda: parse_data_set(raw, syntax)), Header):
        return None
    located = unwrap(Source.of(raw), 0, syntax)
    file = BytesIO(located.source.whole)
    read_dataset(file, located.encoding.implicit, located.encoding.little)
    return file.tell() == located.source.size
