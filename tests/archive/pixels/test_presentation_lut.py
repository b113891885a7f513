from __future__ import annotations

import io
import subprocess
from typing import TYPE_CHECKING

import numpy as np
import phantoms
import pytest
from conftest import require_program
from PIL import Image
from pydicom.dataset import Dataset

from archive.pixels.display import display_values
from archive.pixels.frames import ImageFile

if TYPE_CHECKING:
    from pathlib import Path

RAMP = np.linspace(0, 4000, 64 * 64).astype(np.uint16).reshape(64, 64)
WINDOW = {"WindowCenter": "2000", "WindowWidth": "4000"}


def shown(path: Path) -> np.ndarray:
    with ImageFile.open(path) as image:
        return display_values(image.stored_values(0), image.frame_attributes(0))


def presentation_lut(table: list[int], bits: int) -> list[Dataset]:
    item = Dataset()
    item.add_new(0x00283002, "US", [len(table), 0, bits])
    item.add_new(0x00283006, "OW", np.array(table, "<u2").tobytes())
    return [item]


@pytest.mark.peer
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("shape", [None, "IDENTITY", "INVERSE", "LIN OD", ""])
def test_the_shape_decides_before_the_photometric_interpretation(tmp_path: Path, photometric, shape):
    require_program("dcm2pnm")
    extra = {} if shape is None else {"PresentationLUTShape": shape}
    path = phantoms.write_image(
        tmp_path / "i.dcm", RAMP, PhotometricInterpretation=photometric, **WINDOW, **extra
    )
    by_dcmtk = subprocess.run(["dcm2pnm", "+op", "+Wi", "1", path], capture_output=True, check=True).stdout
    with Image.open(io.BytesIO(by_dcmtk)) as picture:
        assert np.abs(shown(path).astype(int) - np.asarray(picture)).max() <= 1


def test_a_table_stands_behind_the_window(tmp_path: Path):
    path = phantoms.write_image(
        tmp_path / "i.dcm",
        RAMP,
        PresentationLUTSequence=presentation_lut([0, 1000, 4095], 12),
        PhotometricInterpretation="MONOCHROME1",
        **WINDOW,
    )
    display = shown(path)
    assert (display[0, 0], display[-1, -1]) == (0, 255)
    assert display[32, 0] == round(1000 / 4095 * 255)  # the middle of the window, the middle of the table


@pytest.mark.parametrize("table", [[], [0]])
def test_a_table_that_cannot_be_read_is_none(tmp_path: Path, table: list[int]):
    sequence = presentation_lut(table, 40)
    path = phantoms.write_image(tmp_path / "i.dcm", RAMP, PresentationLUTSequence=sequence, **WINDOW)
    assert shown(path)[-1, -1] == 255
