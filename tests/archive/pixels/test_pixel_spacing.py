from __future__ import annotations

import numpy as np
import pytest
from phantoms import write_image

from archive.pixels.frames import ImageFile


@pytest.mark.parametrize("spacing", [["1e-310", "1"], ["1", "1e300"], ["0", "1"], ["-1", "1"]])
def test_sizes_that_no_pixel_has_are_none(tmp_path, spacing):
    path = write_image(tmp_path / "image.dcm", np.zeros((4, 4), np.int16), PixelSpacing=spacing)
    with ImageFile.open(path) as image:
        frame = image.frame_attributes(0)
    assert frame.pixel_spacing is None
    assert frame.pixel_aspect_ratio == (1.0, 1.0)


@pytest.mark.parametrize("spacing", [["0.000125", "0.000125"], ["100", "0.5"]])
def test_a_slide_and_a_bad_ratio_have_their_sizes(tmp_path, spacing):
    path = write_image(tmp_path / "image.dcm", np.zeros((4, 4), np.int16), PixelSpacing=spacing)
    with ImageFile.open(path) as image:
        assert image.frame_attributes(0).pixel_spacing == tuple(map(float, spacing))
