"""Data sets as bytes for the fuzzer's seeds, and inputs as files for what reads files."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from io import BytesIO
from pathlib import Path

from derived_objects import items
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

CT_CLASS = "1.2.840.10008.5.1.4.1.1.2"
STUDY, SERIES, INSTANCE, PLACE = "1.2.3.1", "1.2.3.2", "1.2.3.3", "1.2.3.4"
"""UIDs that the seeds name: of a study, a series, an image in it, and its Frame of Reference."""


def instance(sop_class, **attributes):
    """Make a data set of a SOP class that belongs to the study of the seeds."""
    named = {
        "SOPClassUID": sop_class,
        "SOPInstanceUID": "1.2.3.9",
        "StudyInstanceUID": STUDY,
        "SeriesInstanceUID": "1.2.3.8",
        "FrameOfReferenceUID": PLACE,
        "PatientName": "A^B",
    }
    return items(**(named | attributes))


def image(sop_class=CT_CLASS, *, rows=4, columns=4, frames=1, bits=16, **attributes):
    """Make an image whose pixels count upwards; `attributes` win."""
    count = rows * columns * frames
    described = {
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "NumberOfFrames": frames,
        "Rows": rows,
        "Columns": columns,
        "BitsAllocated": bits,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelRepresentation": 0,
        "ImagePositionPatient": [0, 0, 0],
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "PixelSpacing": [1, 1],
    }
    ds = instance(sop_class, **(described | attributes))
    data = bytes(number % 251 for number in range(-(-count * bits // 8)))
    ds.add_new("PixelData", "OB" if bits <= 8 else "OW", data + b"\0" * (len(data) % 2))
    return ds


def encoded(ds, *, implicit=False):
    """Return a data set as a file whose preamble and file meta information are as short as they can be."""
    ds.preamble, ds.file_meta = bytes(128), FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    buffer = BytesIO()
    ds.save_as(buffer, implicit_vr=implicit, little_endian=True)
    return buffer.getvalue()


@cache
def folder():
    """Return where inputs are written."""
    memory = Path("/dev/shm")
    made = Path(tempfile.mkdtemp(prefix="noctis-fuzz-", dir=memory if memory.is_dir() else None))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def file_of(data, name="input"):
    """Return a file with these bytes, in the place of the one before."""
    path = folder() / name
    path.write_bytes(data)
    return path
