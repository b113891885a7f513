"""Any bytes at all as a file: found out what they are, and every attribute shown, or one sentence why not."""

from __future__ import annotations

import re
from contextlib import suppress

import data_sets as ds
from fuzzing import data_set

from archive.dicom.attributes import walk_attributes
from archive.dicom.location import locate
from archive.dicom.part10 import parse_file_meta
from archive.dicom.source import Source
from archive.dicom.text import visible
from archive.errors import BadInput, CannotUnderstand

SHORT_HEAD = 300
"""Bytes that are enough for the least that a file begins with."""
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")


def seeds():
    """Give whole files and bare data sets."""
    for seed in data_set.seeds():
        yield ds.part10(seed[1:], data_set.SYNTAXES[seed[0]])
        yield seed[1:]
    yield ds.part10(ds.smallest())[128:]
    yield bytes(128) + b"DICM"


def check(data):
    """Read the file in every way; fail when anything but a sentence comes."""
    raw = bytes(data)
    if not raw:
        return
    expected = (BadInput, CannotUnderstand)
    metas = []
    for source in (Source.of(raw), data_set.Parts(raw, SHORT_HEAD)):
        try:
            metas.append(parse_file_meta(source))
        except expected as error:
            metas.append(str(error))
    assert metas[0] == metas[1], metas
    with suppress(*expected):
        located = locate(Source.of(raw))
        assert 0 <= located.offset <= max(located.source.size, len(raw))
    shown = []
    with suppress(*expected):
        walk_attributes(Source.of(raw), shown.append)
    for attribute in shown:
        assert not _CONTROLS.search(visible(attribute.value))
        attribute.value.encode()
