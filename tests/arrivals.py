"""Small real data sets, and their way into an archive: shared by the tests of everything that records."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace

from pydicom import dcmwrite
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from archive.dicom.header import parse_data_set
from archive.dicom.part10 import write_file_meta
from archive.ingest import Arrival
from archive.storage.placement import Sealed

CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
_DEFAULTS = {
    "PatientID": "P1",
    "PatientName": "Doe^Jane",
    "PatientBirthDate": "19700101",
    "PatientSex": "F",
    "StudyDate": "20260102",
    "StudyTime": "101500",
    "StudyDescription": "Chest routine",
    "AccessionNumber": "A-1",
    "Modality": "CT",
    "SeriesNumber": "1",
    "InstanceNumber": "1",
}


@dataclass(frozen=True)
class Sent:
    """What a sender sends: a data set's bytes, and how to find it again."""

    data_set: bytes
    study: str
    series: str
    sop: str
    attributes: dict = field(default_factory=dict)


def sent(study="1.2.3", series="1.2.3.4", sop="1.2.3.4.5", pixels=b"", **attributes) -> Sent:
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = CT_IMAGE_STORAGE, sop
    ds.StudyInstanceUID, ds.SeriesInstanceUID = study, series
    for keyword, value in (_DEFAULTS | attributes).items():
        setattr(ds, keyword, value)
    if pixels:
        ds.Rows, ds.Columns, ds.BitsAllocated, ds.SamplesPerPixel = 1, len(pixels) % 65536, 8, 1
        ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 7, 0
        ds.PhotometricInterpretation = "MONOCHROME2"
        ds.add_new(0x7FE00010, "OB", pixels)
    file = io.BytesIO()
    dcmwrite(file, ds, implicit_vr=False, little_endian=True)
    return Sent(file.getvalue(), study, series, sop, attributes)


def header_of(instance: Sent):
    return parse_data_set(instance.data_set, ExplicitVRLittleEndian)


def spooled(archive, instance: Sent, *, received_at=None, source=None) -> Arrival:
    meta = write_file_meta(CT_IMAGE_STORAGE, instance.sop, ExplicitVRLittleEndian, "SENDER")
    part = archive.spool.create(meta)
    part.write(instance.data_set)
    return Arrival(part, header_of(instance), source, received_at)


def journalled(archive, instance: Sent) -> Arrival:
    """Return an arrival whose bytes another process put into the journal."""
    arrival = spooled(archive, instance)
    digest, size_bytes = arrival.content.digest, arrival.content.file_size
    return replace(arrival, content=Sealed(arrival.content.seal(), digest, size_bytes))


def data_set_bytes(path) -> bytes:
    from archive.dicom.part10 import locate_data_set

    offset, _ = locate_data_set(path)
    return path.read_bytes()[offset:]
