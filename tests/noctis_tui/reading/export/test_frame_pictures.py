from __future__ import annotations

import numpy as np
import pytest
from phantoms import write_image

from noctis_tui.reading.export.frame_pictures import LONGEST_SIDE_PX, picture_of
from noctis_tui.reading.export.request import Look
from noctis_tui.reading.frame_reading import read_frame
from noctis_tui.reading.overlay import Whereabouts
from noctis_tui.reading.stack import FrameRef


@pytest.mark.parametrize(("ratio", "size"), [((1, 2), (512, 1024)), ((1, 1_000_000), (1, LONGEST_SIDE_PX))])
def test_square_pixels_as_far_as_the_ratio_is_one_that_pixels_have(tmp_path, ratio, size):
    pixels = np.zeros((64, 64), np.int16)
    path = write_image(tmp_path / "image.dcm", pixels, PixelAspectRatio=list(ratio))
    picture = picture_of(read_frame(path), FrameRef(path, 0), Look(burn_in=True), Whereabouts(1, 1, None))
    assert picture.shape[:2] == size
