import io

import numpy as np
import pytest
from compiled_loops import FILTERS, IMPLEMENTATIONS, using
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from noctis_tui.graphics.encoding.dither import Quality, index_picture
from noctis_tui.graphics.encoding.png import (
    DRAFTS,
    encode_draft_png,
    encode_overlay_png,
    encode_png,
    filter_lines,
)
from noctis_tui.graphics.flattening import flatten
from noctis_tui.graphics.labels import overlay_rgb
from noctis_tui.graphics.picture import OVERLAY_COLORS, Picture

sides = st.integers(1, 60)
greys = arrays(np.uint8, st.tuples(sides, sides))
colors = arrays(np.uint8, st.tuples(sides, sides, st.just(3)))
both = pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
every_overlay = np.array([overlay_rgb(index) for index in range(256)], np.uint8)


def read(png, mode):
    image = Image.open(io.BytesIO(png))
    image.load()
    return np.asarray(image.convert(mode))


def depth_and_type(png):
    """Bits a sample, and the colour type, of an IHDR (PNG, third edition, 11.2.2)."""
    return png[24], png[25]


@st.composite
def overlays(draw, shape):
    overlay = draw(arrays(np.uint8, shape, elements=st.integers(0, len(OVERLAY_COLORS)), fill=st.just(0)))
    return np.where(overlay > 0, overlay | (draw(st.integers(0, 3)) << 4), 0).astype(np.uint8)


@both
@given(greys | colors)
@settings(max_examples=70, deadline=None)
def test_pixels_arrive_exactly(implementation, pixels):
    with using(implementation):
        png = encode_png(Picture(pixels))
    assert (read(png, "RGB" if pixels.ndim == 3 else "L") == pixels).all()


@both
@given(st.data(), greys | colors, st.booleans())
@settings(max_examples=70, deadline=None)
def test_an_overlay_arrives_exactly(implementation, data, pixels, few):
    pixels = pixels // 3 if few else pixels
    picture = Picture(pixels, data.draw(overlays(pixels.shape[:2])))
    with using(implementation):
        png = encode_png(picture)
    wanted = flatten(picture)
    wanted = wanted if wanted.ndim == 3 else np.repeat(wanted[..., None], 3, axis=2)
    assert (read(png, "RGB") == wanted).all()


@given(greys | colors)
@settings(max_examples=100, deadline=None)
def test_numpy_and_compiled_filters_write_the_same_bytes(pixels):
    lines, pixel = pixels.reshape(pixels.shape[0], -1), 3 if pixels.ndim == 3 else 1
    with using("numpy"):
        wanted = filter_lines(lines, pixel)
    with using("compiled"):
        assert filter_lines(lines, pixel) == wanted
        wide = np.pad(lines, ((0, 0), (2, 5)), constant_values=77)
        assert FILTERS.filter(wide[:, 2:-5], pixel) == wanted


@pytest.mark.parametrize("steepness", [1, 3, 9, 40])
@pytest.mark.parametrize("shape", [(64, 90), (31, 50, 3)])
def test_slopes_with_noise_arrive_exactly_by_either(steepness, shape):
    """Such as Paeth's filter is chosen for, with all its ties."""
    steps = np.random.default_rng(steepness).integers(-steepness, steepness + 1, shape)
    pixels = (128 + steps.cumsum(axis=0) // 2 + steps[::-1].cumsum(axis=1) // 3).clip(0, 255).astype(np.uint8)
    written = []
    for implementation in IMPLEMENTATIONS:
        with using(implementation):
            written.append(encode_png(Picture(pixels)))
    assert written[0] == written[1]
    assert (read(written[0], "RGB" if pixels.ndim == 3 else "L") == pixels).all()


@pytest.mark.parametrize("number", range(5))
def test_every_filter_is_chosen_where_it_leaves_least(number):
    noise = np.random.default_rng(5).integers(0, 256, (2, 400)).astype(np.uint8)
    ramp = np.cumsum(np.full(400, 37), dtype=np.uint8)
    lines = {
        0: np.stack([noise[0], np.zeros(400, np.uint8)]),
        1: np.stack([noise[0], ramp]),
        2: np.stack([noise[0], noise[0]]),
        3: noise.copy(),
        4: np.stack([noise[0], noise[0] + np.uint8(50)]),
    }[number]
    if number == 3:
        for x in range(400):
            before = int(lines[1, x - 1]) if x else 0
            lines[1, x] = (before + int(lines[0, x])) // 2
    for implementation in IMPLEMENTATIONS:
        with using(implementation):
            assert filter_lines(lines, 1)[401] == number


def test_an_overlay_takes_unused_greys_while_there_are_any():
    overlay = np.zeros((40, 50), np.uint8)
    overlay[10] = 2
    few = np.tile(np.arange(50, dtype=np.uint8), (40, 1))
    assert depth_and_type(encode_png(Picture(few))) == (8, 0)
    assert depth_and_type(encode_png(Picture(few, overlay))) == (8, 3)
    every = np.resize(np.arange(256, dtype=np.uint8), (40, 50))
    assert depth_and_type(encode_png(Picture(every, overlay))) == (8, 2)


@both
@given(st.data(), greys | colors, st.integers(2, 101), st.sampled_from((0, 0.5, 1)), st.integers(1, 3))
@settings(max_examples=70, deadline=None)
def test_a_draft_shows_its_palette(implementation, data, pixels, count, grain, block):
    picture = Picture(pixels, data.draw(st.none() | overlays(pixels.shape[:2])))
    quality = Quality((count,), grain, block)
    with using(implementation):
        png = encode_draft_png(picture, quality)
        indexed = index_picture(picture, quality, 256)
    assert (read(png, "RGB") == np.rint(indexed.percents * 2.55).astype(np.uint8)[indexed.indices]).all()


@pytest.mark.parametrize(("quality", "bits"), [(DRAFTS[0], 4), (DRAFTS[1], 4), (DRAFTS[2], 2)])
def test_a_draft_of_few_greys_packs_its_pixels(quality, bits):
    pixels = np.tile(np.arange(256, dtype=np.uint8), (33, 1))
    png = encode_draft_png(Picture(pixels), quality)
    assert depth_and_type(png) == (bits, 3)
    step = 255 / (quality.greys[0] - 1)
    assert np.abs(read(png, "L").astype(int) - pixels).max() <= step * 0.75 + 2


@given(st.data(), sides, sides)
@settings(max_examples=50, deadline=None)
def test_an_overlay_layer_is_transparent_where_nothing_is_drawn(data, rows, columns):
    overlay = data.draw(overlays((rows, columns)))
    shown = read(encode_overlay_png(overlay), "RGBA")
    assert (shown[overlay == 0][:, 3] == 0).all()
    assert (shown[overlay > 0][:, 3] == 255).all()
    assert (shown[overlay > 0][:, :3] == every_overlay[overlay[overlay > 0]]).all()


@pytest.mark.parametrize(
    "call",
    [
        lambda filter_: filter_(b"123", 1),
        lambda filter_: filter_(np.zeros((0, 3), np.uint8), 1),
        lambda filter_: filter_(np.zeros((2, 3), np.uint16), 1),
        lambda filter_: filter_(np.zeros((2, 6), np.uint8)[:, ::2], 1),
        lambda filter_: filter_(np.zeros((2, 6), np.uint8), 0),
        lambda filter_: filter_(np.zeros((2, 6), np.uint8), 9),
    ],
)
def test_compiled_filters_refuse_what_they_cannot_read(call):
    with using("compiled"), pytest.raises((ValueError, TypeError)):
        call(FILTERS.filter)
