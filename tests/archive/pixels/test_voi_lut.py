from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import phantoms
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_windowing

from archive.pixels.frames import ImageFile
from archive.pixels.modality_lut import modality_values
from archive.pixels.voi_lut import Window, apply_window, automatic_window

if TYPE_CHECKING:
    from pathlib import Path

VALUES = np.arange(-2048, 2048, dtype=np.int16)


def by_pydicom(window: Window) -> np.ndarray:
    ds = Dataset()
    ds.WindowCenter, ds.WindowWidth, ds.VOILUTFunction = window.center, window.width, window.function
    ds.BitsStored, ds.PixelRepresentation, ds.PhotometricInterpretation = 12, 1, "MONOCHROME2"
    return (apply_windowing(VALUES, ds) + 2048) / 4095


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize(("center", "width"), [(40, 400), (0, 1), (-600.5, 1500), (3000, 2), (1e6, 1e6)])
def test_functions_are_the_standards(function, center: float, width: float):
    window = Window(center, width, function)
    if function == "LINEAR" and width == 1:
        expected = np.greater(VALUES, center - 0.5).astype(float)
    else:
        expected = by_pydicom(window)
    np.testing.assert_allclose(apply_window(VALUES, window), expected, atol=1e-9)


def test_a_linear_window_narrower_than_one_is_exact():
    values = np.array([0.0, 0.25, 0.5, 1.0])
    np.testing.assert_allclose(apply_window(values, Window(0.25, 0.5)), [0, 0.5, 1, 1])


@given(
    arrays(np.float32, 20, elements=st.floats(width=32)),
    st.floats(-1e38, 1e38),
    st.floats(1e-30, 1e38),
    st.sampled_from(["LINEAR", "LINEAR_EXACT", "SIGMOID"]),
)
def test_any_values_stay_between_black_and_white(values, center, width, function):
    shown = apply_window(values, Window(center, width, function))
    assert ((shown >= 0) & (shown <= 1)).all()


def test_windows_that_cannot_be_used_are_left_out(tmp_path: Path):
    path = phantoms.write_image(
        tmp_path / "i.dcm",
        np.zeros((2, 2), np.int16),
        WindowCenter=["40", "1", "50", "60"],
        WindowWidth=["400", "0", "-5"],
        WindowCenterWidthExplanation=["soft", "none"],
    )
    with ImageFile.open(path) as image:
        assert image.frame_attributes(0).windows == (Window(40, 400, "LINEAR", "soft"),)


def test_automatic_window_shows_the_bulk():
    values = np.random.default_rng(0).normal(1000, 100, (200, 200)).astype(np.float32)
    values[0, :3] = (1e9, -1e9, np.nan)
    window = automatic_window(values)
    assert window.center == pytest.approx(1000, abs=30)
    assert 400 < window.width < 700


@pytest.mark.parametrize("declared", [(-3024.0, -3024.0), None])
def test_a_rim_far_below_does_not_widen_the_window(declared):
    values = np.random.default_rng(0).normal(0, 100, (200, 200)).astype(np.float32)
    values[:60] = -3024
    window = automatic_window(values, declared)
    assert window.width < 800


def test_a_rim_far_above_does_not_widen_the_window():
    values = np.random.default_rng(0).normal(0, 100, (200, 200)).astype(np.float32)
    values[:60] = 63536
    values[60:70] = -3024
    window = automatic_window(values)
    assert window.width < 800


def test_a_map_of_few_spots_shows_them_all():
    values = np.zeros((200, 200), np.float32)
    values[100, 100:120] = np.linspace(0.1, 2, 20)
    window = automatic_window(values)
    low, high = window.center - window.width / 2, window.center + window.width / 2
    assert low == pytest.approx(0)
    assert 1 < high <= 2


@pytest.mark.parametrize("share", [0.003, 0.05, 0.5, 0.95])
def test_a_mask_is_black_and_white_however_much_it_covers(share: float):
    values = np.zeros((200, 200), np.uint16)
    values.flat[: int(share * values.size)] = 3000
    window = automatic_window(values)
    assert (window.center - window.width / 2, window.center + window.width / 2) == pytest.approx(
        (0, 3000), abs=1
    )


def test_a_dark_background_is_no_rim():
    values = np.random.default_rng(0).integers(0, 500, (200, 200)).astype(np.float32)
    values[:100] = 0
    window = automatic_window(values)
    assert window.center - window.width / 2 == pytest.approx(0, abs=5)


@pytest.mark.parametrize("value", [0.0, -1024.0, 1e-20, 3e38])
def test_a_constant_image_has_a_window(value: float):
    window = automatic_window(np.full((10, 10), value, np.float32))
    assert window.width > 0
    assert np.isfinite([window.center, window.width]).all()


def test_nothing_but_nan_has_a_window():
    assert automatic_window(np.full((3, 3), np.nan, np.float32)).width > 0


def test_small_floats_get_an_exact_window():
    window = automatic_window(np.linspace(0, 1, 10000, dtype=np.float32))
    assert window.function == "LINEAR_EXACT"
    assert (window.center, window.width) == pytest.approx((0.5, 0.99), abs=0.01)


def test_the_rim_of_a_real_ct_is_left_out(shared_data: Path):
    path = min((shared_data / "volumes" / "ct_chest_cmb_crc").iterdir())
    with ImageFile.open(path) as image:
        frame = image.frame_attributes(0)
        values = modality_values(image.stored_values(0), frame)
    assert frame.padding_range == (-2000, -2000)  # 63536, written as US in a signed image
    assert frame.modality_padding == (-3024, -3024)
    for padding in (frame.modality_padding, None):
        window = automatic_window(values, padding)
        assert window.center - window.width / 2 > -1200
