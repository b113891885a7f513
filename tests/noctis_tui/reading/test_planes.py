"""Shutters and overlay planes in pictures: where they fall when the image is reduced, enlarged and turned."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import phantoms
import pytest

from noctis_tui.graphics.flattening import flatten
from noctis_tui.graphics.picture import OUTLINE_INDEX
from noctis_tui.reading.frame_reading import read_frame
from noctis_tui.reading.planes import OVERLAY_PLANE_INDEX, sample_for_sample
from noctis_tui.reading.rendering import render
from noctis_tui.reading.viewport import OverlayLevel, ViewState

if TYPE_CHECKING:
    from pathlib import Path

    from noctis_tui.reading.loaded_frame import LoadedFrame

ROWS, COLUMNS = 40, 60


@pytest.fixture
def frame(tmp_path: Path) -> LoadedFrame:
    """An image of one bright value: overlay on one pixel, a shutter that leaves the left two thirds."""
    path = phantoms.write_image(
        tmp_path / "i.dcm",
        np.full((ROWS, COLUMNS), 200, np.uint8),
        ShutterShape="RECTANGULAR",
        ShutterLeftVerticalEdge=1,
        ShutterRightVerticalEdge=40,
        ShutterUpperHorizontalEdge=1,
        ShutterLowerHorizontalEdge=40,
    )
    plane = np.zeros((ROWS, COLUMNS), np.bool_)
    plane[10, 20] = True
    return dataclasses.replace(read_frame(path), overlay_plane=plane)


@pytest.mark.parametrize("size", [(60, 40), (240, 160), (30, 20), (9, 6)])
def test_one_bit_is_seen_at_every_size(frame: LoadedFrame, size):
    picture = render(frame, ViewState(), *size)
    down, across = np.nonzero(picture.overlay == OVERLAY_PLANE_INDEX)
    scale = size[0] / COLUMNS
    assert (across.min(), down.min()) == (int(20 * scale), int(10 * scale))
    assert len(across) == max(round(scale), 1) ** 2


def test_bits_have_a_dark_outline(frame: LoadedFrame):
    overlay = render(frame, ViewState(), 60, 40).overlay
    assert overlay[9, 19] == overlay[11, 21] == OUTLINE_INDEX


@pytest.mark.parametrize("size", [(60, 40), (240, 160)])
def test_the_shutter_hides_and_inverting_leaves_it_dark(frame: LoadedFrame, size):
    for view in (ViewState(), dataclasses.replace(ViewState(), inverted=True)):
        pixels = render(frame, view, *size).pixels
        edge = round(40 * size[0] / COLUMNS)
        assert not pixels[:, edge:].any()
        assert pixels[:, :edge].all()


@pytest.mark.parametrize("quarter_turns", [0, 1, 2, 3])
@pytest.mark.parametrize("mirrored", [False, True])
def test_planes_turn_with_the_image(frame: LoadedFrame, quarter_turns, mirrored):
    view = dataclasses.replace(ViewState(), quarter_turns=quarter_turns, mirrored=mirrored)
    side = 120
    picture = render(frame, view, side, side)
    mask = np.zeros((ROWS, COLUMNS), np.uint8)
    mask[10, 20] = 1
    mask = mask[:, ::-1] if mirrored else mask
    mask = np.rot90(mask, -quarter_turns)
    expected = mask.repeat(2, 0).repeat(2, 1)
    at = np.argwhere(picture.overlay == OVERLAY_PLANE_INDEX).min(0)
    margin = [(side - length) // 2 for length in expected.shape]
    assert (at - margin).tolist() == np.argwhere(expected).min(0).tolist()
    hidden = (picture.pixels == 0).sum() - (side * side - expected.size)
    assert hidden == 4 * ROWS * 20


def test_nothing_is_drawn_when_overlays_are_off(frame: LoadedFrame):
    off = dataclasses.replace(ViewState(), overlay=OverlayLevel.NONE)
    assert render(frame, off, 60, 40).overlay is None
    assert not render(frame, off, 60, 40).pixels[:, 40:].any()  # the shutter is no text


def test_sample_for_sample_draws_planes_white_and_keeps_grey(frame: LoadedFrame):
    display = sample_for_sample(frame.stored_values, frame)
    assert display.shape == (ROWS, COLUMNS)
    assert display[10, 20] == 255
    assert not display[:, 40:].any()
    assert (display[:, :40] == 200).sum() == 40 * 40 - 1


def test_a_picture_without_planes_is_not_copied(frame: LoadedFrame):
    plain = dataclasses.replace(
        frame, overlay_plane=None, attributes=dataclasses.replace(frame.attributes, shutter=None)
    )
    assert sample_for_sample(plain.stored_values, plain) is plain.stored_values
    assert flatten(render(plain, ViewState(), 60, 40)).shape[2:] in {(), (3,)}


def test_a_reader_lifts_the_shutter_and_the_planes_each_by_itself(frame: LoadedFrame):
    lifted = render(frame, ViewState().with_shutter_toggled(), 900, 600)
    assert lifted.pixels.all()
    assert (lifted.overlay == OVERLAY_PLANE_INDEX).any()
    assert "shutter lifted" in _said(lifted)
    bare = render(frame, ViewState().with_planes_toggled(), 900, 600)
    assert not (bare.overlay is not None and (bare.overlay == OVERLAY_PLANE_INDEX).any())
    assert not bare.pixels.all()
    assert "overlay planes off" in _said(bare)
    both = ViewState().with_shutter_toggled().with_planes_toggled()
    assert both.reset() == ViewState()
    plain = dataclasses.replace(frame, overlay_plane=None)
    assert "planes" not in _said(render(plain, both, 900, 600))


def _said(picture) -> str:
    return " ".join(label.text for label in picture.labels)
