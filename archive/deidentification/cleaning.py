"""Every element of a data set, at every depth: removed, emptied, replaced, shifted or kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from archive.deidentification.safe_private import is_safe
from archive.deidentification.table import Rule, is_repeating, rules
from archive.dicom.text import decode_text
from archive.dicom.uids import is_uid

if TYPE_CHECKING:
    from pydicom.dataelem import DataElement, RawDataElement
    from pydicom.dataset import Dataset
    from pydicom.tag import BaseTag

    from archive.deidentification.identity import Identity
    from archive.deidentification.keyed import KeyedReplacements
    from archive.deidentification.profile import Profile

_CHARACTERISTICS = frozenset(
    {0x00100040, 0x00101010, 0x00101020, 0x00101030, 0x00102160, 0x001021A0, 0x001021C0}
)
"""Attributes that the Retain Patient Characteristics Option keeps (K in its column)."""
_OF_BIRTH = frozenset({0x00100030, 0x00100032, 0x00100033, 0x00100034, 0x00100035})
"""Dates that no option keeps."""
_TEXT = frozenset(
    {
        *("AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO"),
        *("LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT"),
    }
)
_TEMPORAL = frozenset({"DA", "DT", "TM"})
_FREE = frozenset({"PN", "LT", "ST", "UT", "UC", "UR", "AE", "UN"})
"""Text that the table does not name, and that can say anything."""
_LABELS = frozenset({"LO", "SH"})
_LABEL_GROUPS = frozenset(
    {
        *(
            0x0008,
            0x0018,
            0x0020,
            0x0022,
            0x0024,
            0x0028,
            0x003A,
            0x0046,
            0x0048,
            0x0052,
            0x0054,
            0x0062,
            0x0066,
        )
    }
    | {*(0x0066, 0x0070, 0x3002, 0x3004, 0x3006, 0x3008, 0x300A, 0x300C)}
)
"""Groups that describe images and equipment. Labels of others, of patients, visits, orders, trials and media,
stay only where the table lets them, whatever it forgot to name."""
_LUT_LABEL = 0x00409210
_LOOKUP_TABLES = frozenset({*range(0x00281201, 0x00281224), 0x00283006})
_BULK_GROUPS = frozenset({0x5400, 0x7FE0})
"""Groups whose bytes are curves of waveforms and pixels; of others only lookup tables stay."""
_FORMS = {
    "CS": re.compile(rb"[A-Z0-9_ \\\0]*"),
    "DS": re.compile(rb"[0-9+\-.eE \\\0]*"),
    "IS": re.compile(rb"[0-9+\- \\\0]*"),
    "AS": re.compile(rb"([0-9]{3}[DWMY][ \0]?\\?)*"),
    "DA": re.compile(rb"[0-9. \\\0-]*"),
    "TM": re.compile(rb"[0-9.: \\\0-]*"),
    "DT": re.compile(rb"[0-9.+ \\\0-]*"),
}
"""What a value of each VR may be made of; another hides text."""
_OF_THE_STANDARD = "1.2.840.10008."
_KINDS = re.compile(
    r".*(SOPClassUID|TransferSyntaxUID|CodingSchemeUID|ContextUID|MappingResourceUID|ImplementationClassUID"
    r"|ContextGroupExtensionCreatorUID|SOPClassesInStudy|SOPClassesSupported|LongCodeValue)"
)
"""Keywords of UIDs that say what something is, not which one."""


class Cleaning:
    """Cleans the data sets of one instance in place.

    Parameters
    ----------
    identity
        Whose instance it is.
    """

    def __init__(self, profile: Profile, keyed: KeyedReplacements, identity: Identity) -> None:
        self._profile = profile
        self._keyed = keyed
        self._identity = identity
        self._rules = rules()

    def clean(self, ds: Dataset, character_sets: tuple[str, ...] = ()) -> None:
        """Clean a data set, and the items of all sequences that stay."""
        character_sets = _character_sets(ds) or character_sets
        for tag in sorted(ds.keys(), reverse=True):  # private creators after what they reserve
            try:
                kept = self._clean(ds, tag, character_sets)
            except Exception:  # noqa: BLE001 - a value that nobody can read is a value that nobody can vouch for
                kept = False
            if not kept and tag in ds:
                del ds[tag]

    def _clean(self, ds: Dataset, tag: BaseTag, character_sets: tuple[str, ...]) -> bool:
        """Clean one element; return whether it stays."""
        if tag.is_private:
            return self._keeps_private(ds, tag)
        vr = _vr(ds.get_item(tag))
        if not vr or tag.element == 0 or is_repeating(int(tag)):
            return False
        by_option = self._by_option(ds, tag, vr, character_sets)
        if by_option is not None:
            return by_option
        rule = self._rules.get(int(tag))
        if rule is not None:
            return self._obey(ds, tag, vr, rule, character_sets)
        return self._unnamed(ds, tag, vr, character_sets)

    def _by_option(self, ds: Dataset, tag: BaseTag, vr: str, character_sets: tuple[str, ...]) -> bool | None:
        """Do what an option of the profile says of an element; None when none says anything."""
        if self._profile.patient_characteristics and int(tag) in _CHARACTERISTICS:
            return self._is_plain(ds, tag, vr, character_sets)
        if vr in _TEMPORAL and self._profile.dates == "shifted" and int(tag) not in _OF_BIRTH:
            return self._shift(ds, tag, vr)
        return None

    def _unnamed(self, ds: Dataset, tag: BaseTag, vr: str, character_sets: tuple[str, ...]) -> bool:
        """Judge an element that the table does not name; return whether it stays."""
        if vr == "SQ":
            return self._clean_items(ds, tag, character_sets)
        if vr == "UI":
            return self._replace_uids(ds, tag)
        if vr == "OB":
            return tag.group in _BULK_GROUPS or int(tag) in _LOOKUP_TABLES
        if vr in _LABELS and tag.group not in _LABEL_GROUPS and int(tag) != _LUT_LABEL:
            return False
        return vr not in _TEMPORAL and self._is_plain(ds, tag, vr, character_sets)

    def _obey(self, ds: Dataset, tag: BaseTag, vr: str, rule: Rule, character_sets: tuple[str, ...]) -> bool:
        if rule is Rule.REPLACE_UID:
            return self._clean_items(ds, tag, character_sets) if vr == "SQ" else self._replace_uids(ds, tag)
        if rule is Rule.EMPTY:
            ds[tag] = _element(tag, vr, [] if vr == "SQ" else None)
            return True
        if rule is Rule.REMOVE or vr == "SQ":
            return False
        return _put_dummy(ds, tag, vr)

    def _clean_items(self, ds: Dataset, tag: BaseTag, character_sets: tuple[str, ...]) -> bool:
        from pydicom.sequence import Sequence  # noqa: PLC0415 - pydicom is loaded by who calls

        items = ds[tag].value
        if not isinstance(items, Sequence):
            return False
        for item in items:
            self.clean(item, character_sets)
        return True

    def _replace_uids(self, ds: Dataset, tag: BaseTag) -> bool:
        from pydicom.datadict import keyword_for_tag  # noqa: PLC0415 - the same

        raw = _raw(ds, tag)
        uids = [part.strip(" \0") for part in raw.decode("latin-1").split("\\")]
        if not all(is_uid(uid) for uid in uids if uid):
            return False
        if not _KINDS.fullmatch(keyword_for_tag(tag)):
            uids = [uid if _is_of_the_standard(uid) else self._keyed.uid(uid) for uid in uids]
        ds[tag] = _element(tag, "UI", uids if len(uids) > 1 else uids[0])
        return True

    def _shift(self, ds: Dataset, tag: BaseTag, vr: str) -> bool:
        raw = _raw(ds, tag)
        if not _has_form(vr, raw):
            return False
        if vr == "TM":
            return True
        values = [value.strip(" \0") for value in raw.decode("latin-1").split("\\")]
        patient = self._identity.patient
        moved = [self._keyed.shifted(value, patient) if value else "" for value in values]
        if None in moved:
            return False
        ds[tag] = _element(tag, vr, moved if len(moved) > 1 else moved[0])
        return True

    def _is_plain(self, ds: Dataset, tag: BaseTag, vr: str, character_sets: tuple[str, ...]) -> bool:
        """Tell whether a value that no rule names may stay."""
        if vr in _FREE:
            return False
        if vr in _LABELS:
            return not self._identity.is_named_in(decode_text(_raw(ds, tag), character_sets))
        return vr not in _FORMS or _has_form(vr, _raw(ds, tag))

    def _keeps_private(self, ds: Dataset, tag: BaseTag) -> bool:
        if not self._profile.safe_private or tag.element < 0x10:
            return False
        if tag.is_private_creator:
            block = range(tag.element << 8, (tag.element << 8) + 0x100)
            return any(other.group == tag.group and other.element in block for other in ds.keys())  # noqa: SIM118 - iterating converts
        creator = _creator(ds, tag)
        vr = _private_vr(ds.get_item(tag), creator)
        return is_safe(tag.group, tag.element & 0xFF, creator, vr, _raw(ds, tag))


def _vr(element: DataElement | RawDataElement) -> str:
    """Return the VR that the dictionary gives an element of the standard, by which it is judged.

    Empty for an element that nobody knows, and where text stands in place of numbers.
    """
    from pydicom.datadict import dictionary_VR  # noqa: PLC0415 - pydicom is loaded by who calls

    written = str(element.VR or "UN")
    try:
        options = str(dictionary_VR(element.tag)).split(" or ")
    except KeyError:  # newer than the dictionary; the table may know it
        return written if int(element.tag) in rules() else ""
    if written in options:
        return written
    return options[0] if written == "UN" or options[0] in _TEXT else ""


def _private_vr(element: DataElement | RawDataElement, creator: str) -> str:
    from pydicom.datadict import private_dictionary_VR  # noqa: PLC0415 - pydicom is loaded by who calls

    if str(element.VR or "UN") != "UN":
        return str(element.VR)
    try:
        return private_dictionary_VR(element.tag, creator)
    except KeyError:
        return "UN"


def _creator(ds: Dataset, tag: BaseTag) -> str:
    creator = (tag.group, tag.element >> 8)
    if creator not in ds:
        return ""
    return _raw(ds, ds.get_item(creator).tag).decode("latin-1").strip(" \0")


def _raw(ds: Dataset, tag: BaseTag) -> bytes:
    """Return the bytes of a value as they stand in the file; of one that was read already, its text."""
    value: Any = ds.get_item(tag).value
    if value is None or isinstance(value, bytes):
        return value or b""
    values = [value] if isinstance(value, str) or not hasattr(value, "__iter__") else list(value)
    return "\\".join("" if each is None else str(each) for each in values).encode("utf-8", "replace")


def _character_sets(ds: Dataset) -> tuple[str, ...]:
    from archive.dicom.keywords import SPECIFIC_CHARACTER_SET  # noqa: PLC0415 - beside its only use

    if SPECIFIC_CHARACTER_SET not in ds:
        return ()
    return tuple(_raw(ds, ds.get_item(SPECIFIC_CHARACTER_SET).tag).decode("latin-1").strip(" \0").split("\\"))


def _has_form(vr: str, raw: bytes) -> bool:
    return _FORMS[vr].fullmatch(raw) is not None


def _is_of_the_standard(uid: str) -> bool:
    """Tell whether a UID names something of the standard; one longer than those may be somebody's own."""
    from pydicom.uid import UID  # noqa: PLC0415 - pydicom is loaded by who calls

    return not uid or (uid.startswith(_OF_THE_STANDARD) and UID(uid).name != uid)


def _element(tag: BaseTag, vr: str, value: object) -> DataElement:
    from pydicom.dataelem import DataElement  # noqa: PLC0415 - pydicom is loaded by who calls

    return DataElement(tag, vr, value)


def _put_dummy(ds: Dataset, tag: BaseTag, vr: str) -> bool:
    """Put a value that says nothing, as dicom-anonymizer makes it; return whether there is one for the VR."""
    from dicomanonymizer.simpledicomanonymizer import replace_element  # noqa: PLC0415 - only here

    if vr == "UI":
        return False
    dummy = _element(tag, vr, None)
    try:
        replace_element(dummy)
    except NotImplementedError:
        return False
    ds[tag] = dummy
    return True
