"""Lines through a volume, compiled and in numpy: the same values, and nothing from outside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import map_coordinates

from noctis_tui.imaging.curves import compiled_lines, line_sampling
from noctis_tui.imaging.curves.line_sampling import values_on_lines
from noctis_tui.imaging.volume import Volume

LOOPS = compiled_lines.loops
needs_loops = pytest.mark.skipif(LOOPS is None, reason="installed without a compiler")
AFFINE = np.eye(4)[[2, 1, 0, 3]]  # LPS (x, y, z) is (i, j, k)


def both(volume, starts, steps, count, monkeypatch):
    compiled = values_on_lines(volume, starts, steps, count)
    with monkeypatch.context() as patch:
        patch.setattr(compiled_lines, "loops", None)
        return compiled, values_on_lines(volume, starts, steps, count)


@needs_loops
@pytest.mark.parametrize("dtype", [np.int16, np.uint16, np.uint8, np.float32])
@pytest.mark.parametrize("shape", [(9, 8, 7), (1, 5, 6), (5, 1, 6), (5, 6, 1), (1, 1, 1), (2, 2, 2)])
def test_both_find_the_same(dtype, shape, monkeypatch):
    random = np.random.default_rng(7)
    volume = Volume(random.integers(0, 255, shape).astype(dtype), AFFINE)
    starts, steps = random.uniform(-3, 9, (300, 3)), random.normal(scale=0.4, size=(300, 3))
    compiled, plain = both(volume, starts, steps, 90, monkeypatch)
    assert np.array_equal(np.isnan(compiled), np.isnan(plain))
    assert np.isfinite(compiled).any()
    assert np.nanmax(np.abs(compiled - plain), initial=0) <= 255 * 2e-7


@needs_loops
@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3),
    st.lists(st.sampled_from([0.0, 1.0, -1.0, 0.5, 1e-9, 1e-300, 1e6, -0.3]), min_size=3, max_size=3),
)
def test_any_line_is_cut_off_where_the_volume_ends(start, step):
    volume = Volume(np.ones((4, 5, 6), np.int16), AFFINE)
    points = np.array(start) % 8 - 1 + np.arange(150)[:, None] * np.array(step)
    with pytest.MonkeyPatch.context() as patch:
        for values in both(volume, points[:1], np.array([step]), 150, patch):
            indices = points[:, ::-1]
            away = np.maximum(-0.5 - indices, indices - (np.array(volume.shape) - 0.5)).max(axis=1)
            assert (values[0][away < 0] == 1).all()
            assert np.isnan(values[0][away > 2e-6 * 150]).all()


def through(shape, count=300):
    random = np.random.default_rng(7)
    return random.uniform(-3, max(shape) + 2, (count, 3)), random.normal(scale=0.4, size=(count, 3)), 90


@needs_loops
@pytest.mark.parametrize("dtype", [np.int16, np.uint16, np.uint8, np.float32])
@pytest.mark.parametrize("shape", [(9, 8, 7), (1, 5, 6), (5, 6, 1), (1, 1, 1)])
@pytest.mark.parametrize("share", [0.1, 0.6, 1.0])
def test_both_leave_padding_out_alike(dtype, shape, share, monkeypatch):
    random = np.random.default_rng(11)
    stored = random.integers(0, 255, shape).astype(dtype)
    stored[random.random(shape) < share] = 255
    volume = Volume(stored, AFFINE, padding_range=(250.0, 255.0))
    asked = through(shape)
    compiled, plain = both(volume, *asked, monkeypatch)
    assert np.array_equal(compiled, plain, equal_nan=True)
    without = values_on_lines(replace(volume, padding_range=None), *asked)
    lost = np.isnan(compiled) & ~np.isnan(without)
    assert lost.any() == (stored >= 250).any()
    assert np.nanmax(compiled, initial=0) < 250


@pytest.mark.parametrize("loops", [None, LOOPS], ids=["numpy", "compiled"])
@pytest.mark.parametrize("dtype", [np.int16, np.uint16, np.uint8, np.float32])
def test_a_volume_in_a_shell_of_padding_is_that_volume(dtype, loops, monkeypatch):
    monkeypatch.setattr(compiled_lines, "loops", loops)
    inner = np.random.default_rng(4).integers(0, 250, (9, 8, 7)).astype(dtype)
    around = np.pad(inner, ((2, 3), (4, 1), (3, 2)), constant_values=255)
    affine = AFFINE.copy()
    affine[:3, 3] = AFFINE[:3, :3] @ (-2, -4, -3)
    outer = Volume(around, affine, padding_range=(255.0, 255.0))
    asked = through(inner.shape)
    bare, seen = (values_on_lines(each, *asked) for each in (Volume(inner, AFFINE), outer))
    assert not np.isnan(bare).all()
    assert np.array_equal(np.isnan(bare), np.isnan(seen))
    np.testing.assert_allclose(seen, bare, atol=1e-3)


def test_in_cells_it_is_what_scipy_finds():
    stored = np.random.default_rng(3).integers(-1000, 3000, (20, 21, 22)).astype(np.int16)
    starts, steps = (
        np.array([[10.0, 10.0, 10.0], [2.5, 19.0, 1.0]]),
        np.array([[0.1, -0.2, 0.15], [0.3, -0.3, 0]]),
    )
    points = starts[:, None] + steps[:, None] * np.arange(40)[:, None]
    expected = map_coordinates(stored, points[..., ::-1].transpose(2, 0, 1), output=np.float64, order=1)
    values = values_on_lines(Volume(stored, AFFINE), starts, steps, 40)
    assert np.abs(values - expected).max() < 2e-3


def test_voxels_are_themselves():
    stored = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
    starts, steps = np.array([[0.0, j, k] for k in range(3) for j in range(4)]), np.array([[1.0, 0, 0]] * 12)
    assert np.array_equal(values_on_lines(Volume(stored, AFFINE), starts, steps, 5).reshape(3, 4, 5), stored)


def test_two_threads_find_what_one_finds(monkeypatch):
    volume = Volume(np.random.default_rng(3).random((20, 21, 22)).astype(np.float32), AFFINE)
    starts, steps = np.random.default_rng(4).uniform(0, 19, (401, 3)), np.full((401, 3), 0.05)
    apart = values_on_lines(volume, starts, steps, 100)
    monkeypatch.setattr(line_sampling, "share", lambda work, parts: [work(part) for part in parts])
    assert np.array_equal(apart, values_on_lines(volume, starts, steps, 100), equal_nan=True)


@needs_loops
@pytest.mark.parametrize("what", ["dtype", "lines", "rows", "out", "order", "read-only"])
def test_arrays_that_do_not_fit_are_refused(what):
    stored, lines = np.zeros((3, 3, 3), np.int16), np.zeros((2, 6))
    out = np.zeros((2, 4), np.float32)
    if what == "dtype":
        stored = stored.astype(np.int64)
    elif what == "lines":
        lines = np.zeros((2, 5))
    elif what == "rows":
        lines = np.zeros((3, 6))
    elif what == "out":
        out = np.zeros((2, 4))
    elif what == "order":
        stored = np.asfortranarray(np.zeros((3, 4, 5), np.int16))
    else:
        out.flags.writeable = False
    with pytest.raises((ValueError, BufferError)):
        LOOPS.sample_lines(stored, lines, out)


@needs_loops
@settings(deadline=None, max_examples=100)
@given(st.lists(st.floats(), min_size=6, max_size=6))
def test_nothing_makes_the_loop_read_elsewhere(line):
    """Whatever lines say, there is a value from the volume or none."""
    out = np.full((1, 70), 77, np.float32)
    LOOPS.sample_lines(np.ones((3, 4, 5), np.uint8), np.array([line]), out)
    assert (np.isnan(out) | (np.abs(out - 1) < 1e-6)).all()
