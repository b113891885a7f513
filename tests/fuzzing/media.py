"""Any bytes at all as a ZIP file or a DICOMDIR: nothing is left of them, nothing outside is found."""

from __future__ import annotations

import io
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import data_sets as ds

from archive.dicom.part10 import write_file_meta
from archive.importing import zip_members
from archive.importing.dicomdir import MEDIA_STORAGE_DIRECTORY, files_referenced, is_dicomdir
from archive.importing.findings import Found, Refused
from archive.importing.zip_members import findings_in, is_zip
from archive.local_archive import LocalArchive

MAXIMUM_MEMBER_BYTES = 1 << 20
_PREFIX = b"zip:", b"dir:"
_NAMES = ("a", "b/c", "../d", "/e", "f\\..\\g")


def seeds():
    """Give ZIP files and DICOMDIRs behind the word for what they are."""
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        yield _PREFIX[0] + _zip(method)
    meta = write_file_meta(MEDIA_STORAGE_DIRECTORY, "1.2.9", ds.EXPLICIT)
    for file_id in (b"IMAGES\\IM1", b"..\\..\\OUTSIDE", b"/etc/passwd", b"LINK\\IM1"):
        record = ds.item(ds.element(0x00041500, b"CS", file_id))
        yield _PREFIX[1] + meta + ds.element(0x00041220, b"SQ", record)


def _zip(method):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as opened:
        for number, name in enumerate(_NAMES):
            opened.writestr(name, ds.part10(ds.smallest(sop=f"1.2.3.{number}")))
        opened.writestr("bare", ds.smallest())
        opened.writestr("cut", ds.part10(ds.smallest())[:-3])
    return file.getvalue()


@cache
def _medium():
    """Return an archive, and a folder with an image, and a link to one outside of it."""
    work = Path(tempfile.mkdtemp(prefix="noctis-media-"))
    (work / "medium" / "IMAGES").mkdir(parents=True)
    (work / "medium" / "IMAGES" / "IM1").write_bytes(ds.part10(ds.smallest()))
    (work / "outside").mkdir()
    (work / "outside" / "IM1").write_bytes(ds.part10(ds.smallest()))
    (work / "medium" / "LINK").symlink_to(work / "outside")
    zip_members.FREE_INFLATED_BYTES = 4 << 20
    return LocalArchive.open(work / "archive"), work / "medium"


def check(data):
    """Find what the file holds; fail when anything but findings comes, or something stays behind."""
    archive, medium = _medium()
    file = medium / "input"
    file.write_bytes(data[4:])
    if data[:4] != _PREFIX[1]:
        _check_zip(file, archive)
    is_dicomdir(file)
    for found in files_referenced(file):
        assert isinstance(found, Refused) or found.resolve().is_relative_to(medium.resolve())


def _check_zip(file, archive):
    is_zip(file)
    for finding in findings_in(file, archive.spool, MAXIMUM_MEMBER_BYTES):
        if isinstance(finding, Found):
            finding.arrival.content.discard()
        elif finding.content:
            assert sum(map(len, finding.content())) <= MAXIMUM_MEMBER_BYTES + (2 << 20)
        del finding
    assert not list(archive.layout.incoming.iterdir())
