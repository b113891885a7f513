"""What senders send: data sets as bytes, and the programs that send files."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from pydicom import dcmwrite
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

CT = "1.2.840.10008.5.1.4.1.1.2"


@dataclass(frozen=True)
class Sent:
    """One instance as its sender knows it; the data set is Implicit VR Little Endian."""

    study_uid: str
    series_uid: str
    sop_uid: str
    data_set: bytes


def instance(study_uid="", series_uid="", sop_uid="", pixel_bytes=2_048, **attributes):
    """Return a small CT; attributes are keywords, None leaves one out."""
    ds = Dataset()
    ds.SOPClassUID = CT
    ds.SOPInstanceUID = sop_uid or generate_uid()
    ds.StudyInstanceUID, ds.SeriesInstanceUID = study_uid or generate_uid(), series_uid or generate_uid()
    ds.PatientID, ds.PatientName, ds.Modality = "P-1", "Receiver^Test", "CT"
    ds.Rows, ds.Columns = min(pixel_bytes // 64, 65_535), 32
    ds.BitsAllocated, ds.SamplesPerPixel, ds.PixelRepresentation = 16, 1, 0
    ds.add_new(0x7FE00010, "OW", random.Random(pixel_bytes).randbytes(pixel_bytes))  # order matters
    sent = (ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID)
    for keyword, value in attributes.items():
        if value is None:
            delattr(ds, keyword)
        else:
            setattr(ds, keyword, value)
    buffer = BytesIO()
    dcmwrite(buffer, ds, implicit_vr=True, little_endian=True)
    return Sent(*map(str, sent), buffer.getvalue())


def program(name):
    """Return Debian's program of that name: pynetdicom installs scripts called echoscu and storescu too."""
    scripts = str(Path(sys.executable).parent)
    folders = [folder for folder in ("/usr/local/bin", "/usr/bin", "/usr/sbin") if folder != scripts]
    found = shutil.which(name, path=":".join(folders))
    if found is None:
        pytest.skip(f"needs {name} (see .ci/run for the Debian packages)")
    return found


def run_program(name, *arguments):
    """Run one of Debian's programs to its end; return (exit code, what it said)."""
    done = subprocess.run(
        [program(name), *map(str, arguments)],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def data_set_bytes(path):
    """Return the bytes after the file meta information, read independently of the archive."""
    raw = Path(path).read_bytes()
    assert raw[128:132] == b"DICM"
    position = 132
    while raw[position : position + 2] == b"\x02\x00":
        long_form = raw[position + 4 : position + 6] in (b"OB", b"UN", b"OW", b"UT", b"SQ")
        if long_form:
            position += 12 + int.from_bytes(raw[position + 8 : position + 12], "little")
        else:
            position += 8 + int.from_bytes(raw[position + 6 : position + 8], "little")
    return raw[position:]
