"""One instance in, the bytes of its de-identified copy out."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

from archive.deidentification.cleaning import Cleaning
from archive.deidentification.identity import identity_of
from archive.deidentification.keyed import KeyedReplacements
from archive.deidentification.profile import TABLE, Profile
from archive.deidentification.refusing import NotDeidentifiable, require_deidentifiable
from archive.dicom.header import parse_instance
from archive.dicom.part10 import parse_file_meta, write_file_meta
from archive.dicom.source import opened
from archive.dicom.uids import EXPLICIT_VR_BIG_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom.dataset import Dataset

_NEWER = {"implicit_vr": False, "little_endian": True, "force_encoding": True}
_DEFERRED_BYTES = 1 << 16
"""Longer values are not read when a file is only judged."""
LARGEST_BYTES = 2 << 30
"""Of a file: a copy is made in memory."""


def deidentify(file: Path, key: bytes, profile: Profile | None = None) -> bytes:
    """Return the de-identified copy of an instance as a Part 10 file; the file itself is only read.

    Every element is judged at every depth by PS3.15 Table E.1-1. What the table does not name stays only when
    its form leaves no room for text, or it is a label that holds no word of the patient's name or numbers.
    The pixels stay as they are, in their transfer syntax.

    Parameters
    ----------
    file
        As the archive keeps it.
    key
        From `site_key`: the same UIDs, pseudonym and shift of dates for the same patient every time.

    Raises
    ------
    NotDeidentifiable
        A report, a document, raw data, pixels that may show text, or more than fits into memory.
    NotFound, BadInput, CannotUnderstand, DataSetMismatch
        As `header.read_header`: only what parses to its last byte is de-identified.
    """
    profile = profile or Profile()
    _require_understood(file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of values that pydicom finds odd; they are judged here
        ds = _read(file)
        require_deidentifiable(ds, profile)
        return _cleaned(ds, key, profile)


def check(file: Path, profile: Profile | None = None) -> None:
    """Refuse a file that `deidentify` refuses, without reading its pixels; raises as it does."""
    _require_understood(file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as above
        require_deidentifiable(_read(file, defer_size=_DEFERRED_BYTES), profile or Profile())


def _require_understood(file: Path) -> None:
    """Check structure, nesting and count of elements before pydicom, which recurses, reads them."""
    with opened(file) as source:
        if source.size > LARGEST_BYTES:
            raise NotDeidentifiable("Instances of more than 2 GiB are not de-identified.")
        meta = parse_file_meta(source)
        parse_instance(source, meta, meta.data_set_offset)


def _read(file: Path, defer_size: int | None = None) -> Dataset:
    import pydicom  # noqa: PLC0415 - only when something is de-identified

    try:
        return pydicom.dcmread(file, force=True, defer_size=defer_size)
    except Exception as error:
        raise NotDeidentifiable(f"It cannot be read by pydicom ({type(error).__name__}).") from error


def _cleaned(ds: Dataset, key: bytes, profile: Profile) -> bytes:
    keyed, identity = KeyedReplacements(key), identity_of(ds)
    Cleaning(profile, keyed, identity).clean(ds)
    pseudonym = profile.patient_id or keyed.patient_id(identity.patient)
    ds.PatientID = ds.PatientName = pseudonym
    _say_so(ds, profile)
    return _written(ds)


def _say_so(ds: Dataset, profile: Profile) -> None:
    """Record what was done (PS3.15 E.1.1, PS3.3 C.7.1.1)."""
    from pydicom.dataset import Dataset  # noqa: PLC0415 - loaded by `_read`

    items = []
    for value, meaning in profile.codes:
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning[:64]
        items.append(item)
    ds.PatientIdentityRemoved = "YES"
    ds.DeidentificationMethod = ["Noctis TUI", f"PS3.15 Table E.1-1, {TABLE.removeprefix('dicomfields_')}"]
    ds.DeidentificationMethodCodeSequence = items
    ds.LongitudinalTemporalInformationModified = "MODIFIED" if profile.dates == "shifted" else "REMOVED"


def _syntax_of(ds: Dataset) -> str:
    """Return the transfer syntax of a data set that came without file meta information."""
    implicit, little = ds.original_encoding
    if implicit:
        return IMPLICIT_VR_LITTLE_ENDIAN
    return EXPLICIT_VR_BIG_ENDIAN if little is False else EXPLICIT_VR_LITTLE_ENDIAN


def _written(ds: Dataset) -> bytes:
    """Write the copy with a preamble of zeros and file meta information that names nobody."""
    import pydicom  # noqa: PLC0415 - loaded by `_read`

    syntax = str(ds.file_meta.get("TransferSyntaxUID", "")) or _syntax_of(ds)
    meta = write_file_meta(str(ds.SOPClassUID), str(ds.SOPInstanceUID), syntax)
    ds.file_meta = pydicom.dcmread(io.BytesIO(meta), force=True).file_meta
    ds.preamble = bytes(128)
    out = io.BytesIO()
    try:
        # What is newer than pydicom is explicit little endian around its pixels (`uids.is_transfer_syntax`).
        encoding = {} if pydicom.uid.UID(syntax).is_transfer_syntax else _NEWER
        pydicom.dcmwrite(out, ds, **encoding)
    except Exception as error:
        raise NotDeidentifiable(f"Its copy cannot be written ({type(error).__name__}).") from error
    return out.getvalue()
