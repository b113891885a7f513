"""What is not de-identified, because no table of attributes could: text in pixels, reports, documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.errors import BadInput

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from archive.deidentification.profile import Profile

_REPORTS = "1.2.840.10008.5.1.4.1.1.88."
_DOCUMENTS = "1.2.840.10008.5.1.4.1.1.104."
_RAW_DATA = "1.2.840.10008.5.1.4.1.1.66"
_OF_THE_STANDARD = "1.2.840.10008.5.1.4."
_ANNOTATED_SOP_CLASSES = (
    "1.2.840.10008.5.1.4.1.1.6.1",  # ultrasound
    "1.2.840.10008.5.1.4.1.1.6.2",
    "1.2.840.10008.5.1.4.1.1.3",  # ultrasound multi-frame, and its retired forerunner
    "1.2.840.10008.5.1.4.1.1.6",
    "1.2.840.10008.5.1.4.1.1.7",  # secondary capture, single and multi-frame
    "1.2.840.10008.5.1.4.1.1.77.1.1",  # endoscopy, photography and their videos
    "1.2.840.10008.5.1.4.1.1.77.1.4",
)
_ANNOTATED_MODALITIES = frozenset({"US", "IVUS", "ES", "SC", "XC", "GM", "OT", "DOC", "OP", "DG"})
_CAPTURED = frozenset({"DV", "DI", "DF", "WSD", "SD", "SI", "DRW", "SYN"})
"""Conversion Type (0008,0064) of digitised film and video, scanned documents and drawings."""
_SCREENS = ("SCREEN", "DOSE_INFO", "DOSE INFO", "REPORT", "PROT", "CAPTURE")


class NotDeidentifiable(BadInput):
    """The instance may tell who the patient is in a way that no table of attributes reaches."""


def require_deidentifiable(ds: Dataset, profile: Profile) -> None:
    """Refuse what cannot be de-identified by its attributes.

    Raises
    ------
    NotDeidentifiable
        It is a report, a document or raw data; its pixels show text, or may and nobody says that they do not.
    """
    sop_class_uid = _text(ds, "SOPClassUID")
    if sop_class_uid.startswith(_REPORTS):
        raise NotDeidentifiable("A structured report is not de-identified: its text may name the patient.")
    if sop_class_uid.startswith(_DOCUMENTS) or "EncapsulatedDocument" in ds:
        raise NotDeidentifiable("An encapsulated document is not de-identified: nobody can see into it.")
    if not sop_class_uid.startswith(_OF_THE_STANDARD) or sop_class_uid == _RAW_DATA:
        raise NotDeidentifiable("Raw data and instances of private classes are not de-identified.")
    if "ContentSequence" in ds:
        raise NotDeidentifiable("An instance with the content of a report is not de-identified.")
    if not profile.pixels_checked:
        _require_clean_pixels(ds, sop_class_uid)
    if _hides_overlays(ds):
        raise NotDeidentifiable("The unused bits of the pixels hold an overlay, which may show text.")


def _require_clean_pixels(ds: Dataset, sop_class_uid: str) -> None:
    burned_in = _text(ds, "BurnedInAnnotation").upper()
    if burned_in == "YES":
        raise NotDeidentifiable("Its pixels show text (Burned In Annotation is YES).")
    if _text(ds, "RecognizableVisualFeatures").upper() == "YES":
        raise NotDeidentifiable("Its pixels show a person who can be recognized.")
    if burned_in == "NO" or not any(keyword in ds for keyword in ("PixelData", "FloatPixelData")):
        return
    modality = _text(ds, "Modality").upper()
    if modality in _ANNOTATED_MODALITIES or _is_annotated_class(sop_class_uid):
        what = modality or "These"
        raise NotDeidentifiable(f"{what} images often show text, and Burned In Annotation does not say NO.")
    if _text(ds, "ConversionType").upper() in _CAPTURED or _is_screen(ds):
        raise NotDeidentifiable("A screen capture may show text, and Burned In Annotation does not say NO.")


def _is_annotated_class(sop_class_uid: str) -> bool:
    return any(f"{sop_class_uid}.".startswith(f"{known}.") for known in _ANNOTATED_SOP_CLASSES)


def _is_screen(ds: Dataset) -> bool:
    image_type = _text(ds, "ImageType").upper()
    return any(word in image_type for word in _SCREENS)


def _hides_overlays(ds: Dataset) -> bool:
    """Tell whether a retired overlay lies in the unused bits of the pixels (PS3.3 C.9.2, before 2004)."""
    groups = {tag.group for tag in ds.keys() if tag.group & 0xFF01 == 0x6000}  # noqa: SIM118 - iterating converts
    return any((group, 0x3000) not in ds and (group, 0x0102) in ds for group in groups)


def _text(ds: Dataset, keyword: str) -> str:
    value = ds.get(keyword)
    if value is None:
        return ""
    values = [value] if isinstance(value, str) else list(value) if hasattr(value, "__iter__") else [value]
    return "\\".join(str(each) for each in values).strip(" \0")
