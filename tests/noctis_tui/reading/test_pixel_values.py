from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import phantoms
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from archive.pixels.suv_type import SuvType
from noctis_tui.reading.frame_reading import read_frame
from noctis_tui.reading.pixel_values import place_text, value_text

if TYPE_CHECKING:
    from pathlib import Path


def doppler(path: Path) -> Path:
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType = 3, 3
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 0, 10
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 39, 29
    region.PhysicalUnitsXDirection, region.PhysicalUnitsYDirection = 4, 7
    region.PhysicalDeltaX, region.PhysicalDeltaY = 0.01, -2.5
    region.ReferencePixelX0, region.ReferencePixelY0 = 39, 10
    return phantoms.write_image(
        path, np.zeros((30, 40), np.uint8), Modality="US", SequenceOfUltrasoundRegions=Sequence([region])
    )


def test_a_doppler_spectrum_is_read_in_seconds_and_cm_per_second(tmp_path: Path):
    frame = read_frame(doppler(tmp_path / "us.dcm"))
    assert place_text(frame, 9, 14) == "(9, 14)  x −0.3 s  y 15 cm/s"
    assert place_text(frame, 9, 5) == "(9, 5)"


def test_a_map_without_unit_is_read_through_the_files_own_mapping(shared_data: Path):
    frame = read_frame(shared_data / "single" / "enh_ct_supplemental_palette.dcm")
    row, column = (int(at) for at in np.argwhere(frame.stored_values == 1100)[0])
    assert value_text(frame, column, row) == "76 ml/100ml/s"


def test_a_pet_tells_its_uptake_beside_its_activity(shared_data: Path):
    frame = read_frame(shared_data / "single/pt_acrin_flt_029.dcm")
    assert value_text(frame, 84, 84, SuvType.BODY_WEIGHT) == "1405 Bq/ml · SUVbw 0.835"
    assert value_text(frame, 84, 84, SuvType.LEAN_BODY_MASS) == "1405 Bq/ml"
    assert value_text(frame, 84, 84) == "1405 Bq/ml"
