"""What other people's programs make of pixels: pydicom's processing, DCMTK's and Pillow's decoders."""

from __future__ import annotations

import copy
import io
import logging
import shutil
import subprocess
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pydicom
from PIL import Image
from pydicom.data import get_testdata_files
from pydicom.encaps import generate_frames
from pydicom.pixels import pixel_array
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi_lut, apply_windowing
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom.dataset import Dataset

_MACROS = ("PixelValueTransformationSequence", "FrameVOILUTSequence")
_DECOMPRESSORS = ("dcmdjpeg", "dcmdjpls", "dcmdrle")
_RENDERERS = ("dcmj2pnm", "dcml2pnm")
HAS_DCMTK = all(shutil.which(program) for program in (*_DECOMPRESSORS, *_RENDERERS))


def bundled_files() -> list[Path]:
    """Return the test files that pydicom ships, without asking its server for more."""
    from pathlib import Path

    paths = sorted({Path(found) for found in get_testdata_files()})
    return [path for path in paths if path.is_file()]


def open_with_pydicom(path: Path) -> Dataset:
    """Read a file, and name the transfer syntax of one that has no file meta."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ds = pydicom.dcmread(path, force=True)
    if "TransferSyntaxUID" not in getattr(ds, "file_meta", {}):
        ds.ensure_file_meta()
        implicit = ds.original_encoding[0]
        ds.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    return ds


def stored_frames(path: Path) -> np.ndarray | None:
    """Return [frames, rows, columns(, samples)] as pydicom decodes them, else as DCMTK does, else None."""
    frames = decoded(path)
    return decompressed(path) if frames is None else frames


def decoded(path: Path) -> np.ndarray | None:
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ds = open_with_pydicom(path)
            pixels = ds.pixel_array
    except Exception:  # noqa: BLE001 - pydicom raises many things for what it cannot decode
        return None
    single = pixels.ndim == (2 if ds.get("SamplesPerPixel", 1) == 1 else 3)
    return pixels[None] if single else pixels


def decompressed(path: Path) -> np.ndarray | None:
    if not HAS_DCMTK:
        return None
    out = _scratch(path)
    for program in _DECOMPRESSORS:
        answer = subprocess.run([program, path, out], capture_output=True, check=False, timeout=60)
        if answer.returncode == 0 and (frames := decoded(out)) is not None:
            out.unlink()
            return frames
    out.unlink(missing_ok=True)
    return None


def _scratch(path: Path) -> Path:
    import os
    import tempfile
    from pathlib import Path

    return Path(tempfile.gettempdir(), f"noctis-reference-{os.getpid()}-{path.name}")


def of_frame(ds: Dataset, index: int) -> Dataset:
    """Return a shallow data set in which a frame's functional groups stand as its own attributes."""
    merged = copy.copy(ds)
    for place in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        items = ds.get(place) or []
        position = 0 if place.startswith("Shared") else index
        if position >= len(items):
            continue
        for macro in _MACROS:
            for element in (items[position].get(macro) or [[]])[0]:
                merged[element.tag] = element
    return merged


def modality_values(stored: np.ndarray, ds: Dataset) -> np.ndarray:
    """Return float32 of what pydicom computes."""
    return np.asarray(apply_modality_lut(stored, ds)).astype(np.float32)


def display_values(stored: np.ndarray, ds: Dataset) -> np.ndarray | None:
    """Return 0..255 as pydicom's VOI LUT scales to, MONOCHROME1 inverted; None where it refuses."""
    values = apply_modality_lut(stored, ds)
    if ds.get("VOILUTSequence"):
        item = ds.VOILUTSequence[0]
        shown, low, high = apply_voi_lut(values, ds), 0.0, 2.0 ** item.LUTDescriptor[2] - 1
    elif first(ds.get("WindowWidth")) >= 1 and "BitsStored" in ds:  # pydicom has no window for floats
        shown, (low, high) = apply_windowing(values, ds), _output_range(ds)
    else:
        return None
    scaled = np.clip((shown.astype(float) - low) / (high - low), 0, 1) * 255
    grey = 255 - scaled if ds.PhotometricInterpretation == "MONOCHROME1" else scaled
    return supplemented(grey, stored, ds) if ds.get("PixelPresentation") in {"COLOR", "MIXED"} else grey


def supplemented(grey: np.ndarray, stored: np.ndarray, ds: Dataset) -> np.ndarray:
    """Return RGB: grey, and the supplemental palette's colors from its first stored value on."""
    rgb = np.repeat(grey[..., None], 3, axis=-1)
    entries, first_mapped, bits = ds.RedPaletteColorLookupTableDescriptor
    for channel, name in enumerate(("Red", "Green", "Blue")):
        table = np.frombuffer(ds[f"{name}PaletteColorLookupTableData"].value, "<u2") >> (bits - 8)
        for value in range(entries):
            last = value == entries - 1
            chosen = stored - first_mapped >= value if last else stored - first_mapped == value
            rgb[chosen & (stored >= first_mapped), channel] = table[value]
    return rgb


def first(value) -> float:
    """Return the first of one or several numbers; 0 for none."""
    values = value if isinstance(value, (list, pydicom.multival.MultiValue)) else [value]
    return float(values[0]) if values and values[0] is not None else 0.0


def _output_range(ds: Dataset) -> tuple[float, float]:
    if ds.get("ModalityLUTSequence"):
        return 0.0, 2.0 ** ds.ModalityLUTSequence[0].LUTDescriptor[2] - 1
    half = 2.0 ** (ds.BitsStored - 1)
    low, high = (-half, half - 1) if ds.PixelRepresentation else (0.0, 2 * half - 1)
    if ds.get("RescaleSlope") is None or ds.get("RescaleIntercept") is None:
        return low, high
    return low * ds.RescaleSlope + ds.RescaleIntercept, high * ds.RescaleSlope + ds.RescaleIntercept


def colors(path: Path, index: int) -> list[np.ndarray]:
    """Return one frame as RGB [rows, columns, 3], as many programs as can render it."""
    return [rgb for _, rgb in named_colors(path, index)]


def named_colors(path: Path, index: int) -> list[tuple[str, np.ndarray]]:
    """Return each program's name with its RGB."""
    programs = (("DCMTK", _by_dcmtk), ("Pillow", _by_pillow), ("pydicom", _by_pydicom))
    return [(name, rgb) for name, render in programs if (rgb := render(path, index)) is not None]


def display_by_dcmtk(path: Path, index: int, options: tuple[str, ...]) -> np.ndarray | None:
    """Return display values [rows, columns] as DCMTK computes them, without overlays; None if it refuses."""
    for program in ("dcm2pnm", *_RENDERERS):
        line = [program, "+F", str(index + 1), "-O", "+op", *options, path]
        answer = subprocess.run(line, capture_output=True, check=False, timeout=60)
        if answer.returncode == 0 and answer.stdout:
            with Image.open(io.BytesIO(answer.stdout)) as image:
                return np.asarray(image) if image.mode == "L" else None
    return None


def _by_dcmtk(path: Path, index: int) -> np.ndarray | None:
    if not HAS_DCMTK:
        return None
    for program in _RENDERERS:
        line = [program, "+F", str(index + 1), "+op", path]
        answer = subprocess.run(line, capture_output=True, check=False, timeout=60)
        if answer.returncode == 0 and answer.stdout:
            with Image.open(io.BytesIO(answer.stdout)) as image:
                return np.asarray(image.convert("RGB"))
    return None


def _by_pillow(path: Path, index: int) -> np.ndarray | None:
    ds = open_with_pydicom(path)
    if not ds["PixelData"].is_undefined_length or ds.PhotometricInterpretation == "RGB":
        return None  # Pillow takes JPEG without markers for YCbCr, whatever the data set says
    try:
        frames = list(generate_frames(ds.PixelData, number_of_frames=int(ds.get("NumberOfFrames", 1))))
        with Image.open(io.BytesIO(frames[index]), formats=("JPEG", "JPEG2000")) as image:
            return np.asarray(image.convert("RGB"))
    except Exception:  # noqa: BLE001 - whatever Pillow says of what it cannot read
        return None


def _by_pydicom(path: Path, index: int) -> np.ndarray | None:
    ds = open_with_pydicom(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pixels = pixel_array(ds, index=index)
    except Exception:  # noqa: BLE001 - as above
        return None
    if ds.PhotometricInterpretation == "PALETTE COLOR":
        pixels = apply_color_lut(pixels, ds)
        bits = 8 * pixels.dtype.itemsize if pixels.max() > 255 else 8
    else:
        bits = ds.BitsStored
    return (pixels >> (bits - 8)).astype(np.uint8) if bits > 8 else pixels.astype(np.uint8)
