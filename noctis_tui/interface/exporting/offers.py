"""The formats that the dialog offers, in words."""

from __future__ import annotations

from dataclasses import dataclass

from noctis_tui.reading.export.formats import A_FRAME, A_SERIES, SUFFIXES, Format

PICTURES = A_FRAME | {Format.GIF, Format.MP4}
"""Formats that text and drawings can be burned into."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of the dialog."""

    format: Format
    name: str
    detail: str


OFFERS = (
    Offer(Format.PNG, "PNG", "8 bits for each image, windowed as it is here"),
    Offer(Format.PNG16, "PNG, 16 bits", "grey of 16 bits through the same window"),
    Offer(Format.JPEG, "JPEG", "smaller pictures, with losses"),
    Offer(Format.GIF, "GIF", "a clip for each series, 256 colours"),
    Offer(Format.MP4, "MP4", "a clip for each series, H.264"),
    Offer(Format.DICOM, "DICOM", "the files as they are: patient data included"),
    Offer(Format.ZIP, "DICOM in a ZIP file", "the same in one file"),
    Offer(Format.NIFTI, "NIfTI", "a volume of values for each series"),
    Offer(Format.CSV, "CSV", "a table of the measurements"),
)


def suggested_name(what: Format, *, images: int, series: int, stamp: str) -> str:
    """Return a name without a suffix for a folder, with one for a file; it tells nothing of the patient.

    Parameters
    ----------
    images, series
        How many there are.
    stamp
        What makes the name a new one: the time.
    """
    single = (
        (images == 1) if what in A_FRAME else (series == 1) if what in A_SERIES else what is not Format.DICOM
    )
    return f"noctis-{stamp}{SUFFIXES[what] if single else ''}"
