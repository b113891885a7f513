"""One file of the corpus, judged: right against whom and how nearly, or refused in which sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pixel_reference as reference
from corpus_references import ORIGINAL_NAME, references

from archive.dicom.sop_classes import uid_name
from archive.dicom.text import visible
from archive.errors import NoctisError
from archive.pixels.display import display_values
from archive.pixels.frames import ImageFile
from archive.pixels.modality_lut import modality_values
from archive.pixels.voi_lut import Window
from noctis_tui.reading.documents.page import TextPage
from noctis_tui.reading.documents.reading import read_document

if TYPE_CHECKING:
    from pathlib import Path

COLOR_TOLERANCE, DISPLAY_TOLERANCE, JPEG_XL_TOLERANCE = 2, 1, 12
"""Levels of 256. Decoders differ in how they spread halved chrominance, JPEG XL's more than JPEG's."""


_LOSSY = {"50", "51", "53", "55", "81", "91"}


class Verdict(NamedTuple):
    """A row of `docs/corpus.md`; all is text."""

    file: str
    transfer_syntax: str
    pixels: str
    values: str
    """Largest difference from each reference, over the first, the middle and the last frame."""
    display: str
    """Largest difference of display values from DCMTK's, levels."""
    verdict: str


def _as_document(path: Path) -> str:
    """Return what is shown of a file without pixels; empty when a card says why there is nothing."""
    try:
        page = read_document(path)
    except NoctisError:
        return ""
    if isinstance(page, TextPage):
        return f"shown; as text: {page.title}"
    return "shown; as a page" if page is not None else ""


def judge(path: Path, name: str, *, compare: bool = True) -> Verdict:
    """Return the verdict on one file; one that is not `compare`d is only decoded."""
    try:
        with ImageFile.open(path) as image:
            return _judge_image(path, name, image, compare=compare)
    except NoctisError as error:
        return Verdict(name, "", "", "", "", _as_document(path) or f"refused: {error}")


def _judge_image(path: Path, name: str, image: ImageFile, *, compare: bool) -> Verdict:
    described = uid_name(image.attributes.transfer_syntax_uid), _pixels(image)
    frames = sorted({0, image.frame_count // 2, image.frame_count - 1})
    try:
        stored = {index: image.stored_values(index) for index in frames}
    except NoctisError as error:
        return Verdict(name, *described, "", "", f"refused: {error}")
    if not compare:
        return Verdict(name, *described, "", "", "shown")
    values = {}
    for index in frames:
        for other, difference in _differences(path, image, index, stored[index]).items():
            values[other] = max(difference, values.get(other, 0.0))
    shown = [_display_difference(path, image, index, stored[index]) for index in frames]
    display = None if None in shown else max(level for level in shown if level is not None)
    text = " · ".join(f"{other} {difference:.3g}" for other, difference in values.items())
    verdict = _verdict(image, values, display)
    return Verdict(name, *described, text, "" if display is None else str(display), verdict)


def _pixels(image: ImageFile) -> str:
    said = image.attributes
    frames = f"x{image.frame_count}" if image.frame_count > 1 else ""
    sign = "s" if said.pixel_representation else ""
    depth = f"{said.bits_stored}{sign} in {said.bits_allocated}"
    if said.pixel_keyword != "PixelData":
        depth = f"float {said.bits_allocated}"
    photometric = visible(said.photometric_interpretation, 16)
    return f"{said.columns}x{said.rows}{frames} {photometric} {depth}"


def _differences(path: Path, image: ImageFile, index: int, stored: np.ndarray) -> dict[str, float]:
    modality = None if stored.ndim == 3 else modality_values(stored, image.frame_attributes(index))
    found = {}
    for other in references(path, image, index):
        ours = modality if other.is_modality and modality is not None else stored
        if ours.shape != other.values.shape:
            found[other.name] = np.inf
            continue
        theirs = other.values.astype(np.float32) if other.is_modality else other.values
        found[other.name] = float(np.abs(ours.astype(np.float64) - theirs).max())
    return found


def _display_difference(path: Path, image: ImageFile, index: int, stored: np.ndarray) -> int | None:
    """Return how far display values lie from DCMTK's; None for color and for what DCMTK does otherwise.

    DCMTK knows no functional groups, and windows only integers.
    """
    frame = image.frame_attributes(index)
    if stored.ndim == 3 or not (frame.windows or frame.voi_luts) or stored.dtype.kind == "f":
        return None
    if image._groups:
        return None
    voi = frame.voi_luts[0] if frame.voi_luts else frame.windows[0]
    shown = reference.display_by_dcmtk(path, index, ("+Wi", "1") if isinstance(voi, Window) else ("+Wl", "1"))
    if shown is None or shown.shape != stored.shape:
        return None
    return int(np.abs(display_values(stored, frame, voi=voi).astype(int) - shown).max())


def _verdict(image: ImageFile, differences: dict[str, float], display: int | None) -> str:
    lossy = image.attributes.transfer_syntax_uid.rpartition(".")[2] in _LOSSY
    original = differences.get(ORIGINAL_NAME, 0.0)
    others = [difference for name, difference in differences.items() if name != ORIGINAL_NAME]
    if original and not lossy:
        return "WRONG: other values than the uncompressed original"
    tolerance = 0
    if image.attributes.is_color:
        recompressed = image.attributes.transfer_syntax_uid.startswith("1.2.840.10008.1.2.4.11")
        tolerance = JPEG_XL_TOLERANCE if recompressed else COLOR_TOLERANCE
    if display is not None and display > DISPLAY_TOLERANCE:
        return "WRONG: shown otherwise than by DCMTK"
    if not others:
        return "right" if display is not None else "shown; no reference decodes it"
    if min(others) > tolerance:
        return "WRONG: other values than every reference"
    return "right"
