"""What can be exported, and what the end of a file's name says about it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from archive.dicom.text import visible
from archive.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path


class Format(StrEnum):
    """What files are written."""

    DICOM = "dicom"
    """A folder of Part 10 files."""
    ZIP = "zip"
    """The same in one ZIP file."""
    PNG = "png"
    """A picture of 8 bits a frame, as the viewer shows it."""
    PNG16 = "png16"
    """A grey picture of 16 bits a frame, through the same window."""
    JPEG = "jpeg"
    """A lossy picture a frame."""
    GIF = "gif"
    """A clip a series, 256 colours."""
    MP4 = "mp4"
    """A clip a series, H.264."""
    NIFTI = "nifti"
    """A volume a series, modality values."""
    CSV = "csv"
    """A table of the measurements."""


SUFFIXES = {
    Format.DICOM: ".dcm",
    Format.ZIP: ".zip",
    Format.PNG: ".png",
    Format.PNG16: ".png",
    Format.JPEG: ".jpg",
    Format.GIF: ".gif",
    Format.MP4: ".mp4",
    Format.NIFTI: ".nii.gz",
    Format.CSV: ".csv",
}
A_FRAME = frozenset({Format.PNG, Format.PNG16, Format.JPEG})
"""Formats with a file for each frame."""
A_SERIES = frozenset({Format.GIF, Format.MP4, Format.NIFTI})
"""Formats with a file for each series."""

_BY_SUFFIX = {
    ".dcm": Format.DICOM,
    ".zip": Format.ZIP,
    ".png": Format.PNG,
    ".jpg": Format.JPEG,
    ".jpeg": Format.JPEG,
    ".gif": Format.GIF,
    ".mp4": Format.MP4,
    ".nii": Format.NIFTI,
    ".nii.gz": Format.NIFTI,
    ".csv": Format.CSV,
}


def format_for(path: Path, asked: str | None) -> Format:
    """Return the format that was asked for, else the one that the name tells; DICOM for a folder's name.

    Raises
    ------
    BadInput
        The name ends in something that is no format.
    """
    if asked is not None:
        return Format(asked)
    suffix = suffix_of(path)
    if not suffix:
        return Format.DICOM
    if suffix not in _BY_SUFFIX:
        raise BadInput(f"{visible(suffix, 20)} files cannot be written; --format takes {', '.join(Format)}.")
    return _BY_SUFFIX[suffix]


def suffix_of(path: Path) -> str:
    """Return the known end of a name in lower case, .nii.gz as one; else its last suffix."""
    name = path.name.lower()
    return next((end for end in (".nii.gz", *_BY_SUFFIX) if name.endswith(end)), path.suffix.lower())
