"""What the archive knows about an instance: its attributes without its pixels, read by a fast scanner."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.dicom import keywords as kw
from archive.dicom import uids
from archive.dicom.location import unwrap
from archive.dicom.part10 import parse_file_meta
from archive.dicom.scanner import Scan
from archive.dicom.source import Source, opened
from archive.dicom.text import decode_text
from archive.errors import BadInput, CannotUnderstand, DataSetMismatch

if TYPE_CHECKING:
    from pathlib import Path

    from archive.dicom.elements import Buffer, Encoding
    from archive.dicom.part10 import FileMeta

    Vector = tuple[float, float, float]
    Cosines = tuple[float, float, float, float, float, float]

_TEXTS = {
    "sop_class_uid": kw.SOP_CLASS_UID,
    "sop_instance_uid": kw.SOP_INSTANCE_UID,
    "study_date": kw.STUDY_DATE,
    "study_time": kw.STUDY_TIME,
    "accession_number": kw.ACCESSION_NUMBER,
    "modality": kw.MODALITY,
    "referring_physician_name": kw.REFERRING_PHYSICIAN_NAME,
    "station_name": kw.STATION_NAME,
    "study_description": kw.STUDY_DESCRIPTION,
    "series_description": kw.SERIES_DESCRIPTION,
    "patient_name": kw.PATIENT_NAME,
    "patient_id": kw.PATIENT_ID,
    "issuer_of_patient_id": kw.ISSUER_OF_PATIENT_ID,
    "patient_birth_date": kw.PATIENT_BIRTH_DATE,
    "patient_sex": kw.PATIENT_SEX,
    "body_part_examined": kw.BODY_PART_EXAMINED,
    "protocol_name": kw.PROTOCOL_NAME,
    "study_instance_uid": kw.STUDY_INSTANCE_UID,
    "series_instance_uid": kw.SERIES_INSTANCE_UID,
    "frame_of_reference_uid": kw.FRAME_OF_REFERENCE_UID,
}
_PIXELS = frozenset(
    {
        *(kw.PIXEL_DATA, kw.FLOAT_PIXEL_DATA, kw.DOUBLE_FLOAT_PIXEL_DATA),
        kw.PIXEL_DATA_PROVIDER_URL,
    }
)
"""Where an image's pixels are; one of them ends every complete image (PS3.3 C.7.6.3, C.7.6.24, C.7.6.25)."""
_WANTED = frozenset(_TEXTS.values()) | {
    *(kw.SPECIFIC_CHARACTER_SET, kw.SERIES_NUMBER, kw.INSTANCE_NUMBER),
    *(kw.IMAGE_POSITION_PATIENT, kw.IMAGE_ORIENTATION_PATIENT),
    *(kw.NUMBER_OF_FRAMES, kw.ROWS, kw.COLUMNS),
    *_PIXELS,
}
_BETWEEN = b"\x1f"
_INTEGER = re.compile(rb"[ \0]*([+-]?[0-9]{1,12})(?:\.0*)?[ \0]*(?:\\|\Z)")


@dataclass(frozen=True, slots=True)
class Header:
    """One instance's attributes, text decoded, empty or None or 0 where the data set has none.

    Attributes
    ----------
    image_position_patient
        Centre of the first pixel in mm, LPS (PS3.3 C.7.6.2.1.1); None in multi-frame images that keep it
        in functional groups.
    image_orientation_patient
        Direction cosines of a row, then of a column.
    number_of_frames
        At least 1 when there are rows.
    has_pixels
        Whether there are Pixel Data of any kind, or the URL of some.
    """

    transfer_syntax_uid: str
    sop_class_uid: str
    sop_instance_uid: str
    study_instance_uid: str
    series_instance_uid: str
    patient_id: str
    issuer_of_patient_id: str
    patient_name: str
    patient_birth_date: str
    patient_sex: str
    study_date: str
    study_time: str
    study_description: str
    accession_number: str
    referring_physician_name: str
    modality: str
    series_number: int | None
    series_description: str
    body_part_examined: str
    protocol_name: str
    station_name: str
    instance_number: int | None
    rows: int
    columns: int
    number_of_frames: int
    image_position_patient: Vector | None
    image_orientation_patient: Cosines | None
    frame_of_reference_uid: str
    has_pixels: bool = False

    @property
    def position_mm(self) -> float | None:
        """Distance along the normal of the image, `position . (row x column)`, in mm."""
        if self.image_position_patient is None or self.image_orientation_patient is None:
            return None
        x, y, z = self.image_position_patient
        rx, ry, rz, cx, cy, cz = self.image_orientation_patient
        return x * (ry * cz - rz * cy) + y * (rz * cx - rx * cz) + z * (rx * cy - ry * cx)


def read_header(file: Path) -> Header:
    """Read the header of a DICOM file, or of a bare data set, and check its structure to the last byte.

    Raises
    ------
    NotFound, BadInput
        There is no such file, or it is not DICOM.
    CannotUnderstand
        It is DICOM, but does not parse.
    DataSetMismatch
        It parses, but lacks the UIDs of its SOP Instance, Series or Study.
    """
    with opened(file) as source:
        meta = parse_file_meta(source)
        return parse_instance(source, meta, meta.data_set_offset)


def parse_instance(source: Source, meta: FileMeta, start: int) -> Header:
    """Read the header of the data set that begins at `start`, after `meta`; raises as `read_header`."""
    try:
        return _parse(source, meta.transfer_syntax_uid, start)
    except CannotUnderstand as error:
        if meta.is_part10:
            raise
        raise BadInput("This is not a DICOM file.") from error  # it was a guess that it is


def parse_data_set(buffer: Buffer, transfer_syntax_uid: str) -> Header:
    """Read the header of a data set, walking all its elements to the last byte.

    Parameters
    ----------
    buffer
        The data set; nothing but element headers and the wanted values is touched.
    transfer_syntax_uid
        How it is encoded; implicit VR where explicit is declared, or the reverse, is recognised.

    Raises
    ------
    CannotUnderstand
        It does not parse to its last byte, or passes a limit of depth, count or inflated size.
    DataSetMismatch
        The UID of the SOP Class, SOP Instance, Series or Study is missing or cannot be one.
    """
    return _parse(Source.of(buffer), transfer_syntax_uid, 0)


def _parse(source: Source, transfer_syntax_uid: str, start: int) -> Header:
    source, start, encoding, _ = unwrap(source, start, transfer_syntax_uid)
    if start >= source.size:
        raise CannotUnderstand("The data set is empty.")
    return _header(Scan(source, encoding, _WANTED).run(start), transfer_syntax_uid, encoding)


def _header(values: dict[int, bytes], transfer_syntax_uid: str, encoding: Encoding) -> Header:
    get = values.get
    texts = _texts(values)
    rows, columns = (_unsigned_short(get(tag, b""), encoding) for tag in (kw.ROWS, kw.COLUMNS))
    header = Header(
        transfer_syntax_uid=transfer_syntax_uid,
        series_number=_integer(get(kw.SERIES_NUMBER, b"")),
        instance_number=_integer(get(kw.INSTANCE_NUMBER, b"")),
        rows=rows,
        columns=columns,
        number_of_frames=max(_integer(get(kw.NUMBER_OF_FRAMES, b"")) or 0, 1 if rows else 0),
        image_position_patient=_vector(_decimals(get(kw.IMAGE_POSITION_PATIENT, b""))),
        image_orientation_patient=_cosines(_decimals(get(kw.IMAGE_ORIENTATION_PATIENT, b""))),
        has_pixels=not _PIXELS.isdisjoint(values),
        **texts,
    )
    _check_uids(header)
    return header


def _texts(values: dict[int, bytes]) -> dict[str, str]:
    raws = [values.get(tag, b"") for tag in _TEXTS.values()]
    together = _BETWEEN.join(raws)
    if together.isascii() and b"\x1b" not in together and together.count(_BETWEEN) == len(raws) - 1:
        texts = together.decode("ascii").split(_BETWEEN.decode())  # any character set would say the same
    else:
        texts = _decoded(raws, values)
    return {name: text.strip(" \0") for name, text in zip(_TEXTS, texts, strict=True)}


def _decoded(raws: list[bytes], values: dict[int, bytes]) -> list[str]:
    character_set = values.get(kw.SPECIFIC_CHARACTER_SET, b"").decode("latin-1").strip(" \0")
    character_sets = tuple(part.strip(" \0") for part in character_set.split("\\")) if character_set else ()
    return [decode_text(raw, character_sets) for raw in raws]


def _check_uids(header: Header) -> None:
    for what, uid in (
        ("SOP Class", header.sop_class_uid),
        ("SOP Instance", header.sop_instance_uid),
        ("Study Instance", header.study_instance_uid),
        ("Series Instance", header.series_instance_uid),
    ):
        if not uids.is_uid(uid):
            raise DataSetMismatch(f"The data set has no valid {what} UID.")


def _unsigned_short(value: bytes, encoding: Encoding) -> int:
    return int.from_bytes(value[:2], "little" if encoding.little else "big")


def _integer(value: bytes) -> int | None:
    """Read the first value of an IS (PS3.5: -2^31 to 2^31 - 1); None when there is none."""
    match = _INTEGER.match(value)
    number = int(match[1]) if match else None
    return number if number is not None and abs(number) < 2**31 else None


def _decimals(value: bytes) -> tuple[float, ...]:
    """Read a DS of several values; nothing when one of them is no finite number."""
    try:
        numbers = tuple(float(part.strip(b" \0")) for part in value.split(b"\\"))
    except ValueError:
        return ()
    return numbers if all(map(math.isfinite, numbers)) else ()


def _vector(numbers: tuple[float, ...]) -> Vector | None:
    return (numbers[0], numbers[1], numbers[2]) if len(numbers) == 3 else None


def _cosines(numbers: tuple[float, ...]) -> Cosines | None:
    if len(numbers) != 6:
        return None
    return (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5])
