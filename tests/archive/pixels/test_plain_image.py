from __future__ import annotations

import os

import numpy as np
import pydicom
import pytest
from phantoms import write_image
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian, RLELossless

from archive.dicom import keywords as kw
from archive.dicom import plain
from archive.pixels import plain_image
from archive.pixels.plain_image import PlainImages

PIXELS = np.arange(24, dtype=np.int16).reshape(4, 6)


@pytest.fixture(params=["compiled", "python"])
def images(request, monkeypatch):
    if request.param == "python":
        for loop in ("plain_explicit", "plain_implicit", "whole_sequence"):
            monkeypatch.setattr(plain_image, loop, getattr(plain, loop))
    return PlainImages((kw.ROWS, kw.IMAGE_POSITION_PATIENT))


@pytest.fixture
def path(tmp_path):
    inner = pydicom.Dataset()
    inner.CodeValue = "1"
    return write_image(
        tmp_path / "image", PIXELS, ImagePositionPatient=[1, 2, 3], ProcedureCodeSequence=[inner]
    )


def rewritten(path, syntax):
    ds = pydicom.dcmread(path)
    if syntax == RLELossless:
        ds.compress(syntax)
    ds.file_meta.TransferSyntaxUID = syntax
    if syntax == ExplicitVRBigEndian:
        ds.PixelData = PIXELS.astype(">i2").tobytes()
    pydicom.dcmwrite(
        path, ds, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=syntax != ExplicitVRBigEndian
    )


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("implicit", [False, True])
def test_a_glance_finds_values_and_pixels(images, path, implicit, undefined):
    ds = pydicom.dcmread(path)
    ds["ProcedureCodeSequence"].is_undefined_length = undefined
    ds.save_as(path)
    if implicit:
        rewritten(path, ImplicitVRLittleEndian)
    found = images.glance(path)
    assert found.values[kw.IMAGE_POSITION_PATIENT] == b"1.0\\2.0\\3.0 "
    assert found.values[kw.ROWS] == b"\x04\0"
    held = path.read_bytes()[found.pixel_offset : found.pixel_offset + found.pixel_length]
    assert held == PIXELS.tobytes()


@pytest.mark.parametrize("large", [False, True])
def test_pixels_beyond_the_head_are_found_too(images, tmp_path, large):
    pixels = np.arange(300 * 300, dtype=np.int32).astype(np.int16).reshape(300, 300)
    about = "x" * (60_000 if large else 10)
    found = images.glance(write_image(tmp_path / "image", pixels, TextValue=about))
    assert (tmp_path / "image").read_bytes()[found.pixel_offset :] == pixels.tobytes()


def test_of_compressed_pixels_only_the_place_is_told(images, path):
    rewritten(path, RLELossless)
    found = images.glance(path)
    assert found.pixel_length is None
    assert path.read_bytes()[found.pixel_offset :].startswith(b"\xfe\xff\x00\xe0")


def test_big_endian_files_are_left_to_others(images, path):
    rewritten(path, ExplicitVRBigEndian)
    assert images.glance(path) is None


@pytest.mark.parametrize(
    "attributes",
    [
        {"NumberOfFrames": "3"},
        {"ImageType": ["ORIGINAL", "PRIMARY", "M", "MOSAIC"]},
        {"ModalityLUTSequence": [pydicom.Dataset()]},
        {"SharedFunctionalGroupsSequence": [pydicom.Dataset()]},
        {"TotalPixelMatrixColumns": 6, "TotalPixelMatrixRows": 4},
        {"PixelData": None, "FloatPixelData": b"\0" * 96},
    ],
    ids=lambda attributes: next(iter(attributes)),
)
def test_what_is_odd_is_left_to_others(images, path, attributes):
    ds = pydicom.dcmread(path)
    for keyword, value in attributes.items():
        if value is None:
            delattr(ds, keyword)
        else:
            setattr(ds, keyword, value)
    ds.save_as(path)
    assert images.glance(path) is None


def test_a_file_that_ends_before_its_pixels_do_is_left_to_others(images, path):
    path.write_bytes(path.read_bytes()[:-2])
    assert images.glance(path) is None


def test_a_pipe_does_not_hold_it(images, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert images.glance(tmp_path / "pipe") is None
    with pytest.raises(FileNotFoundError):
        images.glance(tmp_path / "gone")
