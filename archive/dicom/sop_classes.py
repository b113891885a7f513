"""SOP classes and transfer syntaxes that the standard registers (PS3.6 Annex A)."""

from __future__ import annotations

from functools import cache

_NEWER = (
    ("1.2.840.10008.5.1.4.1.1.9.100.1", "Waveform Presentation State Storage", "SOP Class"),
    ("1.2.840.10008.5.1.4.1.1.9.100.2", "Waveform Acquisition Presentation State Storage", "SOP Class"),
    ("1.2.840.10008.5.1.4.1.1.66.7", "Label Map Segmentation Storage", "SOP Class"),
    ("1.2.840.10008.5.1.4.1.1.66.8", "Height Map Segmentation Storage", "SOP Class"),
    ("1.2.840.10008.1.2.4.110", "JPEG XL Lossless", "Transfer Syntax"),
    ("1.2.840.10008.1.2.4.111", "JPEG XL JPEG Recompression", "Transfer Syntax"),
    ("1.2.840.10008.1.2.4.112", "JPEG XL", "Transfer Syntax"),
    ("1.2.840.10008.1.2.8.1", "Deflated Image Frame Compression", "Transfer Syntax"),
)
"""Registered after pydicom's tables were made."""

_NO_STORAGE = ("Commitment", "Directory", "Service Class", "Query", "Management")
_NO_DATA_SET = ("RFC 2557", "XML", "Papyrus")
"""Registered as transfer syntaxes, but not of a data set that C-STORE carries."""
_IMAGES_BY_ANOTHER_NAME = (
    "RT Dose",
    "Segmentation",
    "Parametric Map",
    "Image",
    "Pixel",
    "Multi-frame",
    "US Volume",
)
_RT_DOSE = "1.2.840.10008.5.1.4.1.1.481.2"
_NO_IMAGES = ("Height Map", "Surface Segmentation", "Spectroscopy")


@cache
def storage_sop_classes() -> tuple[str, ...]:
    """Return the UIDs of every storage SOP class that pydicom knows, retired ones too."""
    return tuple(
        uid
        for uid, name, kind in _registered()
        if kind == "SOP Class" and "Storage" in name and not any(word in name for word in _NO_STORAGE)
    )


@cache
def transfer_syntaxes() -> tuple[str, ...]:
    """Return the UIDs of every transfer syntax that a stored data set may have."""
    return tuple(
        uid
        for uid, name, kind in _registered()
        if kind == "Transfer Syntax" and not any(word in name for word in _NO_DATA_SET)
    )


def uid_name(uid: str) -> str:
    """Return the standard's name of a UID, or the UID itself when it is not registered."""
    return _names().get(uid, uid)


@cache
def is_image(sop_class_uid: str) -> bool:
    """Tell whether instances of a SOP class carry pixels, judged by the name of the class."""
    name = uid_name(sop_class_uid)
    return (
        "Storage" in name
        and any(word in name for word in _IMAGES_BY_ANOTHER_NAME)
        and not any(word in name for word in _NO_IMAGES)
    )


def lacks_pixels(sop_class_uid: str, *, rows: int, has_pixels: bool) -> bool:
    """Tell whether an instance cannot be complete: an image without pixels has lost its end on the way.

    A data set that is cut between two elements parses like a whole one, but Pixel Data come last, and every
    image requires them (PS3.3 C.7.6.3: type 1 unless a URL stands for them). Only a dose may come without a
    grid (PS3.3 A.18.3); one that says how many rows it has is cut short too.
    """
    if has_pixels or not is_image(sop_class_uid):
        return False
    return rows > 0 or sop_class_uid != _RT_DOSE


@cache
def _names() -> dict[str, str]:
    return {uid: name for uid, name, _ in _registered()}


def _registered() -> list[tuple[str, str, str]]:
    from pydicom._uid_dict import UID_dictionary  # noqa: PLC0415 - loads pydicom

    registered = {uid: (uid, entry[0], entry[1]) for uid, entry in UID_dictionary.items()}
    return [*({entry[0]: entry for entry in _NEWER} | registered).values()]
