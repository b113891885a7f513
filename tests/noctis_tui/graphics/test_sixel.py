import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sixel_reader import read_sixel

from noctis_tui.graphics.dither import Indexed
from noctis_tui.graphics.labels import draw_labels
from noctis_tui.graphics.picture import OVERLAY_COLORS, Label, Picture
from noctis_tui.graphics.sixel import encode_indexed, encode_sixel

sides = st.integers(1, 40)


def psnr(shown, wanted):
    return 10 * np.log10(255**2 / max(((shown.astype(float) - wanted) ** 2).mean(), 1e-9))


def slices_like(rows, columns, seed=3):
    """A smooth body with noise, black around it, as a windowed CT slice is."""
    y, x = np.mgrid[:rows, :columns]
    radius = np.hypot((x - columns / 2) / columns, (y - rows / 2) / rows)
    body = np.where(radius < 0.45, 140 + 60 * np.sin(x / 17) * np.cos(y / 23), 0)
    noise = np.random.default_rng(seed).normal(0, 4, body.shape)
    return np.clip(body + noise * (body > 0), 0, 255).astype(np.uint8)


@given(st.data(), sides, sides, st.integers(1, 256))
@settings(max_examples=150, deadline=None)
def test_indices_arrive_exactly(data, rows, columns, colors):
    indices = data.draw(arrays(np.uint8, (rows, columns), elements=st.integers(0, colors - 1)))
    percents = np.arange(colors * 3).reshape(-1, 3).astype(np.uint8) % 101
    shown = read_sixel(encode_indexed(Indexed(indices, percents)))
    assert (shown == (percents[indices].astype(int) * 255 + 50) // 100).all()


@given(arrays(np.uint8, st.tuples(sides, sides)), st.integers(2, 101))
@settings(max_examples=100, deadline=None)
def test_greys_stay_within_one_step(pixels, greys):
    shown = read_sixel(encode_sixel(Picture(pixels), greys=greys))
    assert (shown[..., 0] == shown[..., 1]).all()
    assert (shown[..., 0] == shown[..., 2]).all()
    assert np.abs(shown[..., 0].astype(int) - pixels).max() <= 255 / (greys - 1) + 2.55


@pytest.mark.parametrize(("greys", "bound"), [(16, 31), (24, 34), (64, 42), (101, 46)])
@pytest.mark.parametrize("size", [(128, 128), (97, 211)])
def test_a_slice_keeps_its_quality(greys, bound, size):
    pixels = slices_like(*size)
    assert psnr(read_sixel(encode_sixel(Picture(pixels), greys=greys))[..., 0], pixels) > bound


def test_dithered_greys_have_the_right_mean():
    ramp = np.tile(np.repeat(np.arange(0, 256, 5, dtype=np.uint8), 32), (64, 1))
    shown = read_sixel(encode_sixel(Picture(ramp), greys=16))[..., 0].astype(float)
    means = shown.reshape(64, -1, 32).mean(axis=(0, 2))
    assert np.abs(means - np.arange(0, 256, 5)).max() < 1.5


def test_black_and_white_are_exact():
    pixels = np.repeat(np.array([[0, 255]], np.uint8), 8, axis=0)
    assert (read_sixel(encode_sixel(Picture(pixels)))[..., 0] == pixels).all()


@given(arrays(np.uint8, st.tuples(sides, sides)), st.data())
@settings(max_examples=60, deadline=None)
def test_overlay_colors_are_exact(pixels, data):
    overlay = data.draw(arrays(np.uint8, pixels.shape, elements=st.integers(0, len(OVERLAY_COLORS))))
    shown = read_sixel(encode_sixel(Picture(pixels, overlay)))
    wanted = np.array([(0, 0, 0), *OVERLAY_COLORS])[overlay]
    # A sixel colour is stated in percent: half a percent of 255 is the most that can be lost.
    assert np.abs(shown[overlay > 0].astype(int) - wanted[overlay > 0]).max(initial=0) <= 2


def test_color_keeps_its_quality():
    y, x = np.mgrid[:120, :150]
    pixels = np.stack([x * 255 // 149, y * 255 // 119, (x + y) * 255 // 268], axis=2).astype(np.uint8)
    shown = read_sixel(encode_sixel(Picture(pixels)))
    assert psnr(shown, pixels) > 20
    smooth = [plane.reshape(12, 10, 15, 10, 3).mean(axis=(1, 3)) for plane in (shown.astype(float), pixels)]
    assert np.abs(smooth[0] - smooth[1]).max() < 12


def test_grey_parts_of_a_color_picture_have_greys_of_their_own():
    grey = slices_like(90, 90)
    shown = read_sixel(encode_sixel(Picture(np.repeat(grey[..., None], 3, axis=2))))
    assert psnr(shown[..., 1], grey) > 34


@pytest.mark.parametrize("registers", [16, 64, 256])
@pytest.mark.parametrize("is_color", [False, True])
def test_no_more_registers_than_the_terminal_has(registers, is_color):
    grey = slices_like(60, 70)
    pixels = np.stack([grey, 255 - grey, grey // 2], axis=2) if is_color else grey
    overlay = np.resize(np.arange(len(OVERLAY_COLORS) + 1, dtype=np.uint8), grey.shape)
    picture = draw_labels(Picture(pixels, overlay, (Label("R\n123", "left", 2),)), 14)
    data = encode_sixel(picture, registers=registers)
    read_sixel(data)
    assert len(re.findall(rb"#\d+;2;", data)) <= registers


@given(st.integers(1, 2000))
@settings(max_examples=30, deadline=None)
def test_long_runs_are_counted(columns):
    pixels = np.zeros((7, columns), np.uint8)
    pixels[:, columns // 2] = 255
    assert (read_sixel(encode_sixel(Picture(pixels)))[..., 0] == pixels).all()
