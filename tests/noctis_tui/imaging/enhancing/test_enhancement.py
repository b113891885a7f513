"""Enhancement against scikit-image and against its own definition: pure, whole-image, the same shape."""

import numpy as np
import pytest
from skimage import exposure, filters

from noctis_tui.imaging.enhancing.bilateral_filter import denoised
from noctis_tui.imaging.enhancing.clahe import locally_equalized
from noctis_tui.imaging.enhancing.enhancement import (
    Enhancement,
    EnhancementKind,
    enhance,
    first_of,
    following,
)
from noctis_tui.imaging.enhancing.histogram_equalization import equalized
from noctis_tui.imaging.enhancing.sobel import edges
from noctis_tui.imaging.enhancing.unsharp_mask import sharpened


@pytest.fixture(scope="module")
def body():
    """Something round on black, with shading and noise; its sides are no multiples of eight."""
    y, x = np.mgrid[0:251, 0:300]
    shaded = 90 + 50 * np.sin(x / 37) * np.cos(y / 53) + 40 * ((x - 150) ** 2 + (y - 120) ** 2 < 40**2)
    inside = (x - 150) ** 2 / 140**2 + (y - 125) ** 2 / 110**2 < 1
    noisy = shaded + np.random.default_rng(3).normal(0, 8, shaded.shape)
    return np.where(inside, np.clip(noisy, 1, 255), 0).astype(np.uint8)


def _apart(some, other):
    return np.abs(some.astype(float) - other)


def test_sharpening_is_scikit_image_s_unsharp_mask(body):
    reference = filters.unsharp_mask(body.astype(float), radius=1.5, amount=1, preserve_range=True)
    apart = _apart(sharpened(body, amount=1), np.clip(reference, 0, 255))
    assert apart.mean() <= 0.5
    assert np.percentile(apart, 99.9) <= 4  # Pillow's blur is three boxes


def test_edges_are_scikit_image_s_sobel(body):
    assert _apart(edges(body, gain=1), np.clip(filters.sobel(body.astype(float)), 0, 255)).max() <= 0.51


def test_equalising_is_scikit_image_s_without_the_air(body):
    reference = 255 * exposure.equalize_hist(body, 256, mask=body > 0)
    inside = body > 0
    assert _apart(equalized(body)[inside], reference[inside]).max() <= 0.51
    assert (equalized(body)[~inside] == 0).all()


@pytest.mark.parametrize("clip_factor", [1.6, 4.0, 7.0])
def test_clahe_agrees_with_scikit_image_up_to_its_final_stretch(body, clip_factor):
    tile = -(-body.shape[0] // 8), -(-body.shape[1] // 8)
    reference = exposure.equalize_adapthist(body, kernel_size=tile, clip_limit=clip_factor / 256, nbins=256)
    ours = locally_equalized(body, clip_factor=clip_factor)
    apart = _apart(_stretched(ours), _stretched(reference))
    assert apart.mean() <= 4
    assert np.corrcoef(ours.reshape(-1), reference.reshape(-1))[0, 1] >= 0.99


def _stretched(values):
    values = values.astype(float)
    return 255 * (values - values.min()) / (values.max() - values.min())


def test_clahe_leaves_air_dark_and_has_no_seams():
    ramp = np.tile(np.linspace(0, 255, 256).astype(np.uint8), (128, 1))
    steps = np.abs(np.diff(locally_equalized(ramp, clip_factor=2).astype(int), axis=1))
    assert steps.max() <= 6
    assert locally_equalized(np.zeros((100, 100), np.uint8), clip_factor=4).max() <= 4


def test_denoising_is_the_bilateral_mean_by_its_definition(body):
    smooth = denoised(body, sigma_levels=26)
    for row, column in [(0, 0), (125, 150), (60, 77), (250, 299), (127, 128), (128, 3)]:
        assert abs(int(smooth[row, column]) - _bilateral_at(body, row, column, 26)) <= 0.51


def _bilateral_at(display, row, column, sigma_levels):
    total = weights = 0.0
    for down in range(-2, 3):
        for across in range(-2, 3):
            y = min(max(row + down, 0), display.shape[0] - 1)
            x = min(max(column + across, 0), display.shape[1] - 1)
            apart = float(display[y, x]) - float(display[row, column])
            weight = np.exp(-(down**2 + across**2) / (2 * 1.5**2)) * np.exp(
                -(apart**2) / (2 * sigma_levels**2)
            )
            total += weight * display[y, x]
            weights += weight
    return total / weights


def test_denoising_halves_noise_and_keeps_an_edge():
    noise = np.random.default_rng(1).normal(0, 6, (200, 200))
    step = np.where(np.arange(200) < 100, 60, 200) + noise
    smooth = denoised(np.clip(step, 0, 255).astype(np.uint8), sigma_levels=26).astype(float)
    assert smooth[:, 10:90].std() < 0.55 * noise.std()
    assert (smooth[:, 100] - smooth[:, 99]).mean() > 130


@pytest.mark.parametrize("kind", EnhancementKind)
@pytest.mark.parametrize("shape", [(1, 1), (3, 500), (17, 9), (64, 64), (40, 50, 3)])
def test_every_kind_takes_every_shape_and_changes_nothing_in_place(kind, shape):
    display = np.random.default_rng(2).integers(0, 256, shape).astype(np.uint8)
    before = display.copy()
    for strength in (10, 100):
        enhanced = enhance(display, Enhancement(kind, strength))
        assert enhanced.shape == shape
        assert enhanced.dtype == np.uint8
    assert np.array_equal(display, before)


@pytest.mark.parametrize("kind", [kind for kind in EnhancementKind if kind is not EnhancementKind.EDGES])
def test_of_colour_the_hue_stays(kind):
    display = np.random.default_rng(2).integers(80, 170, (64, 64, 3)).astype(np.uint8)
    display[..., 0] += 20
    moved = enhance(display, Enhancement(kind, 20)).astype(int) - display
    inside = (enhance(display, Enhancement(kind, 20)) % 255 > 0).all(axis=2)
    assert (moved[inside].max(axis=1) == moved[inside].min(axis=1)).all()


def test_the_round_goes_through_every_kind_and_back_to_none():
    seen, enhancement = [], following(None)
    while enhancement is not None:
        seen.append(enhancement.kind)
        enhancement = following(enhancement)
    assert seen == list(EnhancementKind)
    assert following(None, -1) == first_of(EnhancementKind.EQUALIZE)


def test_strength_keeps_to_its_ends():
    assert first_of(EnhancementKind.CLAHE).stronger(99).strength == 100
    assert first_of(EnhancementKind.CLAHE).stronger(-99).strength == 10
    assert first_of(EnhancementKind.CLAHE).title == "CLAHE 50 %"
