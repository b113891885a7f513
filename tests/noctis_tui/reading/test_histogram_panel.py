"""The histogram over the picture: bars where values are, the window where it is."""

from dataclasses import replace

import numpy as np
import pytest
from phantoms import write_image

from archive.pixels.voi_lut import Window
from noctis_tui.reading.frame_reading import read_frame
from noctis_tui.reading.histogram_panel import BAR_INDEX, WINDOW_INDEX, panel_box
from noctis_tui.reading.rendering import render
from noctis_tui.reading.viewport import OverlayLevel, ViewState

SIZE = (800, 600)


@pytest.fixture
def frame(tmp_path):
    pixels = np.zeros((100, 100), np.int16)
    pixels[:, 50:] = 1000
    return read_frame(write_image(tmp_path / "image.dcm", pixels), 0)


def _panel(frame, **changes):
    view = replace(ViewState(), histogram=True, **changes)
    box = panel_box(frame, view, SIZE, 18)
    picture = render(frame, view, *SIZE)
    left, top, right, bottom = box
    return picture, picture.overlay[top:bottom, left:right]


def test_bars_stand_where_the_values_are(frame):
    _, panel = _panel(frame, window=Window(500, 200))
    bars = np.flatnonzero((panel == BAR_INDEX).any(axis=0))
    assert bars.min() <= 2
    assert bars.max() >= panel.shape[1] - 3
    assert not ((bars > 5) & (bars < panel.shape[1] - 6)).any()


def test_the_window_stands_where_it_is(frame):
    _, panel = _panel(frame, window=Window(500, 200))
    lines = np.flatnonzero((panel == WINDOW_INDEX).sum(axis=0) > panel.shape[0] // 2)
    assert lines == pytest.approx(np.array([0.4, 0.6]) * (panel.shape[1] - 2), abs=2)


def test_the_ends_are_named(frame):
    picture, _ = _panel(frame)
    assert any("0 … 1000" in label.text for label in picture.labels)


@pytest.mark.parametrize("size", [(30, 20), (1, 1)])
def test_where_there_is_no_room_there_is_none(frame, size):
    render(frame, replace(ViewState(), histogram=True), *size)
    assert panel_box(frame, replace(ViewState(), histogram=True), size, 18) is None


@pytest.mark.parametrize("size", [(48, 24), (60, 400), (400, 60), (80, 44)])
@pytest.mark.parametrize("line_px", [2, 18])
def test_small_panes_hold_it_without_harm(frame, size, line_px):
    render(frame, replace(ViewState(), histogram=True), *size, line_px=line_px)


def test_without_text_there_is_none(frame):
    view = replace(ViewState(overlay=OverlayLevel.NONE), histogram=True)
    assert render(frame, view, *SIZE).overlay is None


def test_the_ramp_falls_where_high_values_are_dark(frame):
    _, rising = _panel(frame, window=Window(500, 900))
    _, falling = _panel(frame, window=Window(500, 900), inverted=True)
    column = rising.shape[1] // 4
    low, high = (np.flatnonzero(panel[:, column] == WINDOW_INDEX).mean() for panel in (rising, falling))
    assert low > rising.shape[0] / 2 > high


@pytest.mark.parametrize(
    ("photometric", "shape", "falls"),
    [("MONOCHROME1", "IDENTITY", False), ("MONOCHROME1", None, True), ("MONOCHROME2", "INVERSE", True)],
)
def test_the_ramp_goes_as_the_picture_does(tmp_path, photometric, shape, falls):
    said = {"PhotometricInterpretation": photometric} | ({"PresentationLUTShape": shape} if shape else {})
    pixels = np.arange(10_000, dtype=np.int16).reshape(100, 100)
    frame = read_frame(write_image(tmp_path / "image.dcm", pixels, **said), 0)
    picture, panel = _panel(frame, window=Window(5000, 9000))
    top = np.flatnonzero(panel[:, panel.shape[1] // 4] == WINDOW_INDEX).mean() < panel.shape[0] / 2
    assert top is np.bool_(falls)
    assert (picture.pixels[150, 400] > picture.pixels[450, 400]) == falls
