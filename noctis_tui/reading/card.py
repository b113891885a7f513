"""What stands in the place of a picture that cannot be shown: what it is, why, and a few attributes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.dicom.data_set import DataSet
from archive.dicom.location import locate
from archive.dicom.sop_classes import uid_name
from archive.dicom.source import Source
from archive.dicom.text import decode_text, person_name, visible
from archive.errors import NoctisError

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST = 64
_SOP_CLASS_UID, _CHARACTER_SET = 0x00080016, 0x00080005
_GROUPS = frozenset({0x0008, 0x0010, 0x0020, 0x0028, 0x0040, 0x0042, 0x0070, 0x3006, 0x300A})
_SHOWN: tuple[tuple[int, str], ...] = (
    (0x00100010, "Patient"),
    (0x00100020, "Patient ID"),
    (0x00080060, "Modality"),
    (0x00081030, "Study"),
    (0x0008103E, "Series"),
    (0x00420010, "Document"),
    (0x00700080, "Label"),
    (0x30060002, "Structure set"),
    (0x300A0002, "Plan"),
    (0x00200013, "Instance"),
    (0x00280004, "Photometric"),
)


@dataclass(frozen=True, slots=True)
class UnreadableFrame:
    """A frame that has no picture; everything in it is safe to show."""

    title: str
    reason: str
    attributes: tuple[tuple[str, str], ...] = ()
    size_bytes: int = 1024


def card_of(path: Path, reason: str) -> UnreadableFrame:
    """Describe an instance that cannot be shown, from as much of its header as can be read."""
    try:
        located = locate(Source.open(path))
        ds = DataSet(located.source, located.offset, located.source.size, located.encoding, groups=_GROUPS)
    except (NoctisError, OSError):
        return UnreadableFrame("Not a readable DICOM file", visible(reason), (("File", visible(path.name)),))
    syntax = visible(uid_name(located.transfer_syntax_uid), _LONGEST)
    title = uid_name(ds.text(_SOP_CLASS_UID)).removesuffix(" Storage") or "Without a SOP Class UID"
    return UnreadableFrame(
        visible(title, _LONGEST),
        visible(reason),
        (*_attributes(ds), ("Transfer syntax", syntax), ("File", visible(path.name, _LONGEST))),
    )


def _attributes(ds: DataSet) -> tuple[tuple[str, str], ...]:
    character_set = ds.texts(_CHARACTER_SET)
    shown = []
    for tag, name in _SHOWN:
        value = decode_text(ds.raw(tag)[:256], character_set).strip(" \0")
        if value:
            value = person_name(value) if name == "Patient" else value
            shown.append((name, visible(value, _LONGEST)))
    return tuple(shown)
