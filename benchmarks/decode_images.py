"""One CT slice in every transfer syntax that we and a peer decode, written for `decode.py`."""

from __future__ import annotations

import copy
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import imagecodecs
import numpy as np
import pydicom
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from noctis_tui.demo.phantom import slice_hu

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COLUMNS = 512
_NOISE_HU = 9.0


class Syntax(NamedTuple):
    """A transfer syntax: its name and UID, and the program of DCMTK's or the encoder that writes it."""

    name: str
    uid: str
    program: tuple[str, ...] = ()
    encode: Callable[[np.ndarray], bytes] | None = None
    lossless: bool = True


def _jpeg_2000(pixels: np.ndarray) -> bytes:
    return imagecodecs.jpeg2k_encode(pixels, codecformat="j2k", reversible=True, level=0, bitspersample=12)


SYNTAXES = (
    Syntax("Explicit little endian", "1.2.840.10008.1.2.1", ("dcmconv", "+te")),
    Syntax("Implicit little endian", "1.2.840.10008.1.2", ("dcmconv", "+ti")),
    Syntax("Explicit big endian", "1.2.840.10008.1.2.2", ("dcmconv", "+tb")),
    Syntax("Deflated", "1.2.840.10008.1.2.1.99", ("dcmconv", "+td")),
    Syntax("RLE", "1.2.840.10008.1.2.5", ("dcmcrle",)),
    Syntax("JPEG baseline, 8 bit", "1.2.840.10008.1.2.4.50", ("dcmcjpeg", "+eb", "+ba"), lossless=False),
    Syntax("JPEG extended, 12 bit", "1.2.840.10008.1.2.4.51", ("dcmcjpeg", "+ee", "+bt"), lossless=False),
    Syntax("JPEG lossless", "1.2.840.10008.1.2.4.57", ("dcmcjpeg", "+el")),
    Syntax("JPEG lossless SV1", "1.2.840.10008.1.2.4.70", ("dcmcjpeg", "+e1")),
    Syntax("JPEG-LS", "1.2.840.10008.1.2.4.80", ("dcmcjpls", "+el")),
    Syntax("JPEG-LS near-lossless", "1.2.840.10008.1.2.4.81", ("dcmcjpls", "+en"), lossless=False),
    Syntax("JPEG 2000 lossless", "1.2.840.10008.1.2.4.90", encode=_jpeg_2000),
    Syntax("HTJ2K lossless", "1.2.840.10008.1.2.4.201", encode=imagecodecs.htj2k_encode),
)


def write_images(folder: Path, image: Path | None) -> dict[Syntax, Path]:
    """Write the slice in every transfer syntax: `image`'s, or one of the demo's patient with noise."""
    plain = folder / "plain.dcm"
    ds = _data_set(_stored_values(image))
    ds.save_as(plain, enforce_file_format=True)
    written = {}
    for syntax in SYNTAXES:
        path = written[syntax] = folder / f"{syntax.uid}.dcm"
        if syntax.program:
            subprocess.run([*syntax.program, plain, path], check=True, capture_output=True)
        else:
            _encode(ds, syntax).save_as(path, enforce_file_format=True)
    return written


def _stored_values(image: Path | None) -> np.ndarray:
    """Return uint16 [512, 512] of at most 12 bits: CT numbers + 1024."""
    if image is None:
        resized = Image.fromarray(slice_hu(64)).resize((COLUMNS, COLUMNS), Image.Resampling.BICUBIC)
        hu = np.asarray(resized) + np.random.default_rng(0).normal(0, _NOISE_HU, (COLUMNS, COLUMNS))
    else:
        ds = pydicom.dcmread(image)
        hu = ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept)
    return np.clip(np.rint(hu + 1024), 0, 4095).astype(np.uint16)


def _data_set(pixels: np.ndarray) -> Dataset:
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID, ds.SOPInstanceUID, ds.Modality = CTImageStorage, generate_uid(), "CT"
    ds.StudyInstanceUID, ds.SeriesInstanceUID = generate_uid(), generate_uid()
    ds.PatientID = ds.PatientName = "BENCHMARK"
    ds.Rows, ds.Columns = pixels.shape
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.RescaleSlope, ds.RescaleIntercept = "1", "-1024"
    ds.WindowCenter, ds.WindowWidth = "40", "400"
    ds.PixelData = pixels.tobytes()
    ds["PixelData"].VR = "OW"
    return ds


def _encode(plain: Dataset, syntax: Syntax) -> Dataset:
    assert syntax.encode is not None
    ds = copy.deepcopy(plain)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax.uid
    pixels = np.frombuffer(plain.PixelData, np.uint16).reshape(plain.Rows, plain.Columns)
    ds.PixelData = encapsulate([bytes(syntax.encode(pixels))])
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    return ds
