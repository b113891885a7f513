"""What tags are called: the standard's dictionary and the private ones that pydicom carries."""

from __future__ import annotations

from archive.dicom.elements import NO_VR
from archive.dicom.keywords import PIXEL_REPRESENTATION

CREATOR_BYTES = 64
"""The longest value of a private creator (LO)."""


def is_private_creator(tag: int) -> bool:
    """Tell whether an element reserves a block of private elements (PS3.5 7.8.1)."""
    return bool(tag >> 16 & 1) and 0x10 <= tag & 0xFFFF <= 0xFF


class Naming:
    """Names the elements of one data set or item, once it has learned their context from `learn`.

    Parameters
    ----------
    signed
        Whether pixels are signed in the data set around it, which decides between US and SS.
    """

    def __init__(self, *, signed: bool = False) -> None:
        self._creators: dict[int, str] = {}
        self.signed = signed

    def learn(self, tag: int, raw: bytes) -> None:
        """Remember a private creator or Pixel Representation; other elements teach nothing."""
        if tag == PIXEL_REPRESENTATION:
            self.signed = raw[:2] in {b"\x01\x00", b"\x00\x01"}
        elif is_private_creator(tag):
            creator = raw[:CREATOR_BYTES].decode("latin-1").strip(" \0")
            self._creators[(tag & 0xFFFF0000) | (tag & 0xFF) << 8] = creator

    def creator_of(self, tag: int) -> str:
        """Return the creator of a private element's block; empty when nobody reserved it."""
        return self._creators.get(tag & 0xFFFFFF00, "") if tag >> 16 & 1 else ""

    def of(self, tag: int, written: bytes, *, undefined: bool) -> tuple[str, str, str]:
        """Return VR, keyword and name of an element.

        Parameters
        ----------
        written
            The VR as it stands in the file, `NO_VR` for none.
        undefined
            Whether its length is undefined: without a VR it is a sequence then.
        """
        vr, keyword, name = self._private(tag) if tag >> 16 & 1 and tag & 0xFFFF else _standard(tag)
        if written not in {NO_VR, b"UN"}:
            vr = written.decode("ascii", "replace")
        elif undefined:
            vr = "SQ"
        return self._settled(vr), keyword, name

    def _settled(self, vr: str) -> str:
        """Choose where the dictionary leaves a choice, as PS3.5 A.1 does for implicit VR."""
        if " or " not in vr:
            return vr
        if "OW" in vr:
            return "OW"
        return "SS" if self.signed else "US"

    def _private(self, tag: int) -> tuple[str, str, str]:
        if is_private_creator(tag):
            return "LO", "", "Private Creator"
        creator = self.creator_of(tag)
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
