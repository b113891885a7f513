"""What reconstructions can be written as, and what the end of a file's name says about it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from archive.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path


class OutputFormat(StrEnum):
    """What files are written."""

    DICOM = "dicom"
    """A derived series: a folder, or a file of the only image."""
    PNG = "png"
    """Pictures through a window: a folder, or a file of the only image."""
    NPY = "npy"
    """One array of float32, with its geometry as JSON beside it."""
    NIFTI = "nifti"
    """One volume."""
    STL = "stl"
    PLY = "ply"
    OBJ = "obj"
    GLB = "glb"


SURFACES: Final = frozenset({OutputFormat.STL, OutputFormat.PLY, OutputFormat.OBJ, OutputFormat.GLB})
"""Formats of triangles."""
_SUFFIXES: Final = {
    ".dcm": OutputFormat.DICOM,
    ".png": OutputFormat.PNG,
    ".npy": OutputFormat.NPY,
    ".nii": OutputFormat.NIFTI,
    ".nii.gz": OutputFormat.NIFTI,
    **{f".{each.value}": each for each in SURFACES},
}
_TO_FOLDER: Final = frozenset({OutputFormat.DICOM, OutputFormat.PNG})


def output_format(out: Path, said: str | None, *, surface: bool) -> OutputFormat:
    """Return what is to be written: what was said, else what the name says, else DICOM in a folder.

    Raises
    ------
    BadInput
        The name or what is made contradicts it.
    """
    suffix = _suffix(out)
    named = _SUFFIXES.get(suffix)
    chosen = OutputFormat(said) if said else named or OutputFormat.DICOM
    if not suffix and out.suffix[1:].isalpha():
        raise BadInput(f"The name of the file ends in none of {', '.join(_SUFFIXES)}.")
    if surface and (chosen not in SURFACES or chosen is not named):
        raise BadInput("A surface is written to a file whose name ends in .stl, .ply, .obj or .glb.")
    if chosen in SURFACES and not surface:
        raise BadInput(f"{chosen.upper()} holds surfaces: say --kind surface.")
    if named is not chosen and (suffix or chosen not in _TO_FOLDER):
        endings = ", ".join(ending for ending, each in _SUFFIXES.items() if each is chosen)
        raise BadInput(f"The name of {chosen.upper()} ends in {endings}.")
    return chosen


def is_folder(out: Path) -> bool:
    """Tell whether a name is that of a folder."""
    return not _suffix(out)


def output_paths(out: Path, what: OutputFormat) -> tuple[Path, ...]:
    """Return all names that are written to, `out` the first."""
    return (out, out.with_suffix(".json")) if what is OutputFormat.NPY else (out,)


def _suffix(out: Path) -> str:
    name = out.name.lower()
    if name.endswith(".nii.gz"):
        return ".nii.gz"
    suffix = out.suffix.lower()
    return suffix if suffix in _SUFFIXES else ""
