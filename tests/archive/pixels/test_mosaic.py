"""Mosaics: tiles against a volume that is known, places against the protocol that planned them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pydicom
import pytest
from mosaics import NORMAL, volume, written

from archive.errors import BadInput
from archive.pixels.frames import ImageFile
from archive.pixels.mosaic import Mosaic, open_mosaic

if TYPE_CHECKING:
    from pathlib import Path


def opened(path: Path) -> Mosaic | None:
    return open_mosaic(ImageFile.open(path))


def test_slices_come_out_as_they_went_in(tmp_path: Path):
    path = written(tmp_path / "m.dcm", {"NumberOfImagesInMosaic": ["7"], "SliceNormalVector": NORMAL})
    mosaic = opened(path)
    assert mosaic is not None
    assert np.array_equal([mosaic.stored_values(k) for k in range(mosaic.count)], volume())
    # the corner of a slice of 18 pixels lies 12 mm further out than that of one of 6
    assert mosaic.attributes(0).image_position_patient == (-6, -6, 10)
    assert mosaic.attributes(3).image_position_patient == (-6, -6, 22)
    assert mosaic.attributes(3).frame_index == 4
    with pytest.raises(BadInput):
        mosaic.stored_values(7)


def test_slices_fall_when_the_header_says_so(tmp_path: Path):
    header = {"NumberOfImagesInMosaic": ["7"], "SliceNormalVector": ["0", "0", "-1"]}
    assert opened(written(tmp_path / "m.dcm", header)).attributes(1).image_position_patient == (-6, -6, 6)


def protocol(first_z: float, last_z: float) -> bytes:
    lines = [
        f"sSliceArray.asSlice[{place}].sPosition.dTra = {z}\n" for place, z in ((0, first_z), (6, last_z))
    ]
    return (
        "### ASCCONV BEGIN ###\nsSliceArray.lSize = 7\n" + "".join(lines) + "### ASCCONV END ###"
    ).encode()


@pytest.mark.parametrize(("first", "last", "step"), [(10, 34, 4), (-14, 10, -4), (10, -14, -4), (34, 10, 4)])
def test_the_protocol_knows_which_way_slices_go(tmp_path: Path, first, last, step):
    mosaic = opened(written(tmp_path / "m.dcm", {}, protocol(first, last)))
    assert mosaic.attributes(2).image_position_patient == (-6, -6, 10 + 2 * step)


def test_places_that_nothing_tells_are_not_invented(tmp_path: Path):
    mosaic = opened(written(tmp_path / "m.dcm", {"NumberOfImagesInMosaic": ["7"]}))
    assert mosaic.attributes(0).image_position_patient == (-6, -6, 10)
    assert mosaic.attributes(1).image_position_patient is None
    elsewhere = opened(written(tmp_path / "n.dcm", {}, protocol(500, 900)))
    assert elsewhere.attributes(1).image_position_patient is None


@pytest.mark.parametrize("count", ["0", "-3", "1", "4097", "nan", "2000000000", "x", "17"])
def test_counts_that_do_not_fit_leave_the_picture_whole(tmp_path: Path, count):
    assert opened(written(tmp_path / "m.dcm", {"NumberOfImagesInMosaic": [count]})) is None


def test_other_images_are_none(tmp_path: Path):
    header = {"NumberOfImagesInMosaic": ["7"]}
    assert opened(written(tmp_path / "m.dcm", header, ImageType=["ORIGINAL", "PRIMARY"])) is None


def test_a_real_mosaic_lies_where_its_protocol_planned_it(shared_data: Path):
    """Image numbering is reversed in this series: the first tile is the topmost slice."""
    path = shared_data / "volumes/mr_mosaic_fmri/IM-0001-0001.dcm"
    mosaic = opened(path)
    assert mosaic is not None
    text = pydicom.dcmread(path, stop_before_pixels=True)[0x0029, 0x1020].value.decode("latin-1")
    pattern = r"asSlice\[{}\]\.sPosition\.d(?:Sag|Cor|Tra)\s*=\s*(\S+)"
    whole = pydicom.dcmread(path).pixel_array
    for tile in (0, 17, 49):
        frame = mosaic.attributes(tile)
        across, down = np.reshape(frame.image_orientation_patient, (2, 3))
        center = np.array(frame.image_position_patient) + 40 * 2.5 * (across + down)
        planned = [float(number) for number in re.findall(pattern.format(49 - tile), text)]
        assert center == pytest.approx(planned, abs=1e-3)
        top, left = tile // 8 * 80, tile % 8 * 80
        assert np.array_equal(mosaic.stored_values(tile), whole[top : top + 80, left : left + 80])
