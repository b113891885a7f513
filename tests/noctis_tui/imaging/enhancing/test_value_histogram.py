"""The histogram counts modality values, without padding, whatever they are stored as."""

import numpy as np
import pytest
from phantoms import write_image

from noctis_tui.imaging.enhancing.value_histogram import BINS
from noctis_tui.reading.frame_reading import read_frame


def _histogram(tmp_path, pixels, **attributes):
    return read_frame(write_image(tmp_path / "image.dcm", pixels, **attributes), 0).histogram


def test_it_counts_modality_values_without_padding(tmp_path):
    pixels = np.full((20, 30), -2000, np.int16)
    pixels[5:10] = 24
    pixels[10:15] = 1024
    histogram = _histogram(
        tmp_path, pixels, RescaleSlope="2", RescaleIntercept="-1024", PixelPaddingValue=-2000
    )
    assert (histogram.low, histogram.high) == (-976, 1024)
    assert histogram.counts[0] == histogram.counts[-1] == 150
    assert histogram.counts.sum() == 300
    assert len(histogram.counts) == BINS


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16])
def test_it_is_numpy_s(tmp_path, dtype):
    pixels = np.random.default_rng(4).integers(3, 120, (64, 50)).astype(dtype)
    expected, _ = np.histogram(pixels, BINS, (3, 119))
    assert np.array_equal(_histogram(tmp_path, pixels).counts, expected)


def test_of_colour_it_is_the_luma_s(tmp_path):
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:4] = (0, 255, 0)
    histogram = _histogram(tmp_path, pixels)
    assert histogram.high == pytest.approx(0.587 * 255)
    assert histogram.counts[0] == histogram.counts[-1] == 32


def test_one_value_alone_is_a_histogram_too(tmp_path):
    histogram = _histogram(tmp_path, np.full((4, 4), 7, np.uint16))
    assert histogram.low == histogram.high == 7
    assert histogram.counts.sum() == 16
    assert histogram.place_of(9) == 0.5
