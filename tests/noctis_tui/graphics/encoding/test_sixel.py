import os
import re

import numpy as np
import pytest
from compiled_loops import COMPILED, IMPLEMENTATIONS, using
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pydicom import dcmread
from sixel_reader import read_sixel

from noctis_tui.graphics.encoding.dither import Indexed, Quality, index_picture
from noctis_tui.graphics.encoding.sixel import LEVELS, encode_indexed, encode_sixel
from noctis_tui.graphics.labels import draw_labels
from noctis_tui.graphics.picture import OVERLAY_COLORS, Label, Picture

sides = st.integers(1, 40)
both = pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
qualities = st.builds(
    Quality,
    st.lists(st.integers(2, 101), min_size=1, max_size=3).map(tuple),
    st.sampled_from((0.0, 0.5, 1.0)),
    st.integers(1, 5),
    st.floats(20, 60),
)


def psnr(shown, wanted):
    return 10 * np.log10(255**2 / max(((shown.astype(float) - wanted) ** 2).mean(), 1e-9))


def slices_like(rows, columns, seed=3):
    """A smooth body with noise, black around it, as a windowed CT slice is."""
    y, x = np.mgrid[:rows, :columns]
    radius = np.hypot((x - columns / 2) / columns, (y - rows / 2) / rows)
    body = np.where(radius < 0.45, 140 + 60 * np.sin(x / 17) * np.cos(y / 23), 0)
    noise = np.random.default_rng(seed).normal(0, 4, body.shape)
    return np.clip(body + noise * (body > 0), 0, 255).astype(np.uint8)


@st.composite
def indexed_pictures(draw):
    """Any size and number of colours; noise, and pictures with runs and flat parts."""
    rows, columns, colors = draw(sides), draw(sides), draw(st.integers(1, 256))
    indices = draw(arrays(np.uint8, (rows, columns), elements=st.integers(0, colors - 1)))
    if draw(st.booleans()):
        wide = draw(st.integers(1, 9))
        indices = np.repeat(np.repeat(indices, draw(st.integers(1, 4)), axis=0), wide, axis=1)
    percents = np.arange(colors * 3).reshape(-1, 3).astype(np.uint8) % 101
    return Indexed(indices, percents)


def colors_of(indexed):
    return (indexed.percents[indexed.indices].astype(int) * 255 + 50) // 100


def test_the_loops_are_compiled_where_nothing_may_be_missing():
    assert COMPILED is not None or not os.environ.get("NOCTIS_NOTHING_MAY_SLEEP")


@both
@given(indexed_pictures())
@settings(max_examples=150, deadline=None)
def test_indices_arrive_exactly(implementation, indexed):
    with using(implementation):
        data = encode_indexed(indexed)
    assert (read_sixel(data) == colors_of(indexed)).all()


@given(indexed_pictures())
@settings(max_examples=150, deadline=None)
def test_numpy_and_compiled_loops_write_the_same_bytes(indexed):
    with using("numpy"):
        wanted = encode_indexed(indexed)
    with using("compiled"):
        assert encode_indexed(indexed, overpaint=False) == wanted
        # Whatever lies beside the picture in its array must not matter.
        wide = np.full((indexed.indices.shape[0], indexed.indices.shape[1] + 3), 255, np.uint8)
        wide[:, 1:-2] = indexed.indices
        part = Indexed(wide[:, 1:-2], indexed.percents)
        assert encode_indexed(part, overpaint=False) == wanted
    read_sixel(wanted, once=True)


@given(indexed_pictures())
@settings(max_examples=100, deadline=None)
def test_painting_over_takes_no_more_bytes(indexed):
    with using("compiled"):
        # Two runs of one pixel can become one of two; a select of two digits can come last, not first.
        assert len(encode_indexed(indexed)) <= len(encode_indexed(indexed, overpaint=False))


@given(arrays(np.uint8, st.tuples(sides, sides)), qualities, st.integers(16, 256), st.data())
@settings(max_examples=150, deadline=None)
def test_numpy_and_compiled_loops_choose_the_same_indices(pixels, quality, registers, data):
    overlay = data.draw(
        st.none() | arrays(np.uint8, pixels.shape, elements=st.integers(0, 255), fill=st.just(0))
    )
    pictures = []
    for implementation in IMPLEMENTATIONS:
        with using(implementation):
            data_ = encode_sixel(Picture(pixels, overlay), quality, registers=registers)
            pictures.append(read_sixel(data_))
            assert len(re.findall(rb"#\d+;2;", data_)) <= registers
    assert (pictures[0] == pictures[1]).all()


@both
@given(arrays(np.uint8, st.tuples(sides, sides)), st.integers(2, 101), st.sampled_from((0, 0.5, 1)))
@settings(max_examples=100, deadline=None)
def test_greys_stay_within_one_step(implementation, pixels, greys, grain):
    with using(implementation):
        shown = read_sixel(encode_sixel(Picture(pixels), Quality((greys,), grain)))
    assert (shown[..., 0] == shown[..., 1]).all()
    assert (shown[..., 0] == shown[..., 2]).all()
    assert np.abs(shown[..., 0].astype(int) - pixels).max() <= 255 / (greys - 1) * (1 + grain) / 2 + 2.55


@both
@given(arrays(np.uint8, st.tuples(sides, sides)), st.integers(2, 16))
@settings(max_examples=60, deadline=None)
def test_blocks_show_their_mean(implementation, pixels, block):
    with using(implementation):
        shown = read_sixel(encode_sixel(Picture(pixels), Quality((101,), 0, block)))[..., 0]
    for top in range(0, pixels.shape[0], block):
        for left in range(0, pixels.shape[1], block):
            part = np.s_[top : top + block, left : left + block]
            assert np.ptp(shown[part]) == 0
            assert abs(float(shown[part].mean()) - pixels[part].mean()) <= 2.8


@both
@pytest.mark.parametrize(("greys", "bound"), [(16, 31), (24, 34), (64, 42), (101, 46)])
@pytest.mark.parametrize("size", [(128, 128), (97, 211)])
def test_a_slice_keeps_its_quality(implementation, greys, bound, size):
    pixels = slices_like(*size)
    with using(implementation):
        full = read_sixel(encode_sixel(Picture(pixels), Quality((greys,))))[..., 0]
        half = read_sixel(encode_sixel(Picture(pixels), Quality((greys,), grain=0.5)))[..., 0]
    assert psnr(full, pixels) > bound
    assert psnr(half, pixels) > bound + 1.5


@both
@pytest.mark.parametrize("contrast", [0.5, 1, 3])
def test_a_picture_at_rest_keeps_49_decibels(implementation, contrast):
    body = slices_like(211, 190)
    pixels = np.clip((body - 120.0) * contrast + 120, 0, 255).astype(np.uint8) * (body > 0)
    with using(implementation):
        shown = read_sixel(encode_sixel(Picture(pixels), LEVELS[0]))[..., 0]
    assert psnr(shown, pixels) >= 49


@pytest.mark.shared
@pytest.mark.parametrize("series", ["ct_chest_cmb_crc", "ct_head_phantom_5mm", "mr_liver_haste_coronal"])
@pytest.mark.parametrize("window", [(0, 100), (2, 98), (20, 99.5)])
def test_a_real_slice_at_rest_keeps_49_decibels(shared_data, series, window):
    paths = sorted((shared_data / "volumes" / series).iterdir())
    values = dcmread(paths[len(paths) // 2]).pixel_array.astype(float)
    low, high = np.percentile(values, window)
    pixels = np.clip((values - low) / (high - low) * 255, 0, 255).astype(np.uint8)
    indexed = index_picture(Picture(pixels), LEVELS[0], 256)
    assert psnr(colors_of(indexed)[..., 0], pixels) >= 49


def test_each_level_takes_fewer_bytes():
    picture = Picture(slices_like(300, 300))
    lengths = [len(encode_sixel(picture, level)) for level in LEVELS]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[-1] < lengths[0] / 4


@both
def test_dithered_greys_have_the_right_mean(implementation):
    ramp = np.tile(np.repeat(np.arange(0, 256, 5, dtype=np.uint8), 32), (64, 1))
    with using(implementation):
        shown = read_sixel(encode_sixel(Picture(ramp), Quality((16,))))[..., 0].astype(float)
    means = shown.reshape(64, -1, 32).mean(axis=(0, 2))
    assert np.abs(means - np.arange(0, 256, 5)).max() < 1.5


@pytest.mark.parametrize("level", LEVELS)
def test_black_and_white_are_exact(level):
    pixels = np.repeat(np.array([[0] * 6 + [255] * 6], np.uint8), 8, axis=0)
    assert (read_sixel(encode_sixel(Picture(pixels), level))[..., 0] == pixels).all()


@both
@given(arrays(np.uint8, st.tuples(sides, sides)), st.sampled_from(LEVELS), st.data())
@settings(max_examples=60, deadline=None)
def test_overlay_colors_are_exact(implementation, pixels, level, data):
    overlay = data.draw(arrays(np.uint8, pixels.shape, elements=st.integers(0, len(OVERLAY_COLORS))))
    with using(implementation):
        shown = read_sixel(encode_sixel(Picture(pixels, overlay), level))
    wanted = np.array([(0, 0, 0), *OVERLAY_COLORS])[overlay]
    # A sixel colour is stated in percent: half a percent of 255 is the most that can be lost.
    assert np.abs(shown[overlay > 0].astype(int) - wanted[overlay > 0]).max(initial=0) <= 2


@both
def test_color_keeps_its_quality(implementation):
    y, x = np.mgrid[:120, :150]
    pixels = np.stack([x * 255 // 149, y * 255 // 119, (x + y) * 255 // 268], axis=2).astype(np.uint8)
    with using(implementation):
        shown = read_sixel(encode_sixel(Picture(pixels)))
    assert psnr(shown, pixels) > 20
    smooth = [plane.reshape(12, 10, 15, 10, 3).mean(axis=(1, 3)) for plane in (shown.astype(float), pixels)]
    assert np.abs(smooth[0] - smooth[1]).max() < 12


def test_grey_parts_of_a_color_picture_have_greys_of_their_own():
    grey = slices_like(90, 90)
    shown = read_sixel(encode_sixel(Picture(np.repeat(grey[..., None], 3, axis=2))))
    assert psnr(shown[..., 1], grey) > 34


@both
@pytest.mark.parametrize("registers", [16, 64, 256])
@pytest.mark.parametrize("is_color", [False, True])
def test_no_more_registers_than_the_terminal_has(implementation, registers, is_color):
    grey = slices_like(60, 70)
    pixels = np.stack([grey, 255 - grey, grey // 2], axis=2) if is_color else grey
    overlay = np.resize(np.arange(len(OVERLAY_COLORS) + 1, dtype=np.uint8), grey.shape)
    picture = draw_labels(Picture(pixels, overlay, (Label("R\n123", "left", 2),)), 14)
    with using(implementation):
        data = encode_sixel(picture, registers=registers)
    read_sixel(data)
    assert len(re.findall(rb"#\d+;2;", data)) <= registers


@both
@given(st.integers(1, 9999))
@settings(max_examples=30, deadline=None)
def test_long_runs_are_counted(implementation, columns):
    pixels = np.zeros((7, columns), np.uint8)
    pixels[:, columns // 2] = 255
    with using(implementation):
        assert (read_sixel(encode_sixel(Picture(pixels)))[..., 0] == pixels).all()


@both
def test_what_is_wider_than_a_run_can_be_is_refused(implementation):
    with using(implementation), pytest.raises(ValueError, match="10000 columns"):
        encode_sixel(Picture(np.zeros((1, 10_000), np.uint8)))


BAD_ARGUMENTS = {
    "no picture": lambda loops, _: loops.bands(b"123", 1),
    "no rows": lambda loops, _: loops.bands(np.zeros((0, 5), np.uint8), 1),
    "three axes": lambda loops, _: loops.bands(np.zeros((2, 5, 3), np.uint8), 1),
    "wide samples": lambda loops, _: loops.bands(np.zeros((2, 5), np.uint16), 1),
    "gaps in the rows": lambda loops, _: loops.bands(np.zeros((2, 10), np.uint8)[:, ::2], 1),
    "too wide": lambda loops, _: loops.bands(np.zeros((2, 10_000), np.uint8), 1),
    "a short table": lambda loops, out: loops.index(out, out, bytes(255), bytes(256), 1, out),
    "blocks of nothing": lambda loops, out: loops.index(out, out, bytes(256), bytes(256), 0, out),
    "another size": lambda loops, out: loops.index(out[:2], out, bytes(256), bytes(256), 1, out),
    "a short overlay table": lambda loops, out: loops.overlay(out, bytes(3), out),
    "an overlay of another size": lambda loops, out: loops.overlay(out[1:], bytes(256), out),
}


@pytest.mark.parametrize("call", BAD_ARGUMENTS.values(), ids=BAD_ARGUMENTS)
def test_compiled_loops_refuse_what_they_cannot_read(call):
    with using("compiled"), pytest.raises((ValueError, TypeError)):
        call(COMPILED, np.zeros((4, 4), np.uint8))


def test_compiled_loops_do_not_write_into_what_is_read_only():
    out = np.zeros((4, 4), np.uint8)
    out.flags.writeable = False
    with using("compiled"), pytest.raises((ValueError, BufferError)):
        COMPILED.overlay(np.ones((4, 4), np.uint8), bytes(256), out)


@both
def test_only_what_is_used_is_defined(implementation):
    indexed = Indexed(np.array([[3, 3, 9]], np.uint8), np.zeros((20, 3), np.uint8))
    with using(implementation):
        data = encode_indexed(indexed)
    assert re.findall(rb"#(\d+);2;", data) == [b"3", b"9"]
