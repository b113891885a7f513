from dataclasses import replace

import numpy as np
import pytest

from archive.pixels.display import display_values
from archive.pixels.voi_lut import Window
from noctis_tui.reading.frame_reading import read_frame
from noctis_tui.reading.placement import place, zoom_for_scale
from noctis_tui.reading.rendering import render
from noctis_tui.reading.viewport import OverlayLevel, ViewState

PLAIN = ViewState(overlay=OverlayLevel.NONE)


def _volume(shared_data, name, place=0):
    return sorted(file for file in (shared_data / "volumes" / name).iterdir() if file.is_file())[place]


@pytest.fixture
def ct(shared_data):
    return read_frame(_volume(shared_data, "ct_chest_cmb_crc", 30))


def _at_true_size(frame, view, size):
    return replace(view, zoom=zoom_for_scale(frame.shape, view, *size))


@pytest.mark.parametrize("size", [(512, 512), (700, 600), (701, 601), (200, 300)])
@pytest.mark.parametrize("window", [None, Window(-600, 1500), Window(40, 80)])
def test_at_true_size_the_picture_is_the_display_values(ct, size, window):
    view = _at_true_size(ct, replace(PLAIN, window=window), size)
    picture = render(ct, view, *size)
    display = display_values(ct.stored_values, ct.attributes, voi=window)
    placement = place(ct.shape, view, *size)
    left, top, right, bottom = (round(edge) for edge in placement.screen_box())
    expected = np.zeros((size[1], size[0]), np.uint8)
    shown = expected[max(top, 0) : bottom, max(left, 0) : right]
    shown[:] = display[max(-top, 0) :, max(-left, 0) :][: shown.shape[0], : shown.shape[1]]
    assert np.array_equal(picture.pixels, expected)
    assert picture.overlay is None
    assert picture.labels == ()


@pytest.mark.parametrize("turns", range(4))
def test_an_enlarged_picture_knows_its_own_pixels(ct, turns):
    view = replace(PLAIN, quarter_turns=turns)
    own = render(ct, view, 1024, 1024).native()
    assert np.array_equal(own, np.rot90(display_values(ct.stored_values, ct.attributes), -turns))
    assert render(ct, view, 1000, 1003).native().shape == (514, 512)
    assert render(ct, view, 600, 600).native is None
    assert render(ct, replace(view, zoom=20), 1024, 1024).native is None


def test_inverting_gives_the_negative(ct):
    view = _at_true_size(ct, PLAIN, (512, 512))
    plain = render(ct, view, 512, 512).pixels
    negative = render(ct, view.with_inversion_toggled(), 512, 512).pixels
    assert np.array_equal(negative, 255 - plain)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("turns", range(4))
def test_turned_pixels_lie_where_the_placement_says(ct, turns, mirrored):
    view = _at_true_size(ct, replace(PLAIN, quarter_turns=turns, mirrored=mirrored), (512, 512))
    pixels = render(ct, view, 512, 512).pixels
    display = display_values(ct.stored_values, ct.attributes)
    expected = np.rot90(np.fliplr(display) if mirrored else display, -turns)
    assert np.array_equal(pixels, expected)
    placement = place(ct.shape, view, 512, 512)
    for x, y in ((10, 20), (300, 100), (511, 511)):
        column, row = placement.image_pixel(x + 0.5, y + 0.5)
        assert pixels[y, x] == display[row, column]


@pytest.mark.parametrize("zoom", [0.3, 1.7, 5.0, 20.0])
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_bright_pixel_appears_where_the_placement_says(ct, zoom, turns):
    stored = np.full((64, 48), ct.stored_values.min(), ct.stored_values.dtype)
    stored[40, 10] = ct.stored_values.max()
    frame = replace(ct, stored_values=stored)
    view = replace(PLAIN, zoom=zoom, quarter_turns=turns, mirrored=turns == 3, center=(0.22, 0.63))
    size = (257, 203)
    pixels = render(frame, replace(view, window=Window(0, 4000)), *size).pixels.astype(float)
    assert pixels.sum() > 0
    ys, xs = np.mgrid[0 : size[1], 0 : size[0]]
    center = (xs * pixels).sum() / pixels.sum() + 0.5, (ys * pixels).sum() / pixels.sum() + 0.5
    expected = place(frame.shape, view, *size).screen_point(10.5, 40.5)
    scale = place(frame.shape, view, *size).scale
    assert center == pytest.approx(expected, abs=0.75 + 0.1 * scale)


def test_anisotropic_pixels_are_shown_at_their_true_shape(shared_data):
    frame = read_frame(_volume(shared_data, "mr_head_t1_defaced", 27))
    row_mm, column_mm = frame.attributes.pixel_spacing
    assert row_mm != column_mm
    left, top, right, bottom = place(frame.shape, PLAIN, 900, 900).screen_box()
    assert (right - left) / (bottom - top) == pytest.approx(
        frame.shape.columns * column_mm / (frame.shape.rows * row_mm)
    )


def test_a_colour_frame_is_shown_as_it_is(shared_data):
    frame = read_frame(shared_data / "single" / "us_rgb_interleaved.dcm")
    rows, columns = frame.stored_values.shape[:2]
    view = _at_true_size(frame, PLAIN, (columns, rows))
    pixels = render(frame, view, columns, rows).pixels
    shown = pixels if frame.shape.pixel_height == frame.shape.pixel_width else None
    assert shown is None or np.array_equal(shown, frame.stored_values)
    assert pixels.shape == (rows, columns, 3)


def test_monochrome1_shows_low_values_bright(shared_data):
    frame = read_frame(shared_data / "single" / "cr_mono1_chest.dcm")
    assert frame.attributes.photometric_interpretation == "MONOCHROME1"
    pixels = render(frame, _at_true_size(frame, PLAIN, (440, 440)), 440, 440).pixels
    stored = frame.stored_values
    assert pixels[stored == stored.min()].mean() > pixels[stored == stored.max()].mean()


@pytest.mark.parametrize("size", [(1, 1), (3, 700), (80, 44)])
def test_any_size_makes_a_picture(ct, size):
    for zoom in (0.1, 1, 64):
        picture = render(ct, ViewState(zoom=zoom), *size, line_px=2)
        assert picture.size_px == size


def test_a_picture_panned_out_of_sight_is_black(ct):
    view = replace(PLAIN, zoom=64, center=(0.0, 0.0))
    assert render(ct, view, 40, 40).pixels.shape == (40, 40)


def test_a_series_without_windows_keeps_its_greys(shared_data):
    first, second = (read_frame(_volume(shared_data, "mr_head_t1_defaced", n)) for n in (2, 27))
    assert not first.has_own_voi
    assert first.voi(PLAIN) != second.voi(PLAIN)
    pinned = replace(PLAIN, automatic_window=second.own_vois[0])
    assert first.voi(pinned) == second.voi(pinned) == second.own_vois[0]
