"""What tags are called: the standard's dictionary and the private ones that pydicom carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.dicom.elements import NO_VR
from archive.dicom.keywords import PIXEL_REPRESENTATION

if TYPE_CHECKING:
    from archive.dicom.structure import Element


class Naming:
    """Names the elements of one data set in their order, remembering its private creators (PS3.5 7.8.1)."""

    def __init__(self) -> None:
        self._creators: dict[int, str] = {}
        self._signed = False

    def of(self, element: Element, raw: bytes) -> tuple[str, str, str]:
        """Return VR, keyword and name of an element whose value begins with `raw`."""
        if element.tag == PIXEL_REPRESENTATION:
            self._signed = raw[:2] in {b"\x01\x00", b"\x00\x01"}
        private = element.tag >> 16 & 1
        vr, keyword, name = self._private(element, raw) if private else _standard(element.tag)
        if element.vr not in {NO_VR, b"UN"}:
            vr = element.vr.decode("ascii", "replace")
        elif element.stop is None:
            vr = "SQ"
        return self._settled(vr), keyword, name

    def _settled(self, vr: str) -> str:
        """Choose where the dictionary leaves a choice, as PS3.5 A.1 does for implicit VR."""
        if " or " not in vr:
            return vr
        if "OW" in vr:
            return "OW"
        return "SS" if self._signed else "US"

    def _private(self, element: Element, raw: bytes) -> tuple[str, str, str]:
        tag = element.tag
        if 0x10 <= tag & 0xFFFF <= 0xFF:
            creator = raw[:64].decode("latin-1").strip(" \0")
            self._creators[(tag & 0xFFFF0000) | (tag & 0xFF) << 8] = creator
            return "LO", "", "Private Creator"
        creator = self._creators.get(tag & 0xFFFFFF00, "")
        return _private_entry(tag, creator) if creator else ("UN", "", "")


def _standard(tag: int) -> tuple[str, str, str]:
    from pydicom.datadict import get_entry  # noqa: PLC0415 - loads pydicom

    if tag & 0xFFFF == 0:
        return "UL", "", "Group Length"
    try:
        vr, _, name, _, keyword = get_entry(tag)
    except KeyError:
        return "UN", "", ""
    return vr, keyword, name


def _private_entry(tag: int, creator: str) -> tuple[str, str, str]:
    from pydicom.datadict import get_private_entry  # noqa: PLC0415 - loads pydicom

    try:
        vr, _, name, _ = get_private_entry(tag, creator)
    except (KeyError, ValueError):
        return "UN", "", ""
    return vr, "", "" if name == "Unknown" else f'"{name}"'
