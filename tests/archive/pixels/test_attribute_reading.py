from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import phantoms
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from archive.pixels.frames import ImageFile
from archive.pixels.modality_lut import Rescale, modality_values
from archive.pixels.voi_lut import Window

if TYPE_CHECKING:
    from pathlib import Path

    from archive.pixels.attributes import FrameAttributes


def item(**attributes) -> Dataset:
    ds = Dataset()
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    return ds


def one(**attributes) -> Sequence:
    return Sequence([item(**attributes)])


def frame_of(path: Path, index: int = 0) -> FrameAttributes:
    with ImageFile.open(path) as image:
        return image.frame_attributes(index)


@pytest.fixture
def enhanced(tmp_path: Path) -> Path:
    per_frame = Sequence(
        [
            item(
                PlanePositionSequence=one(ImagePositionPatient=[0, 0, 5 * index]),
                PixelValueTransformationSequence=one(
                    RescaleSlope=str(index + 1), RescaleIntercept="-10", RescaleType="US"
                ),
                FrameVOILUTSequence=one(WindowCenter=str(100 * index), WindowWidth="50"),
                FrameContentSequence=one(StackID="1", InStackPositionNumber=index + 1),
            )
            for index in range(3)
        ]
    )
    shared = one(
        PlaneOrientationSequence=one(ImageOrientationPatient=[1, 0, 0, 0, 1, 0]),
        PixelMeasuresSequence=one(PixelSpacing=[0.5, 0.25], SliceThickness="5"),
        FrameVOILUTSequence=one(WindowCenter="1", WindowWidth="2"),  # each frame has its own
    )
    return phantoms.write_image(
        tmp_path / "i.dcm",
        np.ones((3, 4, 4), np.int16),
        SharedFunctionalGroupsSequence=shared,
        PerFrameFunctionalGroupsSequence=per_frame,
    )


def test_functional_groups_hold_for_their_frames(enhanced: Path):
    with ImageFile.open(enhanced) as image:
        for index in (2, 0, 1):
            frame = image.frame_attributes(index)
            assert frame.image_position_patient == (0, 0, 5 * index)
            assert frame.image_orientation_patient == (1, 0, 0, 0, 1, 0)
            assert (frame.pixel_spacing, frame.slice_thickness_mm) == ((0.5, 0.25), 5)
            assert frame.rescale == Rescale(index + 1, -10)
            assert frame.windows == (Window(100 * index, 50),)
            assert (frame.stack_id, frame.in_stack_position_number) == ("1", index + 1)
            assert frame.units is None
            assert modality_values(image.stored_values(index), frame)[0, 0] == index + 1 - 10


def test_real_functional_groups(shared_data: Path):
    with ImageFile.open(shared_data / "single" / "enh_mr_coronal_t2.dcm") as image:
        assert image.frame_count == 15
        positions = {image.frame_attributes(index).image_position_patient for index in range(15)}
    assert len(positions) == 15


@pytest.mark.parametrize(
    ("attributes", "spacing", "calibration"),
    [
        ({"PixelSpacing": [0.5, 0.7]}, (0.5, 0.7), "patient"),
        ({"PixelSpacing": [0.5, 0.7], "PixelSpacingCalibrationType": "FIDUCIAL"}, (0.5, 0.7), "FIDUCIAL"),
        ({"ImagerPixelSpacing": [0.1, 0.2]}, (0.1, 0.2), "detector"),
        ({"PixelSpacing": [0, 0.7], "ImagerPixelSpacing": [0.1, 0.2]}, (0.1, 0.2), "detector"),
        ({"NominalScannedPixelSpacing": [0.1, 0.2]}, (0.1, 0.2), "scanned film"),
        ({"PixelSpacing": [-1, 1]}, None, ""),
        ({}, None, ""),
    ],
)
def test_the_size_of_a_pixel_and_who_says_so(tmp_path: Path, attributes, spacing, calibration):
    frame = frame_of(phantoms.write_image(tmp_path / "i.dcm", np.zeros((2, 2), np.uint8), **attributes))
    assert (frame.pixel_spacing, frame.spacing_calibration) == (spacing, calibration)
    assert frame.pixel_aspect_ratio == (spacing or (1, 1))


def region(delta_x: float, delta_y: float, units: int = 3) -> Dataset:
    return item(
        RegionSpatialFormat=1,
        PhysicalUnitsXDirection=units,
        PhysicalUnitsYDirection=units,
        PhysicalDeltaX=delta_x,
        PhysicalDeltaY=delta_y,
    )


@pytest.mark.parametrize(
    ("regions", "spacing"),
    [
        ([region(0.05, 0.04)], (0.4, 0.5)),
        ([region(0.05, 0.04), region(0.05, 0.04)], (0.4, 0.5)),
        ([region(0.05, 0.04), region(0.01, 0.01)], None),
        ([region(0.05, 0.04, units=7)], None),
        ([region(0.0, 0.04)], None),
    ],
)
def test_ultrasound_regions_that_agree_give_a_spacing(tmp_path: Path, regions, spacing):
    frame = frame_of(
        phantoms.write_image(
            tmp_path / "i.dcm", np.zeros((2, 2), np.uint8), SequenceOfUltrasoundRegions=Sequence(regions)
        )
    )
    assert frame.pixel_spacing == (pytest.approx(spacing) if spacing else None)


@pytest.mark.parametrize(
    ("attributes", "units"),
    [
        ({"RescaleSlope": "1", "RescaleIntercept": "0"}, "HU"),
        ({"RescaleSlope": "1", "RescaleIntercept": "0", "RescaleType": "HU"}, "HU"),
        ({"RescaleSlope": "1", "RescaleIntercept": "0", "RescaleType": "US"}, None),
        ({"RescaleSlope": "1", "RescaleIntercept": "0", "Modality": "MR"}, None),
        ({"Modality": "PT", "Units": "BQML", "RescaleSlope": "2", "RescaleIntercept": "0"}, "BQML"),
        ({}, None),
    ],
)
def test_units_are_named_when_they_are_known(tmp_path: Path, attributes, units):
    frame = frame_of(phantoms.write_image(tmp_path / "i.dcm", np.zeros((2, 2), np.int16), **attributes))
    assert frame.units == units


def test_positions_with_nan_are_unknown(tmp_path: Path):
    ds = phantoms.image(np.zeros((2, 2), np.int16))
    ds.save_as(tmp_path / "i.dcm", enforce_file_format=True)
    data = (tmp_path / "i.dcm").read_bytes()
    at = data.rindex(b"\x28\x00\x02\x00US")
    position = b"\x20\x00\x32\x00DS\x08\x00nan\\0\\0 "
    (tmp_path / "i.dcm").write_bytes(data[:at] + position + data[at:])
    assert frame_of(tmp_path / "i.dcm").image_position_patient is None


def test_cine_rates(tmp_path: Path):
    pixels = np.zeros((3, 2, 2), np.uint8)
    for attributes, rate in (
        ({"FrameTime": "40"}, 25),
        ({"FrameTimeVector": ["0", "50", "50"]}, 20),
        ({"CineRate": "15"}, 15),
        ({"RecommendedDisplayFrameRate": "30"}, 30),
        ({"FrameTime": "0"}, None),
    ):
        with ImageFile.open(phantoms.write_image(tmp_path / "i.dcm", pixels, **attributes)) as image:
            assert image.attributes.cine_frames_per_second == rate


def test_clips_that_are_to_be_played_back_and_forth_say_so(tmp_path: Path):
    pixels = np.zeros((3, 2, 2), np.uint8)
    for value, sweeps in ((0, False), (1, True), (None, False)):
        attributes = {} if value is None else {"PreferredPlaybackSequencing": value}
        with ImageFile.open(phantoms.write_image(tmp_path / "i.dcm", pixels, **attributes)) as image:
            assert image.attributes.sweeps is sweeps
