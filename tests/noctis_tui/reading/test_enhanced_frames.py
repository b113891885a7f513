"""Enhanced pictures: of the whole frame, whatever part is seen; kept; left out of drafts, which say so."""

from dataclasses import replace

import numpy as np
import pytest
from phantoms import write_image

from archive.pixels.display import display_values
from noctis_tui.imaging.enhancing.enhancement import Enhancement, EnhancementKind, enhance
from noctis_tui.reading import enhanced_frames
from noctis_tui.reading.enhanced_frames import EnhancedFrames
from noctis_tui.reading.frame_reading import read_frame
from noctis_tui.reading.placement import zoom_for_scale
from noctis_tui.reading.rendering import render
from noctis_tui.reading.viewport import OverlayLevel, ViewState

CLAHE = Enhancement(EnhancementKind.CLAHE, 60)
EDGES = Enhancement(EnhancementKind.EDGES, 60)


@pytest.fixture
def frame(tmp_path):
    y, x = np.mgrid[0:200, 0:200]
    pixels = (300 + 200 * np.sin(x / 9) + y).astype(np.int16)
    window = {"WindowCenter": "300", "WindowWidth": "400"}
    return read_frame(write_image(tmp_path / "image.dcm", pixels, **window), 0)


def _view(frame, size, **changes):
    view = replace(ViewState(overlay=OverlayLevel.NONE), **changes)
    return replace(view, zoom=zoom_for_scale(frame.shape, view, *size))


def _labels(picture):
    return "\n".join(label.text for label in picture.labels)


def test_what_is_seen_of_it_is_cut_out_of_the_enhanced_whole(frame):
    whole = enhance(display_values(frame.stored_values, frame.attributes), CLAHE)
    picture = render(frame, _view(frame, (80, 60), enhancement=CLAHE), 80, 60)
    assert np.array_equal(picture.pixels, whole[70:130, 60:140])


def test_inverting_comes_last(frame):
    view = _view(frame, (200, 200), enhancement=EDGES)
    plain = render(frame, view, 200, 200).pixels
    negative = render(frame, view.with_inversion_toggled(), 200, 200).pixels
    assert np.array_equal(negative, 255 - plain)


def test_a_draft_leaves_it_out_and_says_so_until_it_is_known(frame):
    enhanced_frames.ENHANCED_FRAMES._kept.clear()
    view = replace(ViewState(), enhancement=CLAHE)
    plain = render(frame, view.with_enhancement(None), 600, 600)
    draft = render(frame, view, 600, 600, draft=True)
    assert np.array_equal(draft.pixels, plain.pixels)
    assert "CLAHE 60 % when still" in _labels(draft)
    full = render(frame, view, 600, 600)
    assert not np.array_equal(full.pixels, plain.pixels)
    assert "enhanced: CLAHE 60 %" in _labels(full)
    assert np.array_equal(render(frame, view, 600, 600, draft=True).pixels, full.pixels)
    assert "enhanced" not in _labels(plain)


def test_little_text_says_it_too(frame):
    view = replace(ViewState(overlay=OverlayLevel.MINIMAL), enhancement=CLAHE)
    assert "enhanced: CLAHE" in _labels(render(frame, view, 600, 600))


def test_what_is_too_large_is_shown_as_it_is(frame, monkeypatch):
    monkeypatch.setattr(enhanced_frames, "LARGEST_PX", 100)
    view = replace(ViewState(), enhancement=CLAHE)
    picture = render(frame, view, 600, 600)
    assert np.array_equal(picture.pixels, render(frame, ViewState(), 600, 600).pixels)
    assert "not enhanced: too large" in _labels(picture)


def test_values_and_frame_stay_what_they_are(frame):
    before = frame.stored_values.copy()
    render(frame, replace(ViewState(), enhancement=CLAHE), 300, 300)
    assert np.array_equal(frame.stored_values, before)


def test_only_the_latest_are_kept(frame):
    kept = EnhancedFrames(memory_bytes=3 * 200 * 200)
    for strength in range(10, 60, 10):
        kept.of(frame, frame.own_vois[0], Enhancement(EnhancementKind.SHARPEN, strength))
    known = [
        kept.known(frame, frame.own_vois[0], Enhancement(EnhancementKind.SHARPEN, strength)) is not None
        for strength in range(10, 60, 10)
    ]
    assert known == [False, False, True, True, True]
    assert kept._held_bytes == 3 * 200 * 200


def test_resetting_shows_it_as_it_is():
    assert replace(ViewState(), enhancement=CLAHE).reset().enhancement is None
