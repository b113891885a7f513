from __future__ import annotations

from dataclasses import replace

import pydicom
import pytest
import volume_phantoms as vp

from archive.pixels import plain_image
from noctis_tui.imaging.stacking.stack_frame import Refusal
from noctis_tui.reading.series_headers import SeriesHeaders
from noctis_tui.reading.volume_sources import read_sources

GRID = vp.Grid((6, 12, 9), (2.5, 0.7, 0.9), vp.CORONAL, (-20.5, 31, 12))


def read_both(paths):
    """Return what the fast way and the thorough one say, and how many frames the fast one was for."""
    headers = SeriesHeaders()
    fast, thorough = [headers.read(path) for path in paths], [read_sources(path) for path in paths]
    raw = sum(
        each.pixels_at is not None for found in fast if not isinstance(found, Refusal) for each in found
    )
    plain = [
        found if isinstance(found, Refusal) else [replace(each, pixels_at=None) for each in found]
        for found in fast
    ]
    return plain, thorough, raw


def changed(path, **attributes):
    ds = pydicom.dcmread(path)
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    ds.save_as(path)


@pytest.fixture
def paths(tmp_path):
    return vp.write_series(
        tmp_path,
        GRID,
        vp.index_ramp(GRID),
        AcquisitionTime=lambda k: f"1200{k:02}.5",
        AcquisitionDate="20240102",
        TriggerTime=lambda k: str(30.5 * k),
        EchoTime="12.5",
        ImageType=["ORIGINAL", "PRIMARY", "AXIAL"],
        PixelPaddingValue=-2000,
    )


def test_neighbours_are_read_as_the_first_one_was(paths):
    fast, thorough, raw = read_both(paths)
    assert fast == thorough
    assert raw == len(paths) - 1


@pytest.mark.parametrize(
    "attributes",
    [
        {"RescaleSlope": "2.5"},
        {"RescaleSlope": None},
        {"RescaleSlope": "nan"},
        {"PixelSpacing": ["3", "4"]},
        {"ImagePositionPatient": ["1", "2"]},
        {"ImagePositionPatient": None},
        {"InstanceNumber": None},
        {"EchoTime": ""},
        {"EchoNumbers": ["1", "2"]},
        {"DiffusionBValue": 1000.0, "DiffusionGradientOrientation": [0.0, 0.6, 0.8]},
        {"NumberOfFrames": "1"},
        {"NumberOfFrames": "2"},
        {"ImageType": ["ORIGINAL", "PRIMARY", "M", "MOSAIC"]},
        {"PhotometricInterpretation": "MONOCHROME1"},
        {"BitsStored": 12, "HighBit": 11},
        {"ModalityLUTSequence": [pydicom.Dataset()]},
        {"Modality": "SEG"},
        {"FrameOfReferenceUID": "1.2"},
    ],
    ids=str,
)
def test_an_odd_one_among_them_is_read_as_by_itself(paths, attributes, recwarn):
    with pydicom.config.disable_value_validation():
        changed(paths[3], **attributes)
        fast, thorough, _ = read_both(paths)
    assert fast == thorough


def test_compressed_neighbours_are_read_as_the_first_one_was(paths):
    from pydicom.uid import RLELossless

    for path in paths:
        ds = pydicom.dcmread(path)
        ds.compress(RLELossless)
        ds.save_as(path)
    fast, thorough, raw = read_both(paths)
    assert fast == thorough
    assert raw == 0


def test_nested_sequences_of_undefined_length_are_passed_over(paths):
    inner = pydicom.Dataset()
    inner.CodeValue = "1"
    outer = pydicom.Dataset()
    outer.ProcedureCodeSequence = [inner]
    for path in paths:
        ds = pydicom.dcmread(path)
        ds.RequestAttributesSequence = [outer]
        ds["RequestAttributesSequence"].is_undefined_length = True
        ds.save_as(path)
    fast, thorough, raw = read_both(paths)
    assert fast == thorough
    assert raw == len(paths) - 1


def test_a_longer_header_is_read_again(paths, monkeypatch):
    monkeypatch.setattr(plain_image, "HEAD_BYTES", 300)
    fast, thorough, raw = read_both(paths)
    assert fast == thorough
    assert raw == len(paths) - 1
    monkeypatch.setattr(plain_image, "LONG_HEAD_BYTES", 400)
    fast, thorough, raw = read_both(paths)
    assert fast == thorough
    assert raw == 0


def test_a_file_that_is_cut_anywhere_is_never_an_exception(paths):
    whole = paths[2].read_bytes()
    headers = SeriesHeaders()
    headers.read(paths[0])
    for length in range(0, len(whole), 3):
        paths[2].write_bytes(whole[:length])
        headers.read(paths[2])


def test_bytes_changed_anywhere_are_never_an_exception(paths):
    whole = bytearray(paths[2].read_bytes())
    headers = SeriesHeaders()
    headers.read(paths[0])
    for place in range(132, len(whole) - 220, 2):
        for value in (0, 0xFF, whole[place] ^ 1):
            broken = bytearray(whole)
            broken[place] = value
            paths[2].write_bytes(broken)
            headers.read(paths[2])


@pytest.mark.shared
def test_every_shared_series_is_read_as_each_file_by_itself(shared_data):
    for folder in sorted((shared_data / "volumes").iterdir()):
        fast, thorough, _ = read_both([path for path in sorted(folder.rglob("*")) if path.is_file()])
        assert fast == thorough, folder.name
