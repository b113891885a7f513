"""Drafts, decoded by PIL and enlarged: as near as `docs/graphics.md` says, at a tenth of the bytes."""

import io

import numpy as np
import pytest
from compiled_loops import IMPLEMENTATIONS, using
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

from noctis_tui.demo.phantom import NOISE_HU, SLICES, slice_hu
from noctis_tui.graphics.encoding.drafts import FEWEST, MOST, DraftChoice, choose_draft, encode_draft
from noctis_tui.graphics.encoding.png import encode_png
from noctis_tui.graphics.picture import Picture

SIDE = 1000
GREYS_OR_COLORS = array_shapes(min_dims=2, max_dims=2, max_side=40).flatmap(
    lambda shape: arrays(np.uint8, st.sampled_from([shape, (*shape, 3)]))
)


def resized(pixels, size, how=Image.Resampling.BILINEAR):
    return np.asarray(Image.fromarray(pixels).resize(size, how))


def ct(width=400):
    """A slice of the patient with noise, 512 x 512."""
    values = slice_hu(SLICES // 2)
    values = values + np.random.default_rng(1).normal(0, NOISE_HU, values.shape)
    display = np.clip((values - 40) / width * 255 + 127.5, 0, 255).astype(np.uint8)
    return resized(display, (512, 512))


def enlarged(own):
    return resized(own, (SIDE, SIDE), Image.Resampling.BICUBIC)


def radiograph():
    """Broad shadows with soft edges and little noise, of the screen's size."""
    x, y = np.meshgrid(np.linspace(-1, 1, SIDE), np.linspace(-1, 1, SIDE))
    chest = 90 + 70 * np.cos(2 * x) + 40 * np.sin(3 * y)
    ribs = 18 * np.tanh(8 * np.sin(16 * y + 5 * x * x))
    return np.clip(chest + ribs + np.random.default_rng(2).normal(0, 1.5, x.shape), 0, 255).astype(np.uint8)


def decibels(shown, wanted):
    return 10 * np.log10(255**2 / np.mean((shown.astype(float) - wanted) ** 2))


def small(source):
    """What its own pixels are enlarged to `SIDE`."""
    return source, enlarged(source)


@pytest.mark.parametrize(
    ("source", "exact", "least_db"),
    [
        (*small(ct()), 35),
        (*small(ct(1500)), 35),
        (*small(np.stack([ct(), ct(), ct(600)], axis=2)), 32),
        (radiograph(), None, 39),
        (resized(ct(), (600, 600), Image.Resampling.BICUBIC), None, 29),
    ],
    ids=["ct", "wide window", "colour", "radiograph", "ct in few pixels"],
)
def test_a_draft_is_near_the_picture_at_a_tenth_of_its_bytes(source, exact, least_db):
    exact = source if exact is None else exact
    content = encode_draft(source, choose_draft(exact, source))
    assert len(content) < 0.125 * len(encode_png(Picture(exact)))
    decoded = np.asarray(Image.open(io.BytesIO(content)).convert("L" if exact.ndim == 2 else "RGB"))
    assert decibels(resized(decoded, exact.shape[1::-1]), exact) >= least_db


def test_noise_keeps_its_pixels_and_what_is_smooth_its_greys():
    own = ct()
    assert choose_draft(enlarged(own), own).factor == 1
    smooth = radiograph()
    choice = choose_draft(smooth, smooth)
    assert choice.factor > 1
    assert choice.greys > choose_draft(enlarged(own), own).greys


def test_what_is_small_enough_stays_as_it_is():
    own = resized(radiograph(), (90, 90))
    choice = choose_draft(enlarged(own), own)
    assert choice == DraftChoice(1, 0)
    decoded = np.asarray(Image.open(io.BytesIO(encode_draft(own, choice))))
    assert (decoded == own).all()


def test_compiled_or_not_the_same_draft_is_chosen():
    own = ct()
    chosen = []
    for implementation in IMPLEMENTATIONS:
        with using(implementation):
            chosen.append(choose_draft(enlarged(own), own))
    assert chosen[0] == chosen[1]


@given(GREYS_OR_COLORS, st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_there_is_a_draft_of_every_picture(source, times):
    exact = source if times == 1 else source.repeat(times, axis=0).repeat(times, axis=1)
    choice = choose_draft(exact, source)
    assert choice.greys == 0 or FEWEST <= choice.greys <= MOST
    decoded = Image.open(io.BytesIO(encode_draft(source, choice)))
    assert decoded.size == choice.size_px(source)
    shown = np.asarray(decoded.convert("L" if source.ndim == 2 else "RGB"))
    if choice == DraftChoice(1, 0):
        assert (shown == source).all()
    elif choice.factor == 1:
        step = 255 / (choice.greys - 1)
        assert np.abs(shown.astype(int) - source).max() <= step * 0.7 + 3
